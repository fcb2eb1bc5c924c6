import { join } from "node:path";
import { build } from "esbuild";
import stringify from "safe-stable-stringify";
import type { HeraldConfig } from "./heraldConfig";

/** File names in the archive, and the handler's name in it. */
export const CODE_FILE = "index.js";
export const CONFIG_FILE = "config.json";
export const HANDLER = "index.handler";

let code: Promise<string> | undefined;

/**
 * The herald's code as one file, with the AWS SDK in it. The same sources give the same bytes, wherever they lie, so
 * that a second `up` changes nothing.
 */
export function heraldCode(): Promise<string> {
  code ??= bundle();
  return code;
}

/** Sorted, since a map's order must not look like a change. */
export function heraldConfigFile(config: HeraldConfig): string {
  return stringify(config);
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
  if (!file) throw new Error("esbuild made no file of the herald");
  return file.text;
}
