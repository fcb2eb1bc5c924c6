import { chmodSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { PROGRAMS_FOLDER } from "../../src/backups/programs";
import { pythonWith } from "./python";

const REQUIREMENTS = join(__dirname, "../../sandbox/postgres/requirements.txt");

/** PostgreSQL's client programs of the version that sandboxes run on, as an environment that leads to them. */
export async function clientPrograms(): Promise<NodeJS.ProcessEnv> {
  const venv = await pythonWith("postgres-programs", REQUIREMENTS);
  if (venv === undefined) throw new Error("python3 is not on PATH");
  const lib = join(venv, "lib");
  const python = readdirSync(lib).find((name) => name.startsWith("python")) ?? "";
  const bin = join(lib, python, "site-packages", "embedded_postgres", "pginstall", "bin");
  for (const program of ["pg_dump", "pg_restore"]) chmodSync(join(bin, program), 0o755);
  return { ...process.env, [PROGRAMS_FOLDER]: bin };
}
