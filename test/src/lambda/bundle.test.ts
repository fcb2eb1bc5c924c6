import { mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleHandler } from "../../../src/lambda/bundle";

let folder: string;
const made: string[] = [];
/** What is noted of the bundles that are made here. */
const OURS = /^(handler|large|again|changed|spoilt|other|limit)-\w+\.json$/;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cutover-bundle-"));
});

afterAll(async () => {
  const bundles = dirname(made[0] ?? "");
  const ours = (await readdir(bundles)).filter((name) => OURS.test(name));
  const left = [folder, ...made, ...ours.map((name) => join(bundles, name))];
  await Promise.all(left.map((path) => rm(path, { recursive: true, force: true })));
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
  expect(mine.filter((name) => !/\.js(on)?$/.test(name))).toEqual([]);
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

describe("one that is there already", () => {
  /** A handler of a source of its own, made once. */
  async function source(name: string) {
    const entry = join(folder, `${name}.ts`);
    const other = join(folder, `${name}-words.ts`);
    await writeFile(entry, `import { words } from "./${name}-words";\nexport const handler = () => words;\n`);
    const says = (words: string) => writeFile(other, `export const words = "${words}";\n`);
    const bundled = async () => {
      const file = await bundleHandler(entry, "the test's function");
      made.push(file);
      return { file, text: await readFile(file, "utf8") };
    };
    await says("first");
    return { says, bundled, entry, first: await bundled() };
  }

  test("is handed on without being made again", async () => {
    const { bundled, first } = await source("again");
    const before = await stat(first.file);
    expect((await bundled()).file).toBe(first.file);
    expect((await stat(first.file)).ino).toBe(before.ino);
  });

  test("is made anew where a source that it asks for has changed, and found where it has changed back", async () => {
    const { bundled, says, first } = await source("changed");
    await says("second");
    expect((await bundled()).text).toContain("second");
    await says("first");
    expect(await bundled()).toEqual(first);
  });

  test("is made anew where it holds something else than was made", async () => {
    const { bundled, first } = await source("spoilt");
    await writeFile(first.file, first.text.replace("first", "other"));
    expect(await bundled()).toEqual(first);
  });

  test("is made anew where a file that is no source of ours is in it: nobody would hear of its change", async () => {
    const { entry, first } = await source("other");
    await writeFile(join(folder, "words.json"), '{ "words": "from JSON" }');
    await writeFile(entry, 'import { words } from "./words.json";\nexport const handler = () => words;\n');
    const bundled = async () => readFile(await bundleHandler(entry, "the test's function"), "utf8");
    expect(await bundled()).toContain("from JSON");
    await writeFile(join(folder, "words.json"), '{ "words": "changed" }');
    expect(await bundled()).toContain("changed");
    await rm(first.file, { force: true });
  });

  test("is refused where it is too large by now", async () => {
    const { entry } = await source("limit");
    await expect(bundleHandler(entry, "the test's function", 20)).rejects.toThrow(/more than 20/);
  });
});

test("one that is too large is refused, by its name and size", async () => {
  const entry = join(folder, "large.ts");
  await writeFile(entry, `export const handler = () => "${"x".repeat(200)}";\n`);
  await expect(bundleHandler(entry, "the test's function", 100)).rejects.toThrow(
    /the test's function is \d+ bytes, more than 100/,
  );
});
