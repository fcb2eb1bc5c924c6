import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { UserError } from "../text/problem";

/** The folder with PostgreSQL's client programs, where they are not on PATH. */
export const PROGRAMS_FOLDER = "CUTOVER_POSTGRES_BIN";
/** Where Debian and Ubuntu keep those of each version; on PATH there is a wrapper, which goes by a cluster of this machine. */
const DEBIAN = "/usr/lib/postgresql";

const run = promisify(execFile);

/** A client program of PostgreSQL. */
export interface Program {
  readonly path: string;
  /** Its major version. */
  readonly version: number;
}

/**
 * The newest `pg_dump` or `pg_restore` of this machine. Throws a `UserError` where none is as new as it has to be.
 *
 * @param atLeast the major version of what it works on: an older program refuses a newer server, or its dump
 */
export async function findProgram(
  name: "pg_dump" | "pg_restore",
  atLeast: number,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Program> {
  const paths = foldersIn(env).map((folder) => join(folder, name));
  const found = (await Promise.all(paths.map(versionOf))).flatMap((one) => one ?? []);
  const [newest] = found.sort((a, b) => b.version - a.version);
  if (newest && newest.version >= atLeast) return newest;
  throw new UserError(`There is no ${name} of PostgreSQL ${atLeast} or newer:`, {
    where: name,
    what: newest ? `the newest is ${newest.path}, of version ${newest.version}` : "it is not on PATH",
    remedy: `Install PostgreSQL's client programs, such as Debian's postgresql-client-${atLeast} or Homebrew's libpq, or set ${PROGRAMS_FOLDER} to the folder that has them`,
  });
}

function foldersIn({ [PROGRAMS_FOLDER]: own, PATH = "" }: NodeJS.ProcessEnv): string[] {
  if (own) return [own];
  return [...new Set([...PATH.split(delimiter).filter(Boolean), ...debianFolders()])];
}

function debianFolders(): string[] {
  try {
    return readdirSync(DEBIAN).map((version) => join(DEBIAN, version, "bin"));
  } catch {
    return [];
  }
}

/** Undefined for what is not there, or no such program. */
async function versionOf(path: string): Promise<Program | undefined> {
  try {
    const { stdout } = await run(path, ["--version"]);
    const version = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
    return version === undefined ? undefined : { path, version: Number(version) };
  } catch {
    return undefined;
  }
}
