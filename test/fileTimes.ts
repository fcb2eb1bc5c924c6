import { writeFileSync } from "node:fs";
import { relative, sep } from "node:path";
import type { Reporter, TestModule, Vitest } from "vitest/node";

/** The variable that names the file to be written. */
export const FILE_TIMES = "CUTOVER_FILE_TIMES";

/**
 * Writes how long each test file took, in ms, by its path: Vitest's own JSON report counts tests alone, and most files
 * of the engine take seconds to open what their tests share.
 */
export default class FileTimes implements Reporter {
  #root = "";

  onInit({ config }: Vitest): void {
    this.#root = config.root;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const file = process.env[FILE_TIMES];
    if (file === undefined) return;
    const times = modules.map((module): [string, number] => {
      const { collectDuration, duration } = module.diagnostic();
      return [relative(this.#root, module.moduleId).split(sep).join("/"), collectDuration + duration];
    });
    writeFileSync(file, JSON.stringify(Object.fromEntries(times)));
  }
}
