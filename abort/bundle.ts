import { join } from "node:path";
import { bundleHandler } from "../lambda/bundle";

/** What an abort may weigh: a larger one takes longer to start when it matters. */
export const MAX_BYTES = 1_500_000;

let code: Promise<string> | undefined;

/**
 * The abort switch's code as one file, with the AWS SDK in it: what runs at an incident is what was tested. The same
 * sources give the same bytes, wherever they lie, so that a second `up` changes nothing.
 */
export function abortCode(): Promise<string> {
  code ??= bundleHandler(join(__dirname, "handler.ts"), "the abort switch", MAX_BYTES);
  return code;
}
