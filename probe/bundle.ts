import { join } from "node:path";
import { build } from "esbuild";
import stringify from "safe-stable-stringify";
import type { ProbeSettings } from "./settings";

/** What the probe may weigh. Lambda takes far more; a larger one starts more slowly. */
export const MAX_BYTES = 1_500_000;

/** File names in the archive, and the handler's name in it. */
export const CODE_FILE = "index.js";
export const CONFIG_FILE = "config.json";
export const HANDLER = "index.handler";

let code: Promise<string> | undefined;

/**
 * The probe's code as one file, with the AWS SDK and the database's client in it. The same sources give the same
 * bytes, wherever they lie, so that a second `up` changes nothing.
 */
export function probeCode(): Promise<string> {
  code ??= bundle();
  return code;
}

/** The settings as a file of the archive. Sorted, since a map's order must not look like a change. */
export function settingsFile(settings: ProbeSettings): string {
  return stringify(settings) ?? "";
}

async function bundle(): Promise<string> {
  const result = await build({
    entryPoints: [join(__dirname, "handler.ts")],
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
  if (!file) throw new Error("esbuild made no file of the probe");
  if (file.contents.byteLength > MAX_BYTES)
    throw new Error(`the probe is ${file.contents.byteLength} bytes, more than ${MAX_BYTES}`);
  return file.text;
}
