import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { changedSince } from "./git";
import { type Graph, importsOf, joined } from "./graph";
import { touched } from "./select";
import { STARTS } from "./starts";

const PROJECT = dirname(dirname(__dirname));

/** Every test file, by its path in the project. */
export function testFiles(): string[] {
  return sources().filter((path) => path.endsWith(".test.ts"));
}

/** Programs that tests in the folder above have run by an engine. */
function fixtures(): string[] {
  return sources().filter((path) => path.includes("/fixtures/"));
}

function sources(): string[] {
  return readdirSync(join(PROJECT, "test"), { recursive: true, encoding: "utf8" })
    .map((path) => `test/${path.split(sep).join("/")}`)
    .filter((path) => path.endsWith(".ts"))
    .sort();
}

/**
 * A test that names the checkout's folder, or walks from its own to somewhere else, may read any file there. Those of the
 * engine are left out: what they start is known (`starts.ts`).
 */
const READS =
  /\b(PROJECT|PROGRAM|CHECKOUT|PAGES)\b|"\.\."|\.\.\/\.\.\/?["`]|\bprocess\.cwd\(|\breaddirSync\(|\bcruise\b/;

/** Whether a test file opens a sandbox (the project `engine` of vitest.config.mts). */
export const onEngine = (path: string) => /\.engine\.test\.ts$|^test\/engine\//.test(path);

/** Test files that read the tree itself. */
export function readersOf(tests: readonly string[]): string[] {
  return tests.filter((path) => !onEngine(path) && READS.test(readFileSync(join(PROJECT, path), "utf8")));
}

/** What imports and starts what, in this project. */
export async function projectGraph(tests: readonly string[]): Promise<Graph> {
  const started: Record<string, readonly string[]> = { ...STARTS };
  for (const program of fixtures())
    for (const test of tests.filter((path) => program.startsWith(`${dirname(path)}/fixtures/`)))
      started[test] = [...(started[test] ?? []), program];
  const programs = new Set(Object.values(started).flat());
  return joined(await importsOf(PROJECT, [...tests, ...programs]), started);
}

/** Test files by their paths in the project, or every one. */
export type Chosen = readonly string[] | "all";

/** The test files that a change since `base` touches, or "all". See `touched`. */
export async function choose(base: string): Promise<Chosen> {
  const changed = changedSince(PROJECT, base);
  const tests = testFiles();
  return touched(changed, { graph: await projectGraph(tests), tests, readers: readersOf(tests) });
}
