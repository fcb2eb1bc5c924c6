import { join } from "node:path";
import { compiled } from "../../src/text/packaged";

/** What loads the sources of a checkout as one bundle. */
const START = join(__dirname, "..", "..", "start.cjs");

/**
 * The arguments with which Node runs programs of the project's own: what the package has compiled, or the sources of a
 * checkout. Those that `start.cjs` knows as entries begin in a third of the time.
 *
 * @param source the program's source file, absolute
 * @param others of the programs that it loads itself and is told of by its arguments, absolute
 */
export function runnable(source: string, ...others: readonly string[]): string[] {
  const sources = [source, ...others];
  const made = sources.flatMap((one) => compiled(one) ?? []);
  return made.length === sources.length ? made : ["--require", START, ...sources];
}
