import { join } from "node:path";
import { bundleHandler } from "./bundle";

let file: Promise<string> | undefined;

/** Where the herald's code lies as one file. See `bundleHandler`. */
export function heraldFile(): Promise<string> {
  file ??= bundleHandler(join(__dirname, "herald.ts"), "the herald");
  return file;
}
