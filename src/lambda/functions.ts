import { join } from "node:path";
import { compiled } from "../text/packaged";
import { bundleHandler } from "./bundle";

/** What a function may weigh that acts in an emergency, in bytes: a larger one takes longer to start when it matters. */
export const MAX_BYTES = 1_500_000;

/** What the herald may weigh, which is in no hurry: it looks at gates of every kind, so all of their clients are in it. */
const HERALD_BYTES = 2_500_000;

/** What an error calls each function, by its source file in this folder, and what it may weigh. */
export const FUNCTIONS = {
  abortSwitch: { name: "the abort switch", bytes: MAX_BYTES },
  probe: { name: "the probe", bytes: MAX_BYTES },
  herald: { name: "the herald", bytes: HERALD_BYTES },
} as const;

const files = new Map<keyof typeof FUNCTIONS, Promise<string>>();

/** Where a function's code lies as one file. Made once a run. See `bundleHandler`. */
export function functionFile(of: keyof typeof FUNCTIONS): Promise<string> {
  const { name, bytes } = FUNCTIONS[of];
  const source = join(__dirname, `${of}.ts`);
  const made = compiled(source);
  const file =
    files.get(of) ?? (made === undefined ? bundleHandler(source, name, bytes) : Promise.resolve(made));
  files.set(of, file);
  return file;
}
