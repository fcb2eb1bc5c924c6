import { join } from "node:path";
import { Venv } from "../../sandbox/host/venv";
import { run } from "../cli/ci/linters/run";

/**
 * A Python virtual environment with exactly the hashed requirements, as wheels alone. Undefined where there is no Python.
 *
 * @param name what it is for
 * @param requirements the file with the requirements
 */
export async function pythonWith(name: string, requirements: string): Promise<string | undefined> {
  const cwd = join(requirements, "..");
  const python = await run("python3", ["-c", "import sys; print(sys.executable)"], cwd, process.env);
  if (python.code === "ENOENT") return undefined;
  const must = async (what: string, command: string, args: readonly string[]) => {
    const { code, out } = await run(command, args, cwd, process.env);
    if (code !== 0) throw new Error(`${what} failed:\n${out}`);
  };
  const venv = new Venv(name, requirements, python.out.trim());
  return venv.install(must, ["--no-deps", "--only-binary", ":all:"]);
}
