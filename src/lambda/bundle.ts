import { basename, join } from "node:path";
import { type BuildOptions, build, type Plugin, version } from "esbuild";
import stringify from "safe-stable-stringify";
import { KeptBundles } from "./keptBundles";

const PROGRAM = join(__dirname, "..", "..");
const BUNDLES = new KeptBundles(PROGRAM, join(PROGRAM, ".cutover", "functions"));

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
export function bundleHandler(
  entry: string,
  name: string,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<string> {
  const make = (plugin: Plugin) => handlerCode(entry, name, maxBytes, { plugins: [plugin] });
  return BUNDLES.bundleOf(basename(entry, ".ts"), entry, MADE_WITH, make, maxBytes);
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

/** A handler's configuration as a file. Sorted, since a map's order must not look like a change. */
export function configFile(config: object): string {
  return stringify(config) ?? "";
}
