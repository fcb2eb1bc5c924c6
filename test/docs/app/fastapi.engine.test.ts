import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { pythonWith } from "../../support/python";
import { PROJECT } from "../page";
import { AppPage } from "./app";
import { duties } from "./duties";
import { until } from "./world";

const PAGE = new AppPage("docs/how-to/app-fastapi.md");

/** The app of the page as it stands there, on what the page installs. */
const running = duties(async (world) => {
  const venv = await pythonWith("docs-app", join(__dirname, "requirements.txt"));
  if (venv === undefined) throw new Error("The app needs Python 3.11 or later as python3 on PATH.");
  expect(PAGE.write(world.dir)).toEqual(["app.py"]);
  return world.serve(PAGE.command("uvicorn"), {
    port: "8000",
    path: "/flags",
    cwd: world.dir,
    env: world.env({
      PATH: [join(venv, "bin"), process.env.PATH].join(delimiter),
      PYTHONPATH: join(PROJECT, "kit", "python"),
      // Bytecode beside the sources would be taken for sources.
      PYTHONDONTWRITEBYTECODE: "1",
    }),
  });
});

test("what was asked right before its end is told", async () => {
  const { world, url, service } = running();
  const told = async () =>
    (await world.told("Search", "SearchRequests")).reduce((sum, { sum: one }) => sum + one, 0);
  const before = await told();
  for (let one = 0; one < 3; one++) await fetch(`${url}/search`);
  await service.stop();
  await until("the last requests are told", async () => (await told()) >= before + 3);
});
