import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot, madeInPlace } from "../../sandbox/host/cache";
import { run } from "../cli/ci/linters/run";

/**
 * A Python virtual environment with exactly the hashed requirements, installed once and shared by all clones. Undefined
 * where there is no Python.
 *
 * @param name what it is for
 * @param requirements the file with the requirements
 */
export async function pythonWith(name: string, requirements: string): Promise<string | undefined> {
  const cwd = join(requirements, "..");
  const python = await run("python3", ["-c", "import sys; print(sys.executable)"], cwd, process.env);
  if (python.code === "ENOENT") return undefined;
  const key = createHash("sha256").update(readFileSync(requirements)).update(python.out);
  return madeInPlace(join(cacheRoot(), name, key.digest("hex").slice(0, 12)), async (venv) => {
    const must = async (command: string, args: readonly string[]) => {
      const { code, out } = await run(command, args, cwd, process.env);
      if (code !== 0) throw new Error(`${name} could not be installed:\n${out}`);
    };
    await must("python3", ["-m", "venv", venv]);
    await must(join(venv, "bin", "python"), [
      ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"],
      ...["--only-binary", ":all:", "--require-hashes", "--requirement", requirements],
    ]);
  });
}
