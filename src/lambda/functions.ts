import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256 } from "../text/digest";
import { once } from "../text/once";
import { compiled } from "../text/packaged";
import { bundleHandler } from "./bundle";

/** What a function may weigh, in bytes: a larger one takes longer to start, which matters in an emergency. */
export const MAX_BYTES = 1_500_000;

/** What may weigh more that is in no hurry: it looks at gates of every kind, so all of their clients are in it. */
const LOOKING_BYTES = 2_500_000;

/** What an error calls each function, by its source file in this folder, and what it may weigh. */
export const FUNCTIONS = {
  abortSwitch: { name: "the abort switch", bytes: MAX_BYTES },
  probe: { name: "the probe", bytes: MAX_BYTES },
  channels: { name: "the function of the channels", bytes: MAX_BYTES },
  messages: { name: "the messages function", bytes: LOOKING_BYTES },
  delivery: { name: "the delivery function", bytes: MAX_BYTES },
  measure: { name: "the measuring function", bytes: MAX_BYTES },
} as const;

const files = new Map<keyof typeof FUNCTIONS, Promise<string>>();

const hashes = new Map<keyof typeof FUNCTIONS, Promise<string>>();

/** SHA-256 of a function's code, in hex. Read once a run. */
export function functionHash(of: keyof typeof FUNCTIONS): Promise<string> {
  return once(hashes, of, async () => sha256(await readFile(await functionFile(of))));
}

/** Where a function's code lies as one file. Made once a run. See `bundleHandler`. */
export function functionFile(of: keyof typeof FUNCTIONS): Promise<string> {
  const { name, bytes } = FUNCTIONS[of];
  const source = join(__dirname, `${of}.ts`);
  return once(files, of, async () => compiled(source) ?? bundleHandler(source, name, bytes));
}
