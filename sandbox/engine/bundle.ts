import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeProgram } from "../host/program";

/** The checkout, or the package. */
const PROJECT = join(__dirname, "..", "..");

/** A program that the engine starts by itself: the language host, or a resource plugin. */
export interface EnginePlugin {
  /** How the engine names its folder and its executable. */
  readonly kind: "language" | "resource";
  readonly name: string;
  readonly version: string;
  readonly entry: string;
}

/** What is special about a plugin as one file, also where the package has it compiled. */
export const PLUGIN_OPTIONS = {
  keepNames: true,
  inject: [join(__dirname, "plugin-prelude.cjs")],
  // Compilers that only a program's own runner would use.
  external: ["typescript", "ts-node", "@pulumi/pulumi/vendor/*"],
};

/**
 * Installs a plugin that is written in TypeScript where the engine looks for plugins. It is bundled
 * into one file, since the engine starts it for every command, and most of the start is spent on
 * finding and reading hundreds of small files.
 *
 * @returns what to run
 */
export async function installPlugin(pulumiHome: string, plugin: EnginePlugin): Promise<string> {
  const { kind, name, version, entry } = plugin;
  const dir = join(pulumiHome, "plugins", `${kind}-${name}-v${version}`);
  await mkdir(dir, { recursive: true });
  await writeProgram(entry, join(dir, "plugin.cjs"), {
    ...PLUGIN_OPTIONS,
    constants: { ENGINE_VERSION: version, SPARE: join(PROJECT, "spare.cjs") },
  });
  const executable = join(dir, `pulumi-${kind}-${name}`);
  // `exec`, so that the engine's child is Node itself, which notices when the engine has gone.
  await writeFile(
    executable,
    `#!/bin/sh\nexec ${quote(process.execPath)} ${quote(join(dir, "plugin.cjs"))} "$@"\n`,
  );
  await chmod(executable, 0o755);
  return executable;
}

function quote(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
