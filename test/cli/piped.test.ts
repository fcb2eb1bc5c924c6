import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const PROJECT = join(__dirname, "..", "..");

test("whoever reads from a pipe gets all of it, however slowly", async () => {
  // The shell's pipe: what Node gives a process that it starts holds more.
  const piped = '"$0" cli/cutover.mjs rows | { sleep 1; cat; }';
  const { stdout } = await promisify(execFile)("sh", ["-c", piped, process.execPath], {
    cwd: PROJECT,
    maxBuffer: 16 * 2 ** 20,
  });
  // A pipe holds so much: a command that ends then has said no more.
  expect(Buffer.byteLength(stdout)).toBeGreaterThan(2 * 65_536);
  expect(stdout).toMatch(/└[─┴]+┘\s+$/);
});
