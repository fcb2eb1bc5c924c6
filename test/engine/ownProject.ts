import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build, type Plugin } from "esbuild";
import type { Sandbox } from "../../sandbox";
import { PROGRAM_OPTIONS } from "../../sandbox/host/program";

const PROJECT = join(__dirname, "..", "..");

/**
 * Writes a project into a sandbox whose program is a file of a test's own, as one file: loading its sources one by one
 * takes longer than most of its runs. Returns its folder, in which its stack's config has to be written, and its stack made.
 *
 * @param name of the project, and of its folder
 * @param program the program's source file, absolute
 */
export async function writeOwnProject(
  { dir }: Pick<Sandbox, "dir">,
  name: string,
  program: string,
): Promise<string> {
  const folder = join(dir, name);
  mkdirSync(folder);
  symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"));
  await build({
    ...PROGRAM_OPTIONS,
    entryPoints: [program],
    outfile: join(folder, "program.cjs"),
    // The engine's runner and the program must share one SDK, and a bundler cannot be in a bundle.
    external: ["@pulumi/*", "esbuild"],
    plugins: [FOLDERS],
  });
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    [
      `name: ${name}`,
      `runtime: { name: nodejs, options: { typescript: false, nodeargs: "--require '${join(PROJECT, "spare.cjs")}'" } }`,
      "main: program.cjs",
    ].join("\n"),
  );
  return folder;
}

/** A source that asks for its folder is told its own, not that of the bundle. */
const FOLDERS: Plugin = {
  name: "where a source lies",
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      if (!/\b__dirname\b/.test(text)) return undefined;
      return { contents: `const __dirname = ${JSON.stringify(dirname(path))}; ${text}`, loader: "ts" };
    }),
};
