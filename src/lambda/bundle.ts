import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type BuildOptions, build, version } from "esbuild";
import stringify from "safe-stable-stringify";
import { hashOf, isSame, type MadeOf, Reading } from "./sources";

const PROGRAM = join(__dirname, "..", "..");
/** Where bundles lie, each under its content's hash: several runs may write and read here at once. */
const BUNDLES = join(PROGRAM, ".cutover", "functions");

/** File names in a function's archive, and the handler's name in it. */
export const CODE_FILE = "index.js";
export const CONFIG_FILE = "config.json";
export const HANDLER = "index.handler";

/** How a handler becomes one file. */
const OPTIONS = {
  // Paths are told from here, never from where the project happens to lie.
  absWorkingDir: PROGRAM,
  bundle: true,
  minify: true,
  legalComments: "none",
  platform: "node",
  target: "node20",
  format: "cjs",
  mainFields: ["module", "main"],
  // Asked for only by who asks for it by name; it is a native module, and not installed.
  external: ["pg-native"],
  charset: "utf8",
  logLevel: "silent",
} as const satisfies BuildOptions;

/** All that decides what becomes of the same sources. */
const MADE_WITH = { ...OPTIONS, version };

/**
 * A handler as one file, with the AWS SDK in it: what runs at an incident is what was tested. The same sources give
 * the same bytes, wherever they lie, so that a second `up` changes nothing.
 *
 * The file is handed on by its path. As text, each megabyte of it would go through engine, policies and state several
 * times over, which took a third of an `up`. It is made anew only where what it is made of has changed.
 *
 * @param entry the handler's source file
 * @param name what an error calls the function
 * @param maxBytes a larger bundle is refused: it takes longer to start when it matters
 * @returns the file's absolute path
 */
export async function bundleHandler(
  entry: string,
  name: string,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<string> {
  const short = basename(entry, ".ts");
  const note = join(BUNDLES, `${short}-${nameHash(Buffer.from(entry))}.json`);
  const made = await known(note, maxBytes);
  if (made !== undefined) return made;
  const reading = new Reading(PROGRAM, MADE_WITH);
  const path = await keep(short, await handlerCode(entry, name, maxBytes, { plugins: [reading.plugin] }));
  const madeOf = await reading.done();
  const noted: Noted | undefined = madeOf && { file: basename(path), madeOf };
  // Without it, the next run makes it once more.
  if (noted) await writeAside(note, JSON.stringify(noted)).catch(() => undefined);
  return path;
}

/**
 * The code of a handler as one file. See `bundleHandler`.
 *
 * @param special what is special about this build
 */
export async function handlerCode(
  entry: string,
  name: string,
  maxBytes: number,
  special: Pick<BuildOptions, "define" | "plugins"> = {},
): Promise<Uint8Array> {
  const result = await build({ ...OPTIONS, ...special, entryPoints: [entry], write: false });
  const [file] = result.outputFiles;
  if (!file) throw new Error(`esbuild made no file of ${name}`);
  if (file.contents.byteLength > maxBytes)
    throw new Error(`${name} is ${file.contents.byteLength} bytes, more than ${maxBytes}`);
  return file.contents;
}

/** What is noted of a bundle that was made. */
interface Noted {
  readonly file: string;
  readonly madeOf: MadeOf;
}

/** The path of a bundle that is there, whole, and made of what is here now; undefined where one has to be made. */
async function known(note: string, maxBytes: number): Promise<string | undefined> {
  try {
    const { file, madeOf } = JSON.parse(await readFile(note, "utf8")) as Noted;
    const path = join(BUNDLES, file);
    await inUse(note, path);
    const [contents, same] = await Promise.all([readFile(path), isSame(madeOf, PROGRAM, MADE_WITH)]);
    const whole = file.endsWith(`-${nameHash(contents)}.js`);
    return same && whole && contents.byteLength <= maxBytes ? path : undefined;
  } catch {
    return undefined;
  }
}

const nameHash = (contents: Uint8Array) => hashOf(contents).slice(0, 16);

/**
 * Said before it is looked at, so that no other run prunes it in between. Where it cannot be said (the file is somebody
 * else's, or the disk read-only), the bundle serves all the same.
 */
async function inUse(...paths: readonly string[]): Promise<void> {
  const now = new Date();
  await Promise.all(paths.map((path) => utimes(path, now, now).catch(() => undefined)));
}

/** Writes aside, then renames: nobody reads half a file. */
async function writeAside(path: string, contents: string | Uint8Array): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await writeFile(aside, contents);
  await rename(aside, path);
}

/** A bundle that no run has handed on for this long is removed. */
const KEPT_MS = 7 * 24 * 3_600_000;

async function keep(name: string, contents: Uint8Array): Promise<string> {
  const path = join(BUNDLES, `${name}-${nameHash(contents)}.js`);
  await inUse(path);
  const kept = await readFile(path).catch(() => undefined);
  if (kept?.equals(contents)) return path;
  await mkdir(BUNDLES, { recursive: true });
  await writeAside(path, contents);
  await prune(name);
  return path;
}

/** Removes the function's bundles of long ago: each change of its sources adds another megabyte. */
async function prune(name: string): Promise<void> {
  const files = (await readdir(BUNDLES)).filter((file) => file.startsWith(`${name}-`));
  await Promise.all(
    files.map(async (file) => {
      const path = join(BUNDLES, file);
      // Another run may have removed it already, and what cannot be removed is no reason to stop an `up`.
      const used = await stat(path).catch(() => undefined);
      if (used && Date.now() - used.mtimeMs > KEPT_MS) await rm(path, { force: true }).catch(() => undefined);
    }),
  );
}

/** A handler's configuration as a file. Sorted, since a map's order must not look like a change. */
export function configFile(config: object): string {
  return stringify(config) ?? "";
}
