import { readFileSync } from "node:fs";
import { relative, sep } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * Orders the files of a project so that the longest begin first: where several run at a time, one long file that begins
 * last would run alone at the end. How long a file takes is known from this machine's last run, else from `times.json`,
 * which `npm test -- record` writes. A machine that has run nothing yet, such as that of CI, has the latter alone.
 */
export class Sequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // Vitest's own order knows the groups of projects, and which files failed last time.
    const sorted = await super.sort(files);
    const recorded = recordedTimes();
    const last = (file: TestSpecification) => this.ctx.cache.getFileTestResults(this.#keyOf(file));
    return longestFirst(sorted, {
      groupOf: ({ project }) => project.name,
      failed: (file) => last(file)?.failed ?? false,
      tookMs: (file) => last(file)?.duration ?? recorded[this.#pathOf(file)],
    });
  }

  #pathOf({ moduleId }: TestSpecification): string {
    return relative(this.ctx.config.root, moduleId).split(sep).join("/");
  }

  /** By which Vitest's cache knows a file. */
  #keyOf(file: TestSpecification): string {
    return `${file.project.name}:${this.#pathOf(file)}`;
  }
}

/** In ms, by the files' paths. */
function recordedTimes(): Readonly<Record<string, number>> {
  return JSON.parse(readFileSync(new URL("times.json", import.meta.url), "utf8"));
}

/** What is known of files that are to be ordered. */
export interface Known<T> {
  /** Files of a group stay together, and groups in their order. */
  readonly groupOf: (file: T) => string;
  /** Whether it failed the last time: whoever mends it wants to know first. */
  readonly failed: (file: T) => boolean;
  /** Undefined where nobody knows. */
  readonly tookMs: (file: T) => number | undefined;
}

/**
 * Files in the order in which they begin: what failed, then what nobody has timed, since it may be long, then the longest.
 * Files that are alike keep their order.
 */
export function longestFirst<T>(files: readonly T[], { groupOf, failed, tookMs }: Known<T>): T[] {
  const groups = [...new Set(files.map(groupOf))];
  const weight = (file: T) => (failed(file) ? Number.MAX_VALUE : (tookMs(file) ?? Number.MAX_SAFE_INTEGER));
  return groups.flatMap((group) =>
    files.filter((file) => groupOf(file) === group).toSorted((a, b) => weight(b) - weight(a)),
  );
}
