import { join } from "node:path";
import { bundleHandler } from "./bundle";

/** What an abort may weigh: a larger one takes longer to start when it matters. */
export const MAX_BYTES = 1_500_000;

let file: Promise<string> | undefined;

/** Where the abort switch's code lies as one file. See `bundleHandler`. */
export function abortFile(): Promise<string> {
  file ??= bundleHandler(join(__dirname, "abortSwitch.ts"), "the abort switch", MAX_BYTES);
  return file;
}
