import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { installKit } from "../../support/kit";
import { npmWith } from "../../support/npm";
import { AppPage } from "./app";
import { duties } from "./duties";

const PAGE = new AppPage("docs/how-to/app-nextjs.md");

/** The app of the page as it stands there, built and run by its own commands, on what the page installs. */
duties(async (world) => {
  // Below what is installed, and not beside it: Next.js' bundler follows no link to packages elsewhere.
  const folder = mkdtempSync(join(await npmWith("docs-app-next", join(__dirname, "next")), "app-"));
  world.folders.push(folder);
  await installKit(folder);
  expect(PAGE.write(folder)).toEqual([
    "next.config.mjs",
    "lib/cutover.js",
    "instrumentation.js",
    "app/flags/route.js",
    "app/search/route.js",
    "app/documents/route.js",
  ]);
  const env = world.env({ NEXT_TELEMETRY_DISABLED: "1", CI: "true" });
  const built = await world.processes.run("/bin/sh", ["-c", PAGE.command("npx next build")], {
    cwd: folder,
    env,
  });
  expect(built.code, `${built.stdout}${built.stderr}`).toBe(0);
  expect(`${built.stdout}${built.stderr}`).not.toMatch(/warn/i);
  return world.serve(`${PAGE.command("npx next start")} --hostname 127.0.0.1`, {
    port: "3000",
    path: "/flags",
    cwd: folder,
    env,
  });
});
