import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type Figure, seconds } from "../figure";
import { EDITS, type Edit } from "./edits";

const PROJECT = join(__dirname, "..", "..", "..");
/** Of a checkout, what tests need not have. */
const LEFT_OUT = [".git", ".cutover", "node_modules"];

/**
 * Makes one error after the other in a copy of the code, and runs the unit tests that have to notice it. They hold on the
 * copy as it is first: what fails anyway would notice everything.
 */
export async function benchCode(say: (line: string) => void): Promise<Figure[]> {
  const started = performance.now();
  const copy = mkdtempSync(join(tmpdir(), "cutover-mutants-"));
  const survivors: Edit[] = [];
  try {
    cpSync(PROJECT, copy, { recursive: true, filter: (file) => !LEFT_OUT.includes(basename(file)) });
    symlinkSync(join(PROJECT, "node_modules"), join(copy, "node_modules"));
    const sound = await run(copy, [...new Set(EDITS.flatMap(({ tests }) => tests))]);
    if (!sound.passed) throw new Error(`the tests fail on the code as it is:\n${sound.said}`);
    for (const edit of EDITS) {
      const survived = await survives(copy, edit);
      if (survived) survivors.push(edit);
      say(`${survived ? "SURVIVED" : "killed"} ${edit.file}: ${edit.from.trim()} → ${edit.to.trim()}`);
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  return [
    {
      what: "errors in the code behind the rows that no test notices",
      shown: `${survivors.length} of ${EDITS.length} (${seconds(performance.now() - started)})`,
      limit: "0",
      ok: survivors.length === 0,
    },
  ];
}

async function survives(copy: string, { file, from, to, tests }: Edit): Promise<boolean> {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  if (text.split(from).length !== 2)
    throw new Error(`${file} does not hold this exactly once, so that edits.ts has to follow it: ${from}`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
  try {
    return (await run(copy, tests)).passed;
  } finally {
    writeFileSync(path, text);
  }
}

function run(folder: string, tests: readonly string[]): Promise<{ passed: boolean; said: string }> {
  const vitest = join(folder, "node_modules", ".bin", "vitest");
  return new Promise((resolve, reject) => {
    // A test that is slow on a busy machine notices nothing.
    const args = ["run", "--project", "unit", "--bail", "1", "--testTimeout", "300000", ...tests];
    const child = spawn(vitest, args, { cwd: folder });
    let said = "";
    child.stdout.on("data", (part) => (said += part));
    child.stderr.on("data", (part) => (said += part));
    child.once("error", reject);
    child.once("close", (code) => resolve({ passed: code === 0, said }));
  });
}
