import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Sandbox } from "../../sandbox";

const PROJECT = join(__dirname, "..", "..");

/**
 * Writes a project into a sandbox whose program is a file of a test's own, loaded from its sources. Returns its folder, in
 * which its stack's config has to be written, and its stack made.
 *
 * @param name of the project, and of its folder
 * @param program the program's source file, absolute
 */
export function writeOwnProject({ dir }: Pick<Sandbox, "dir">, name: string, program: string): string {
  const folder = join(dir, name);
  mkdirSync(folder);
  symlinkSync(join(PROJECT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(
    join(folder, "Pulumi.yaml"),
    [
      `name: ${name}`,
      "runtime: { name: nodejs, options: { typescript: false, nodeargs: --import tsx } }",
      `main: ${program}`,
    ].join("\n"),
  );
  return folder;
}
