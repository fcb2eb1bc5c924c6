import { execFile, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { PROJECT, temporaryFolder } from "../sandbox/support";
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

/** Any WSGI server would do. It says on which port it is. */
const SERVE = `
from wsgiref.simple_server import make_server
from app import app
server = make_server("127.0.0.1", 0, app)
print(server.server_port, flush=True)
server.serve_forever()
`;

test("the README's app runs as it stands there", async () => {
  const venv = await pythonWith("kit", join(KIT, "requirements-test.txt"));
  if (venv === undefined) throw new Error("The Python kit needs Python 3.11 or later as python3 on PATH.");
  const [, code = ""] = /```python\n([\s\S]*?)```/.exec(readFileSync(join(KIT, "README.md"), "utf8")) ?? [];
  const dir = temporaryFolder();
  writeFileSync(join(dir, "app.py"), code);
  const child = spawn(join(venv, "bin", "python"), ["-c", SERVE], {
    cwd: dir,
    env: { ...process.env, PYTHONPATH: KIT, PYTHONDONTWRITEBYTECODE: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let said = "";
  child.stderr.on("data", (data) => {
    said += data;
  });
  const port = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once("line", resolve);
    child.once("exit", () => reject(new Error(said)));
  });
  expect(await (await fetch(`http://127.0.0.1:${port}/flags`)).json()).toMatchObject({
    flags: { SEARCH_DB_READ: false, SEARCH_DB_WRITE: false, SEARCH_NEW_RANKING: 0 },
    version: null,
  });
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).json()).toEqual({ from: "memory", ranking: "old" });
});
