import { join } from "node:path";
import { bundleHandler } from "../lambda/bundle";

let code: Promise<string> | undefined;

/**
 * The herald's code as one file, with the AWS SDK in it. The same sources give the same bytes, wherever they lie, so
 * that a second `up` changes nothing.
 */
export function heraldCode(): Promise<string> {
  code ??= bundleHandler(join(__dirname, "handler.ts"), "the herald");
  return code;
}
