import { join } from "node:path";
import { bundleHandler } from "./bundle";

/** What a function may weigh, in bytes: a larger one takes longer to start when it matters. */
export const MAX_BYTES = 1_500_000;

/** What an error calls each function, by its source file in this folder. */
const NAMES = { abortSwitch: "the abort switch", probe: "the probe", herald: "the herald" } as const;

const files = new Map<keyof typeof NAMES, Promise<string>>();

/** Where a function's code lies as one file. Made once a run. See `bundleHandler`. */
export function functionFile(name: keyof typeof NAMES): Promise<string> {
  const file = files.get(name) ?? bundleHandler(join(__dirname, `${name}.ts`), NAMES[name], MAX_BYTES);
  files.set(name, file);
  return file;
}
