import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reasonOf, UserError } from "../text/problem";

/** Code that a rollout may bring along, beside its stack files: the file's name without its ending. */
export type OwnModule = "checks" | "rehearsal";

/** What a file of code may end with. TypeScript is loaded as it is, with nothing to be built before. */
const CODE = /^\.[cm]?[jt]s$/;

/**
 * What a rollout's own file exports, by name; undefined where the rollout has no such file. The file is loaded as a
 * CommonJS module, whatever its ending, so it may import packages of either kind, but waits for nothing at its top.
 *
 * Throws a `UserError` where the file cannot be loaded, or where there are two of them.
 *
 * @param folder the folder of the stack files
 */
export async function loadOwn(
  folder: string,
  name: OwnModule,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const files = filesOf(folder, name);
  const [file] = files;
  if (file === undefined) return undefined;
  if (files.length > 1)
    throw unusable(name, folder, `is there ${files.length} times: ${files.join(", ")}`, "Keep one of them");
  const path = join(folder, file);
  try {
    // Loaded by who needs it alone: it brings a compiler along.
    const { require: load } = await import("tsx/cjs/api");
    return load(path, path) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw unusable(
      file,
      folder,
      `cannot be loaded: ${reasonOf(error)}`,
      "Mend it, then run the same command again",
    );
  }
}

/**
 * Makes a rollout's own code work from another folder, to which its stack files were copied: what is written there
 * leads to the files themselves, which go on importing from beside them. Writes nothing where there is no such code.
 *
 * @param source the rollout's folder, absolute
 * @param folder where a copy of its stack files lies
 */
export function forwardOwn(source: string, folder: string): void {
  for (const name of ["checks", "rehearsal"] as const)
    for (const file of filesOf(source, name)) {
      const path = JSON.stringify(join(source, file));
      writeFileSync(join(folder, `${name}.cjs`), `module.exports = require(${path});\n`);
    }
}

function filesOf(folder: string, name: OwnModule): string[] {
  try {
    return readdirSync(folder).filter((file) => file.startsWith(name) && CODE.test(file.slice(name.length)));
  } catch (error) {
    throw unusable(name, folder, `cannot be looked for: ${reasonOf(error)}`, "Make the folder readable");
  }
}

function unusable(name: string, folder: string, what: string, remedy: string): UserError {
  return new UserError("The rollout's own code cannot be used:", [
    { where: join(folder, name), what, remedy },
  ]);
}
