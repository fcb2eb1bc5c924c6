import { join } from "node:path";
import { build } from "esbuild";
import type { AbortConfig } from "./config";

/** What an abort may weigh: a larger one takes longer to start when it matters. */
export const MAX_BYTES = 1_500_000;

/** File names in the archive, and the handler's name in it. */
export const CODE_FILE = "index.js";
export const CONFIG_FILE = "config.json";
export const HANDLER = "index.handler";

let code: Promise<string> | undefined;

/**
 * The abort switch's code as one file, with the AWS SDK in it: what runs at an incident is what was tested. The same
 * sources give the same bytes, wherever they lie, so that a second `up` changes nothing.
 */
export function abortCode(): Promise<string> {
  code ??= bundle();
  return code;
}

/** The configuration as a file of the archive. Sorted, since a map's order must not look like a change. */
export function abortConfigFile(config: AbortConfig): string {
  return JSON.stringify(config, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

async function bundle(): Promise<string> {
  const root = join(__dirname, "..");
  const result = await build({
    entryPoints: [join(__dirname, "handler.ts")],
    // Paths are told from here, never from where the project happens to lie.
    absWorkingDir: root,
    bundle: true,
    write: false,
    minify: true,
    legalComments: "none",
    platform: "node",
    target: "node20",
    format: "cjs",
    mainFields: ["module", "main"],
    charset: "utf8",
    logLevel: "silent",
  });
  const [file] = result.outputFiles;
  if (!file) throw new Error("esbuild made no file of the abort switch");
  if (file.contents.byteLength > MAX_BYTES)
    throw new Error(`the abort switch is ${file.contents.byteLength} bytes, more than ${MAX_BYTES}`);
  return file.text;
}
