import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { type BuildOptions, build, version } from "esbuild";
import { KeptBundles } from "../../src/lambda/keptBundles";
import { compiled } from "../../src/text/packaged";

const PROJECT = join(__dirname, "..", "..");
const MADE = new KeptBundles(PROJECT, join(PROJECT, ".cutover", "sandbox"));

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
  options: Special & {
    /** Text constants that it reads as global variables. */
    readonly constants?: Readonly<Record<string, string>>;
  } = {},
): Promise<void> {
  const { constants = {}, ...special } = options;
  const head = Object.entries(constants)
    .map(([name, value]) => `globalThis.${name} = ${JSON.stringify(value)};\n`)
    .join("");
  // Where none can be kept, as in a checkout of somebody else's, it is made for this once.
  const made = compiled(source) ?? (await kept(source, special).catch(() => undefined));
  if (made === undefined) await writeFile(outfile, [head, await bundled(source, special)].join(""));
  else if (head === "") await copyFile(made, outfile);
  else await writeFile(outfile, head + (await readFile(made, "utf8")));
}

type Special = Pick<BuildOptions, "keepNames" | "inject" | "external">;

/** The path of a program that was made of the same sources already, or is made now: making them all takes seconds. */
function kept(source: string, special: Special): Promise<string> {
  const name = relative(PROJECT, source)
    .replace(/\.ts$/, "")
    .replaceAll(sep, "-")
    // One from elsewhere, whose name would be hidden.
    .replace(/^[.-]+/, "");
  const madeWith = { ...PROGRAM_OPTIONS, ...special, version };
  return MADE.bundleOf(name, source, madeWith, async (plugin) =>
    Buffer.from(await bundled(source, { ...special, plugins: [plugin] })),
  );
}

async function bundled(source: string, special: Special & Pick<BuildOptions, "plugins">): Promise<string> {
  const { outputFiles } = await build({
    ...PROGRAM_OPTIONS,
    ...special,
    absWorkingDir: PROJECT,
    entryPoints: [source],
    write: false,
  });
  const [file] = outputFiles;
  if (!file) throw new Error(`esbuild made no file of ${source}`);
  return file.text;
}
