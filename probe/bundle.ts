import { join } from "node:path";
import { bundleHandler } from "../lambda/bundle";

/** What the probe may weigh. Lambda takes far more; a larger one starts more slowly. */
export const MAX_BYTES = 1_500_000;

let code: Promise<string> | undefined;

/**
 * The probe's code as one file, with the AWS SDK and the database's client in it. The same sources give the same
 * bytes, wherever they lie, so that a second `up` changes nothing.
 */
export function probeCode(): Promise<string> {
  code ??= bundleHandler(join(__dirname, "handler.ts"), "the probe", MAX_BYTES);
  return code;
}
