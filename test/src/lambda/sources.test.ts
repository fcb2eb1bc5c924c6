import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeEach, expect, test } from "vitest";
import { isSame, Reading } from "../../../src/lambda/sources";
import { PROJECT, temporaryFolder } from "../../sandbox/support";

let folder: string;
const LOCK = join("node_modules", ".package-lock.json");

beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, "node_modules"));
  writeFileSync(join(folder, LOCK), "{}");
  for (const name of ["package.json", "tsconfig.json"]) cpSync(join(PROJECT, name), join(folder, name));
  writeFileSync(join(folder, "handler.ts"), "export const handler = () => 1;\n");
});

async function read(options: object = {}) {
  const reading = new Reading(folder, options);
  const plugins = [reading.plugin];
  const entryPoints = [join(folder, "handler.ts")];
  await build({ entryPoints, absWorkingDir: folder, bundle: true, write: false, plugins });
  return reading.done();
}

test.each([
  ["nothing has changed", () => {}, {}, true],
  ["a source has", () => writeFileSync(join(folder, "handler.ts"), "export const handler = 2;\n"), {}, false],
  ["npm has installed something else", () => writeFileSync(join(folder, LOCK), "{ }"), {}, false],
  ["it would be made otherwise", () => {}, { minify: true }, false],
  ["nobody says any more what is installed", () => rmSync(join(folder, LOCK)), {}, false],
])("where %s", async (_, change, options, same) => {
  const madeOf = await read();
  change();
  expect(madeOf && (await isSame(madeOf, folder, options))).toBe(same);
});

test("where npm has not installed what is there, nothing is noted, and nothing breaks", async () => {
  rmSync(join(folder, LOCK));
  expect(await read()).toBeUndefined();
});
