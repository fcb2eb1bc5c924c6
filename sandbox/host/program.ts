import { copyFile, readFile, writeFile } from "node:fs/promises";
import { type BuildOptions, build } from "esbuild";
import { compiled } from "../../src/text/packaged";

/**
 * How a program of the sandbox's own becomes one file: most of its start would go into finding and reading many small
 * ones. What is said here holds for all of them, those that come compiled with the package too.
 */
export const PROGRAM_OPTIONS = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  logLevel: "silent",
} as const satisfies BuildOptions;

/**
 * Writes a program of the sandbox's own as one file: as the package has it, or made of its sources here.
 *
 * @param source the program's source file, absolute
 * @param outfile where it is written
 * @param options what is special about it
 */
export async function writeProgram(
  source: string,
  outfile: string,
  options: Pick<BuildOptions, "keepNames" | "inject" | "external"> & {
    /** Text constants that it reads as global variables. */
    readonly constants?: Readonly<Record<string, string>>;
  } = {},
): Promise<void> {
  const { constants = {}, ...special } = options;
  const head = Object.entries(constants).map(
    ([name, value]) => `globalThis.${name} = ${JSON.stringify(value)};\n`,
  );
  const made = compiled(source);
  if (made === undefined)
    await build({
      ...PROGRAM_OPTIONS,
      ...special,
      entryPoints: [source],
      outfile,
      banner: { js: head.join("") },
    });
  else if (head.length === 0) await copyFile(made, outfile);
  else await writeFile(outfile, head.join("") + (await readFile(made, "utf8")));
}
