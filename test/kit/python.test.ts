import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { PROJECT } from "../sandbox/support";
import { pythonWith } from "../support/python";

const KIT = join(PROJECT, "kit", "python");

test("the Python kit passes its own tests, with the vectors that the Node kit passes", async () => {
  const venv = await pythonWith("kit", join(KIT, "requirements-test.txt"));
  if (venv === undefined) throw new Error("The Python kit needs Python 3.11 or later as python3 on PATH.");
  const args = ["-m", "unittest", "discover", "-s", "tests", "-t", "."];
  // Bytecode beside the sources would be taken for sources.
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  const { stderr } = await promisify(execFile)(join(venv, "bin", "python"), args, { cwd: KIT, env });
  const [, tests = "0"] = /Ran (\d+) tests/.exec(stderr) ?? [];
  expect(Number(tests)).toBeGreaterThan(40);
  expect(stderr).toMatch(/^OK$/m);
});
