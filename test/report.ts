import { readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

/** What vitest's JSON report says, as far as it is read here. */
export interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly TestFile[];
}

interface TestFile {
  readonly name: string;
  readonly status: string;
  readonly message?: string;
  readonly assertionResults: readonly Assertion[];
}

interface Assertion {
  readonly status: string;
  readonly fullName: string;
  /** In ms; absent for a test that did not run. */
  readonly duration?: number | null;
  readonly failureMessages?: readonly string[] | null;
}

/** More lines of a failure than these are in the output above. */
const MOST_LINES = 20;

/** What a reporter wrote to a file; undefined where it wrote none. */
export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    return undefined;
  }
}

/** A file that could not even be loaded has no tests to count. */
export function brokenFiles({ testResults }: Report): readonly TestFile[] {
  return testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
}

/** Every failed test with its file and what it said: what is read of a long run is its end. */
export function failuresOf(report: Report, root: string): string[] {
  const broken = brokenFiles(report).map((file) => told(place(file, root), file.message ?? ""));
  const failed = report.testResults.flatMap((file) =>
    file.assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName, failureMessages }) =>
        told(`${place(file, root)}: ${fullName}`, (failureMessages ?? []).join("\n")),
      ),
  );
  return [...broken, ...failed];
}

/**
 * The files that took longest, with what their tests share, the longest first.
 *
 * @param times in ms, by the files' paths
 */
export function slowestFiles(times: Readonly<Record<string, number>>, most: number): string[] {
  return Object.entries(times)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, most)
    .map(([path, ms]) => `${seconds(ms)}  ${path}`);
}

/** The tests that took longest, over all of a run's reports, the longest first. */
export function slowestOf(reports: readonly Report[], root: string, most: number): string[] {
  const all = reports.flatMap(({ testResults }) =>
    testResults.flatMap((file) =>
      file.assertionResults.map(({ fullName, duration }) => ({ file, fullName, ms: duration ?? 0 })),
    ),
  );
  return all
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, most)
    .map(({ file, fullName, ms }) => `${seconds(ms)}  ${place(file, root)}: ${fullName}`);
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1).padStart(6)} s`;

function place({ name }: TestFile, root: string): string {
  return name.startsWith(`${root}/`) ? name.slice(root.length + 1) : name;
}

function told(title: string, message: string): string {
  const lines = stripVTControlCharacters(message).trim().split("\n");
  const more = lines.length > MOST_LINES ? ["…"] : [];
  return [title, ...lines.slice(0, MOST_LINES), ...more].join("\n    ");
}
