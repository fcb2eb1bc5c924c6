import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { PROJECT } from "../../sandbox/support";
import { installKit, KIT } from "../../support/kit";

let app: string;

/** An app of somebody's, with the kit as npm would install it. */
beforeAll(async () => {
  app = mkdtempSync(join(tmpdir(), "cutover-kit-"));
  await installKit(app);
  for (const one of ["@openfeature", "@aws-sdk"])
    symlinkSync(join(PROJECT, "node_modules", one), join(app, "node_modules", one));
});

afterAll(() => rmSync(app, { recursive: true, force: true }));

test("the README's app runs as it stands there", async () => {
  const [, code = ""] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(KIT, "README.md"), "utf8")) ?? [];
  const listening = code.replace(
    /(server\.listen\().*\);/,
    "$10, () => console.log(server.address().port));",
  );
  expect(listening).not.toBe(code);
  writeFileSync(join(app, "app.mjs"), listening);
  const child = spawn(process.execPath, ["app.mjs"], {
    cwd: app,
    env: { ...process.env, AWS_REGION: "eu-central-1", AWS_ENDPOINT_URL: "http://127.0.0.1:1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stderr.on("data", (data) => {
    said += data;
  });
  const port = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once("line", resolve);
    child.once("exit", () => reject(new Error(said)));
  });
  const told = await (await fetch(`http://127.0.0.1:${port}/flags`)).json();
  expect(told).toMatchObject({
    flags: { SEARCH_DB_READ: false, SEARCH_DB_WRITE: false, SEARCH_NEW_RANKING: 0 },
    version: null,
  });
  const answer = await (await fetch(`http://127.0.0.1:${port}/`)).json();
  expect(answer).toEqual({ from: "memory", ranking: "old" });
  child.kill("SIGTERM");
  await new Promise((resolve) => child.once("exit", resolve));
});

test("the provider is loaded by its own path, and from both kinds of modules", async () => {
  const look = async (...args: string[]) =>
    (await promisify(execFile)(process.execPath, args, { cwd: app })).stdout.trim();
  const say = "console.log(typeof kit.openFlags, typeof provider.CutoverProvider)";
  expect(
    await look(
      "--eval",
      `const kit = require("cutover-kit"), provider = require("cutover-kit/openfeature"); ${say}`,
    ),
  ).toBe("function function");
  expect(
    await look(
      "--input-type=module",
      "--eval",
      `import { openFlags } from "cutover-kit"; import { CutoverProvider } from "cutover-kit/openfeature"; console.log(typeof openFlags, typeof CutoverProvider)`,
    ),
  ).toBe("function function");
});
