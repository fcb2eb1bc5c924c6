import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import stringify from "safe-stable-stringify";

const PROGRAM = join(__dirname, "..", "..");
/** Where bundles lie, each under its content's hash: several runs may write and read here at once. */
const BUNDLES = join(PROGRAM, ".cutover", "functions");

/** File names in a function's archive, and the handler's name in it. */
export const CODE_FILE = "index.js";
export const CONFIG_FILE = "config.json";
export const HANDLER = "index.handler";

/**
 * A handler as one file, with the AWS SDK in it: what runs at an incident is what was tested. The same sources give
 * the same bytes, wherever they lie, so that a second `up` changes nothing.
 *
 * The file is handed on by its path. As text, each megabyte of it would go through engine, policies and state several
 * times over, which took a third of an `up`.
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
  return keep(basename(entry, ".ts"), await handlerCode(entry, name, maxBytes));
}

/**
 * The code of a handler as one file. See `bundleHandler`.
 *
 * @param define what the package's build sets in it
 */
export async function handlerCode(
  entry: string,
  name: string,
  maxBytes: number,
  define: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const result = await build({
    entryPoints: [entry],
    // Paths are told from here, never from where the project happens to lie.
    absWorkingDir: PROGRAM,
    bundle: true,
    write: false,
    minify: true,
    legalComments: "none",
    platform: "node",
    target: "node20",
    format: "cjs",
    mainFields: ["module", "main"],
    // Asked for only by who asks for it by name; it is a native module, and not installed.
    external: ["pg-native"],
    charset: "utf8",
    define: { ...define },
    logLevel: "silent",
  });
  const [file] = result.outputFiles;
  if (!file) throw new Error(`esbuild made no file of ${name}`);
  if (file.contents.byteLength > maxBytes)
    throw new Error(`${name} is ${file.contents.byteLength} bytes, more than ${maxBytes}`);
  return file.contents;
}

/** A bundle that no run has handed on for this long is removed. */
const KEPT_MS = 7 * 24 * 3_600_000;

/** Writes aside, then renames: nobody reads half a bundle. */
async function keep(name: string, contents: Uint8Array): Promise<string> {
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 16);
  const path = join(BUNDLES, `${name}-${hash}.js`);
  // Said before it is looked at, so that no other run prunes it in between. Where it cannot be said (the file is
  // somebody else's, or the disk read-only), the bundle serves all the same.
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
  const kept = await stat(path).catch(() => undefined);
  if (kept?.size === contents.byteLength) return path;
  await mkdir(BUNDLES, { recursive: true });
  const aside = `${path}.${randomUUID()}`;
  await writeFile(aside, contents);
  await rename(aside, path);
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
