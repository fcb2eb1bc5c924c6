import { join } from "node:path";
import { build } from "esbuild";
import stringify from "safe-stable-stringify";

/** File names in a function's archive, and the handler's name in it. */
export const CODE_FILE = "index.js";
export const CONFIG_FILE = "config.json";
export const HANDLER = "index.handler";

/**
 * A handler as one file, with the AWS SDK in it: what runs at an incident is what was tested. The same sources give
 * the same bytes, wherever they lie, so that a second `up` changes nothing.
 *
 * @param entry the handler's source file
 * @param name what an error calls the function
 * @param maxBytes a larger bundle is refused: it takes longer to start when it matters
 */
export async function bundleHandler(
  entry: string,
  name: string,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    // Paths are told from here, never from where the project happens to lie.
    absWorkingDir: join(__dirname, ".."),
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
    logLevel: "silent",
  });
  const [file] = result.outputFiles;
  if (!file) throw new Error(`esbuild made no file of ${name}`);
  if (file.contents.byteLength > maxBytes)
    throw new Error(`${name} is ${file.contents.byteLength} bytes, more than ${maxBytes}`);
  return file.text;
}

/** A handler's configuration as a file. Sorted, since a map's order must not look like a change. */
export function configFile(config: object): string {
  return stringify(config) ?? "";
}
