import { posix } from "node:path";
import { parse } from "yaml";
import type { Problem } from "../../src/text/problem";
import { OWNERS_FILES, ownersIn } from "./owners";
import type { RolloutFolder } from "./stacks";

/** What a repository holds that decides who may promote what. */
export interface Repository {
  /** Every file, from the root. */
  readonly files: readonly string[];
  readonly rollouts: readonly RolloutFolder[];
  /** The text of one of them. */
  read(file: string): string;
}

const WORKFLOW = /^\.github\/workflows\/[^/]+\.ya?ml$/;
/** What changes an account, in a job's commands. */
const CHANGES = /\bpulumi\b[^\n]*?\s(?:up|destroy|refresh(?![^\n]*--preview-only))\b/;

/**
 * Everything by which something could be promoted that nobody else has looked at: files that decide about a promotion
 * without an owner, and jobs that change an account without an environment. What GitHub itself is set to, no file tells:
 * that the default branch asks for a code owner's review, and whom the environment asks.
 */
export function unguarded(repository: Repository): Problem[] {
  const { files } = repository;
  const file = OWNERS_FILES.find((one) => files.includes(one));
  return [
    ...(file === undefined ? [NO_OWNERS] : unowned(repository, file)),
    ...files.filter((one) => WORKFLOW.test(one)).flatMap((one) => unheld(one, repository.read(one))),
  ];
}

const NO_OWNERS: Problem = {
  where: OWNERS_FILES[0],
  what: "is not there, so that stack files may be changed without whoever answers for them",
  remedy: "Name owners of stack files, of policies and of workflows in it",
};

function unowned({ files, rollouts, read }: Repository, ownersFile: string): Problem[] {
  const ownersOf = ownersIn(read(ownersFile));
  const kinds: readonly [string, (path: string) => boolean][] = [
    ["stack file", (path) => rollouts.some(({ folder }) => isOf(folder, path, /^Pulumi(\..+)?\.yaml$/))],
    [
      "rollout's own code",
      (path) => rollouts.some(({ folder }) => folder !== "." && isOf(folder, path, /\.[cm]?[jt]s$/)),
    ],
    ["policy", (path) => path.startsWith("policies/")],
    ["workflow", (path) => WORKFLOW.test(path)],
    ["list of owners", (path) => path === ownersFile],
  ];
  return kinds.flatMap(([kind, is]) => {
    const open = files.filter((path) => is(path) && ownersOf(path).length === 0);
    if (open.length === 0) return [];
    const more = open.length > SHOWN ? `, and ${open.length - SHOWN} more` : "";
    return [
      {
        where: ownersFile,
        what: `names no owner of ${open.slice(0, SHOWN).join(", ")}${more}: each is a ${kind}`,
        remedy: "Add a line with owners that matches, below every line that takes it away",
      },
    ];
  });
}

/** How many files a line names. */
const SHOWN = 5;

const isOf = (folder: string, path: string, name: RegExp) =>
  posix.dirname(path) === folder && name.test(posix.basename(path));

interface Job {
  readonly environment?: unknown;
  readonly steps?: readonly { readonly run?: unknown }[];
}

/** Jobs that change an account, and wait for nobody. One that calls another workflow is held by that one. */
function unheld(file: string, text: string): Problem[] {
  let jobs: Readonly<Record<string, Job | null>>;
  try {
    jobs = (parse(text) as { jobs?: Record<string, Job | null> } | null)?.jobs ?? {};
  } catch {
    return [
      {
        where: file,
        what: "cannot be read as YAML",
        remedy: "Mend it: GitHub runs nothing of it until then",
      },
    ];
  }
  return Object.entries(jobs).flatMap(([name, job]) =>
    job?.steps?.some(({ run }) => CHANGES.test(String(run ?? ""))) && !job.environment
      ? [
          {
            where: `${file} jobs.${name}`,
            what: "changes an account, and has no environment: nobody approves it, and any branch may run it",
            remedy:
              "Set environment: to one that asks for reviewers, and that the default branch alone may use",
          },
        ]
      : [],
  );
}
