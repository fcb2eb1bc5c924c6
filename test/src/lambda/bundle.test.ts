import { mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleHandler } from "../../../src/lambda/bundle";

let folder: string;
const made: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cutover-bundle-"));
});

afterAll(async () => {
  await Promise.all([...made, folder].map((path) => rm(path, { recursive: true, force: true })));
});

/** A bundle of these words. */
async function bundle(words: string): Promise<string> {
  const entry = join(folder, "handler.ts");
  await writeFile(entry, `export const handler = () => ${JSON.stringify(words)};\n`);
  const file = await bundleHandler(entry, "the test's function");
  made.push(file);
  return file;
}

test("one text has one file, and another has another: no state names a file whose words have changed", async () => {
  const one = await bundle("one");
  expect(await bundle("two")).not.toBe(one);
  expect(await bundle("one")).toBe(one);
  expect(await readFile(one, "utf8")).toContain('"one"');
});

test("runs side by side hand on the same whole file, and leave no half of one", async () => {
  const entry = join(folder, "handler.ts");
  await writeFile(entry, 'export const handler = () => "side by side";\n');
  const files = await Promise.all(
    Array.from({ length: 8 }, () => bundleHandler(entry, "the test's function")),
  );
  made.push(...files);
  const [file = ""] = new Set(files);
  expect(new Set(files).size).toBe(1);
  const mine = (await readdir(dirname(file))).filter((name) => name.startsWith("handler-"));
  expect(mine.filter((name) => !name.endsWith(".js"))).toEqual([]);
});

test("a file that a full disk cut short is written again", async () => {
  const file = await bundle("cut short");
  await truncate(file, 5);
  expect(await bundle("cut short")).toBe(file);
  expect(await readFile(file, "utf8")).toContain('"cut short"');
});

test("one that nobody used for a week goes when another is made; one in use stays", async () => {
  const old = await bundle("old");
  const used = await bundle("used");
  const long = new Date(Date.now() - 8 * 24 * 3_600_000);
  for (const file of [old, used]) await utimes(file, long, long);
  expect(await bundle("used")).toBe(used);
  await bundle("new");
  const left = await readdir(dirname(used));
  expect(left).toContain(basename(used));
  expect(left).not.toContain(basename(old));
});

test("one that is too large is refused, by its name and size", async () => {
  const entry = join(folder, "large.ts");
  await writeFile(entry, `export const handler = () => "${"x".repeat(200)}";\n`);
  await expect(bundleHandler(entry, "the test's function", 100)).rejects.toThrow(
    /the test's function is \d+ bytes, more than 100/,
  );
});
