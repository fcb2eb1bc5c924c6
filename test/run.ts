import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createProgress, openSandbox, SetupError } from "../sandbox";
import { type Chosen, choose, onEngine } from "./changed/choose";
import { FILE_TIMES } from "./fileTimes";
import { brokenFiles, failuresOf, type Report, readJson, slowestFiles, slowestOf } from "./report";

/**
 * `npm test`: formatting and lint, walls, types, unit tests, tests that ask local servers and start programs, the report page
 * in a browser, then the tests on the real engine.
 *
 * - `npm test -- unit` is the unit tests alone.
 * - `npm test -- changed [BRANCH]` is what a change touches since this branch left `main`, or another one (`changed/`).
 * - `npm test -- record` is all of it, and writes down how long each file took (`times.json`), by which CI orders them.
 */

const PROJECT = dirname(__dirname);
const BIN = join(PROJECT, "node_modules", ".bin");

const MODES = ["all", "unit", "changed", "record"] as const;

/** How long files take, in ms: what `sequencer.mts` goes by where it knows nothing better. */
const TIMES = join(__dirname, "times.json");

/** How many of the files and tests that took longest are named. */
const SLOWEST = 10;

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
  readonly reports: Report[];
  /** How long each file took, in ms, by its path. */
  readonly times: Record<string, number>;
}

async function main(given = "all", base = "main"): Promise<void> {
  const mode = MODES.find((one) => one === given);
  if (mode === undefined) throw new SetupError("usage: npm test [-- unit | changed [BRANCH] | record]");
  const chosen = mode === "changed" ? await choose(base) : "all";
  if (mode === "changed") console.log(told(chosen, base));
  // A temporary folder of this run's own shows what the tests leave behind.
  const temp = mkdtempSync(join(tmpdir(), "cutover-test-"));
  // Run by root, the sandboxes' servers run as another user.
  chmodSync(temp, 0o711);
  const totals: Totals = { passed: 0, failed: 0, skipped: 0, reports: [], times: {} };
  let sound = true;
  try {
    // Side by side with the tests, many of which wait; what they find is said after them.
    const checks = mode === "unit" ? Promise.resolve([]) : check();
    await vitest("unit*", chosen, temp, totals);
    for (const { code, output } of await checks) {
      if (output.trim() !== "") console.log(output.trimEnd());
      if (code !== 0) sound = false;
    }
    if (mode !== "unit") {
      await vitest("local*", chosen, temp, totals);
      await vitest("browser", chosen, temp, totals);
      // Set-up that takes minutes shows its progress here, instead of a test that seems to hang.
      if (chosen === "all" || chosen.some(onEngine))
        await (await openSandbox({ progress: createProgress() })).stop();
      await vitest("engine", chosen, temp, totals);
    }
    for (const leak of leftBehind(temp)) {
      console.error(`Left behind by the tests: ${leak}`);
      sound = false;
    }
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
  if (!sound)
    console.error("\nNot only tests: formatting, lint, walls, types or what was left behind, see above.");
  if (!sound || totals.failed > 0) process.exitCode = 1;
  if (mode === "record" && process.exitCode === undefined) record(totals.times);
  console.log(`\nThe slowest files:\n${slowestFiles(totals.times, SLOWEST).join("\n")}`);
  console.log(`\nThe slowest tests:\n${slowestOf(totals.reports, PROJECT, SLOWEST).join("\n")}`);
  for (const failure of totals.reports.flatMap((report) => failuresOf(report, PROJECT)))
    console.error(`\nFailed: ${failure}`);
  const skipped = totals.skipped === 0 ? "" : `, ${totals.skipped} skipped`;
  console.log(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
}

function told(chosen: Chosen, base: string): string {
  if (chosen === "all") return `What has changed since ${base} may touch anything: every test runs.`;
  const engine = chosen.filter(onEngine).length;
  return `What has changed since ${base} touches ${chosen.length} test files, ${engine} of them on the engine.`;
}

/** Writes down how long each file took. Tenths of a second are all that an order needs, and what is shorter needs none. */
function record(times: Totals["times"]): void {
  const kept = Object.entries(times)
    .map(([path, ms]): [string, number] => [path, Math.round(ms / 100) * 100])
    .filter(([, ms]) => ms >= 1_000)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(TIMES, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
}

/** Formatting, lint, walls, dead exports and types: all of `npm run check`. */
function check(): Promise<{ code: number; output: string }[]> {
  const info = join(PROJECT, ".cutover", "tsc.tsbuildinfo");
  mkdirSync(dirname(info), { recursive: true });
  return Promise.all([
    hear("biome", ["check", "--error-on-warnings", "."]),
    hear("npm", ["run", "-s", "walls"]),
    hear("tsc", ["--noEmit", "--incremental", "--tsBuildInfoFile", info]),
  ]);
}

async function vitest(project: string, chosen: Chosen, temp: string, totals: Totals): Promise<void> {
  // Vitest takes no files for all files.
  if (chosen !== "all" && chosen.length === 0) return;
  const file = join(temp, `${project.replace("*", "")}.json`);
  const times = `${file}.times`;
  const files = chosen === "all" ? [] : chosen;
  const reporters = [
    ...["--reporter=default", "--reporter=json", `--outputFile.json=${file}`],
    `--reporter=${join(__dirname, "fileTimes.ts")}`,
  ];
  const code = await run(
    "vitest",
    ["run", "--project", project, "--passWithNoTests", ...reporters, ...files],
    {
      TMPDIR: temp,
      CUTOVER_TEST_RUN: temp,
      [FILE_TIMES]: times,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    },
  );
  const report = readJson<Report>(file);
  Object.assign(totals.times, readJson(times));
  // Neither a file that could not be loaded nor an error outside of the tests is a test to count.
  const failed = (report?.numFailedTests ?? 0) + (report ? brokenFiles(report).length : 0);
  if (report) totals.reports.push(report);
  totals.passed += report?.numPassedTests ?? 0;
  totals.failed += code !== 0 && failed === 0 ? 1 : failed;
  totals.skipped += (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
}

/** Sandbox folders and, where the system shows environments, processes that outlived the tests. */
function leftBehind(temp: string): string[] {
  const folders = readdirSync(temp).filter((name) => name.startsWith("cutover-"));
  if (process.platform !== "linux") return folders;
  const processes = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/environ`, "latin1").includes(`CUTOVER_TEST_RUN=${temp}\0`);
    } catch {
      return false;
    }
  });
  return [...folders, ...processes.map((pid) => `process ${pid}: ${commandOf(pid)}`)];
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "it has just ended";
  }
}

function start(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
  output: "inherit" | "pipe",
): ChildProcess {
  return spawn(command, args, {
    cwd: PROJECT,
    env: { ...process.env, PATH: `${BIN}${delimiter}${process.env.PATH}`, ...env },
    stdio: ["ignore", output, output],
  });
}

/** Runs a command whose output goes to the terminal as it comes. Returns its exit code. */
function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<number> {
  return ended(start(command, args, env, "inherit"));
}

/** Runs a command and keeps what it says. */
async function hear(command: string, args: readonly string[]): Promise<{ code: number; output: string }> {
  const child = start(command, args, {}, "pipe");
  const parts: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (part: Buffer) => void parts.push(part));
  const code = await ended(child);
  return { code, output: Buffer.concat(parts).toString("utf8") };
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

main(process.argv[2], process.argv[3]).catch((error: unknown) => {
  console.error(error instanceof SetupError ? error.message : error);
  console.log("\n0 passed, 1 failed");
  process.exitCode = 1;
});
