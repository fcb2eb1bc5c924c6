import { join } from "node:path";
import { bundleHandler } from "./bundle";

/** What the probe may weigh. Lambda takes far more; a larger one starts more slowly. */
export const MAX_BYTES = 1_500_000;

let file: Promise<string> | undefined;

/** Where the probe's code lies as one file. See `bundleHandler`. */
export function probeFile(): Promise<string> {
  file ??= bundleHandler(join(__dirname, "probe.ts"), "the probe", MAX_BYTES);
  return file;
}
