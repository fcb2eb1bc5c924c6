import { posix } from "node:path";
import type { Problem } from "../../src/text/problem";
import { GITLAB_CI, pipelineOnGitLab, type Sources, unheld, unheldOnGitLab, WORKFLOW } from "./jobs";
import { type HostName, OWNERS_FILES, ownersIn } from "./owners";
import { isShared, PROGRAM, type RolloutFolder } from "./stacks";

/** What a repository holds that decides who may promote what. */
export interface Repository extends Sources {
  readonly rollouts: readonly RolloutFolder[];
  /** Whether the stacks run this checkout, or the package that npm installs. */
  readonly program: keyof typeof PROGRAM;
}

/** On whose servers it lies, by its files: on both where it has those of both. */
export function hostsOf({ files }: Sources): readonly [HostName, ...HostName[]] {
  const gitlab = files.some((file) => file === GITLAB_CI || file.startsWith(".gitlab/"));
  const github = files.some((file) => WORKFLOW.test(file) || file === OWNERS_FILES.GitHub[0]);
  if (!gitlab) return ["GitHub"];
  return github ? ["GitHub", "GitLab"] : ["GitLab"];
}

/**
 * Everything by which something could be promoted that nobody else has looked at: files that decide about a promotion
 * without an owner, and jobs that change an account without an environment that asks. What the host itself is set to, no
 * file tells: that the default branch asks for a code owner's review, and whom the environment asks.
 */
export function unguarded(repository: Repository): Problem[] {
  const { files } = repository;
  return hostsOf(repository).flatMap((host) => {
    const file = OWNERS_FILES[host].find((one) => files.includes(one));
    return [
      ...(file === undefined ? [noOwners(host)] : unowned(repository, host, file)),
      ...(host === "GitHub"
        ? files.filter((one) => WORKFLOW.test(one)).flatMap((one) => unheld(repository, one))
        : unheldOnGitLab(repository)),
    ];
  });
}

function noOwners(host: HostName): Problem {
  return {
    where: host === "GitHub" ? OWNERS_FILES.GitHub[0] : ".gitlab/CODEOWNERS",
    what: "is not there, so that stack files may be changed without whoever answers for them",
    remedy: "Name owners of stack files, of policies, of the program and of what runs jobs in it",
  };
}

/** Where npm takes what it installs from, and what it runs then. */
const INSTALLER = /^(?:\.npmrc|\.yarnrc(?:\.yml)?|\.pnpmfile\.cjs|pnpm-workspace\.yaml)$/;

/**
 * What the program is made of: in a checkout the commands as well, and the sandbox, of which each command loads something;
 * with a package, what installs it in a folder above a rollout.
 */
function isProgram(path: string, { program, rollouts }: Repository): boolean {
  const above = posix.dirname(path);
  if (INSTALLER.test(posix.basename(path)) && isAbove(above, rollouts)) return true;
  return program === "checkout"
    ? PROGRAM.checkout.test(path) || /^(?:cli|sandbox)\//.test(path)
    : PROGRAM.package.test(path) && isAbove(above, rollouts);
}

const isAbove = (above: string, rollouts: readonly RolloutFolder[]) =>
  above === "." || rollouts.some(({ folder }) => folder === above || folder.startsWith(`${above}/`));

function unowned(repository: Repository, host: HostName, ownersFile: string): Problem[] {
  const { files, rollouts, read } = repository;
  const ownersOf = ownersIn(read(ownersFile), host);
  const pipeline = pipelineOnGitLab(repository);
  const kinds: readonly [string, (path: string) => boolean][] = [
    ["stack file", (path) => rollouts.some(({ folder }) => isOf(folder, path, /^Pulumi(\..+)?\.yaml$/))],
    ["rollout's own code", (path) => rollouts.some(({ folder }) => isShared(path, folder, rollouts))],
    ["policy", (path) => path.startsWith("policies/")],
    ["part of the program that promotes", (path) => isProgram(path, repository)],
    host === "GitHub"
      ? ["workflow or action", (path) => RUNS_ON_GITHUB.test(path)]
      : ["part of the pipeline", (path) => RUNS_ON_GITLAB.test(path) || pipeline.includes(path)],
    ["list of owners", (path) => path === ownersFile],
  ];
  const held = files.filter((path) => kinds.some(([, is]) => is(path)));
  // GitHub leaves out who is not there: a line with nobody else is nobody's.
  const blank = held.filter((path) => {
    const owners = ownersOf(path);
    return owners.length > 0 && owners.every((owner) => PLACEHOLDER.test(owner));
  });
  const told = new Set<string>();
  const unnamed = kinds.flatMap(([kind, is]) => {
    const open = files.filter((path) => is(path) && !told.has(path) && ownersOf(path).length === 0);
    for (const path of open) told.add(path);
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

/** Also what an action's or a workflow's steps call beside it. */
const RUNS_ON_GITHUB = /^\.github\/(?:workflows|actions)\/|(?:^|\/)action\.ya?ml$/;
const RUNS_ON_GITLAB = /^\.gitlab\/.*\.ya?ml$/;

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
