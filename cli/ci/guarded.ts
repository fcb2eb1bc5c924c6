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
  const held = files.filter((path) => kinds.some(([, is]) => is(path)));
  // GitHub leaves out who is not there: a line with nobody else is nobody's.
  const blank = held.filter((path) => {
    const owners = ownersOf(path);
    return owners.length > 0 && owners.every((owner) => PLACEHOLDER.test(owner));
  });
  const unnamed = kinds.flatMap(([kind, is]) => {
    const open = files.filter((path) => is(path) && ownersOf(path).length === 0);
    if (open.length === 0) return [];
    return [
      {
        where: ownersFile,
        what: `names no owner of ${listed(open)}: each is a ${kind}`,
        remedy: "Add a line with owners that matches, below every line that takes it away",
      },
    ];
  });
  if (blank.length === 0) return unnamed;
  return [
    ...unnamed,
    {
      where: ownersFile,
      what: `names for ${listed(blank)} nobody but ${PLACEHOLDER_OWNER}, which stands for a team of yours`,
      remedy: "Write a team, or people, with write access to this repository in its place",
    },
  ];
}

/** Whom a list of owners names before anybody has said who answers for what. */
const PLACEHOLDER_OWNER = "@OWNER/release";
const PLACEHOLDER = /^@OWNER(?:\/|$)/;

function listed(files: readonly string[]): string {
  const more = files.length > SHOWN ? `, and ${files.length - SHOWN} more` : "";
  return `${files.slice(0, SHOWN).join(", ")}${more}`;
}

/** How many files a line names. */
const SHOWN = 5;

const isOf = (folder: string, path: string, name: RegExp) =>
  posix.dirname(path) === folder && name.test(posix.basename(path));

interface Job {
  readonly environment?: unknown;
  readonly steps?: readonly { readonly run?: unknown; readonly uses?: unknown }[];
}

interface Workflow {
  readonly on?: unknown;
  readonly jobs?: Readonly<Record<string, Job | null>>;
}

/** Jobs that change an account, and wait for nobody. One that calls another workflow is held by that one. */
function unheld(file: string, text: string): Problem[] {
  let workflow: Workflow;
  try {
    workflow = (parse(text) as Workflow | null) ?? {};
  } catch {
    return [
      {
        where: file,
        what: "cannot be read as YAML",
        remedy: "Mend it: GitHub runs nothing of it until then",
      },
    ];
  }
  const jobs = Object.entries(workflow.jobs ?? {});
  const withTargetsRights = triggersOf(workflow).includes("pull_request_target");
  const strange = jobs.flatMap(([name, job]) =>
    withTargetsRights && job?.steps?.some(({ uses }) => String(uses ?? "").startsWith("actions/checkout@"))
      ? [
          {
            where: `${file} jobs.${name}`,
            what: "checks code out with the rights of pull_request_target: whoever opens a pull request has them",
            remedy: "Trigger it by pull_request, which has none of this repository's secrets for a fork",
          },
        ]
      : [],
  );
  const unasked = jobs.flatMap(([name, job]) =>
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
  return [...strange, ...unasked];
}

/** `on:` is a name, a list of them, or a key each. */
function triggersOf({ on }: Workflow): string[] {
  if (typeof on === "string") return [on];
  return Array.isArray(on) ? on.map(String) : Object.keys(on ?? {});
}
