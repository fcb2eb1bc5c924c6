import { besides, type Graph, reachedFrom } from "./graph";

/** What is known of the project when tests are chosen. */
export interface Ground {
  /** What each file imports and starts. */
  readonly graph: Graph;
  /** Every test file. */
  readonly tests: readonly string[];
  /** Test files that read the tree itself (sources, pages, stack files): nobody knows what a change means to them. */
  readonly readers: readonly string[];
}

/** What a change means without anybody importing it. The first that matches holds; what none matches may touch anything. */
const RULES: readonly (readonly [
  pattern: RegExp,
  means: "pages" | "readers" | "itself" | "imports" | "beside",
])[] = [
  // Tests of what stands there type each command of each page.
  [/^docs\/.*\.(md|yml)$|^[A-Z_]+\.md$/, "pages"],
  [
    /^(\.github|\.changeset)\/|^(biome|knip)\.json$|^\.dependency-cruiser\.cjs$|^\.gitignore$|^LICENSE$/,
    "readers",
  ],
  [/^test\/times\.json$/, "readers"],
  [/\.test\.ts$/, "itself"],
  // The world that the stack files describe is opened by whatever opens a rollout.
  [/(^|\/)Pulumi[^/]*\.yaml$/, "imports"],
  [/^(src|components|policies|cli|sandbox|rollouts|docs|test)\/.*\.ts$|^(index|rehearsal)\.ts$/, "imports"],
  [/^(src|components|policies|cli|sandbox|test)\/.*\/[^/]+$/, "beside"],
];

/** Pages are followed by the tests beside their chapters. */
const PAGES = /^test\/docs\//;
/** Where the shipped stack files are read: no import says so. */
const STACK_FILES = ["cli/sandbox/project.ts", "src/rollout/load.ts"];

/**
 * The test files that a change touches; "all" where nobody can tell. A test is touched where it imports what changed,
 * where it starts a program that does, or where it reads the tree and anything has changed.
 *
 * @param changed paths in the project, with `/`
 */
export function touched(changed: readonly string[], ground: Ground): readonly string[] | "all" {
  const chosen = new Set<string>();
  const roots = new Set<string>();
  for (const path of changed) {
    const means = RULES.find(([pattern]) => pattern.test(path))?.[1];
    if (means === undefined) return "all";
    if (means === "pages") for (const test of ground.tests) if (PAGES.test(test)) chosen.add(test);
    if (means === "itself" && ground.tests.includes(path)) chosen.add(path);
    if (means === "imports") for (const root of stackFile(path) ? STACK_FILES : [path]) roots.add(root);
    if (means === "beside") {
      const there = ground.graph.has(path) ? [path] : besides(ground.graph, path);
      if (there.length === 0) return "all";
      for (const root of there) roots.add(root);
    }
  }
  if (changed.length > 0) for (const reader of ground.readers) chosen.add(reader);
  for (const test of ground.tests)
    if (roots.size > 0 && [...reachedFrom(ground.graph, test)].some((path) => roots.has(path)))
      chosen.add(test);
  return [...chosen].sort();
}

const stackFile = (path: string) => path.endsWith(".yaml");
