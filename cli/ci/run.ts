import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bucketOf } from "../../src/gates/dumps/address";
import { loadRollout } from "../../src/rollout/load";
import { packaged } from "../../src/text/packaged";
import { reasonOf, UserError } from "../../src/text/problem";
import { EXIT, type Exit, UsageError } from "../exit";
import { READ_ENVIRONMENT } from "../readEnvironment";
import { commentOf, commentsIn } from "./artifact";
import { postComment } from "./comment";
import { type Environments, readEnvironments, unprotected } from "./environments";
import { github, githubApi } from "./github";
import { gitlab } from "./gitlab";
import { hostsOf, type Repository, unguarded } from "./guarded";
import { type Host, Refused } from "./host";
import { promotedIn } from "./jobs";
import type { HostName } from "./owners";
import { concerned, findStack, type RolloutFolder, rolloutFolders, type StackJob } from "./stacks";

export interface StacksOptions {
  /** A folder of the repository. */
  readonly folder: string;
  /** Only what the commits since this one concern. */
  readonly since?: string | undefined;
  readonly rollout?: string | undefined;
  readonly stage?: string | undefined;
  /** Only one of each rollout whose dumps a job can reach. */
  readonly backups?: boolean | undefined;
  readonly print?: (line: string) => void;
}

/** Prints the stacks of a repository as one line of JSON. Throws a `UserError` where what is asked for is not there. */
export function stacksCommand(options: StacksOptions): Exit {
  const { folder, since, print = console.log } = options;
  const root = rootOf(folder);
  const all = rolloutFolders(root);
  const asked = stacksOf(all, options);
  const wanted = options.backups ? backedUpIn(root, all) : all.flatMap(({ stacks }) => stacks);
  const jobs =
    since === undefined ? wanted : changedIn(root, since, all).filter((job) => wanted.includes(job));
  print(JSON.stringify(jobs.filter((job) => asked.includes(job))));
  return EXIT.ok;
}

/** A folder of dumps is on one machine, which no job of a pipeline is. */
function backedUpIn(root: string, all: readonly RolloutFolder[]): StackJob[] {
  return all.flatMap(({ folder, stacks }) => {
    const { backup } = loadRollout(join(root, folder));
    return backup && bucketOf(backup.dumps) ? stacks.slice(0, 1) : [];
  });
}

export interface GuardOptions extends Pick<StacksOptions, "folder" | "print"> {
  /** Where it has GITHUB_TOKEN and GITHUB_REPOSITORY, GitHub itself is asked how its environments are set. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Prints what of a repository is guarded by nobody. Throws a `UserError` that names all of it. */
export async function guardCommand({
  folder,
  print = console.log,
  env = process.env,
}: GuardOptions): Promise<Exit> {
  const root = rootOf(folder);
  const files = git(root, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
  if (!files.ok)
    throw new UserError("The repository's files cannot be listed:", [
      { where: root, what: `git says: ${files.why}`, remedy: "Run it in a checkout of the repository" },
    ]);
  const repository: Repository = {
    // A file that was deleted, and not committed yet, is listed.
    files: files.said.split("\0").filter((file) => file !== "" && existsSync(join(root, file))),
    rollouts: rolloutFolders(root),
    program: programOf(),
    read: (file) => readFileSync(join(root, file), "utf8"),
  };
  const hosts = hostsOf(repository);
  const set = hosts.includes("GitHub")
    ? await settingsOf(env, [...repository.rollouts.map(({ rollout }) => rollout), ...promotedIn(repository)])
    : undefined;
  const open = [...unguarded(repository), ...(set ? unprotected(set) : [])];
  if (open.length > 0)
    throw new UserError("Something could be promoted that nobody else has looked at:", open);
  print(
    "Every file that decides about a promotion has an owner, and every job whose own steps promote has an environment.",
  );
  for (const host of hosts) {
    if (host === "GitLab")
      print(`How its protected environments are set was not looked at. ${UNSEEN.GitLab}`);
    else
      print(
        set
          ? `Each environment lets the branch ${set.branch} in alone, and asks somebody else before a promotion. ${UNSEEN.GitHub}`
          : `How its environments are set was not looked at: GITHUB_TOKEN or GITHUB_REPOSITORY is missing. ${UNSEEN.GitHub}`,
      );
  }
  return EXIT.ok;
}

const UNSEEN: Readonly<Record<HostName, string>> = {
  GitHub:
    "Not looked at: what scripts and workflows elsewhere do that jobs call, and that the default branch asks for a code owner's review, under Settings, Rules, Rulesets",
  GitLab:
    "Not looked at: what scripts do that jobs call, and that the default branch is protected and asks for code owners' approval, under Settings, Repository, Protected branches",
};

const programOf = () => (packaged() ? "package" : "checkout");

/** How GitHub is set; undefined where nothing says how to ask it. Throws a `UserError` where it does not answer. */
async function settingsOf(
  { GITHUB_TOKEN, GITHUB_REPOSITORY, GITHUB_API_URL }: NodeJS.ProcessEnv,
  environments: readonly string[],
): Promise<Environments | undefined> {
  if (!GITHUB_TOKEN || !GITHUB_REPOSITORY) return undefined;
  const api = githubApi(GITHUB_API_URL || "https://api.github.com", GITHUB_REPOSITORY, GITHUB_TOKEN);
  try {
    return await readEnvironments(api, [...new Set([READ_ENVIRONMENT, ...environments])]);
  } catch (error) {
    const status = error instanceof Refused ? error.status : 0;
    throw new UserError("It is not known how GitHub is set:", [
      {
        where: `${GITHUB_REPOSITORY} environments`,
        what: `cannot be read: ${status === 0 ? reasonOf(error) : `GitHub answers ${status}`}`,
        remedy: "Give the job permissions: actions: read, or run it without GITHUB_TOKEN",
      },
    ]);
  }
}

function stacksOf(all: readonly RolloutFolder[], { rollout, stage }: StacksOptions): readonly StackJob[] {
  if (stage === undefined && rollout === undefined) return all.flatMap(({ stacks }) => stacks);
  if (rollout === undefined)
    throw new UsageError("It is not known whose stage is meant:", [
      { where: "--rollout", what: "is missing", remedy: "Name the rollout of the stage" },
    ]);
  return findStack(all, rollout, stage);
}

/** Names are not quoted, and a file that was renamed counts under both of its names. */
function changedIn(root: string, base: string, all: readonly RolloutFolder[]): StackJob[] {
  if (!/^[0-9a-f]{7,64}$/.test(base))
    throw new UsageError("The commit to compare with must be given by its hash: --since COMMIT");
  const files = git(root, ["diff", "--name-only", "--no-renames", "-z", `${base}...HEAD`]);
  if (!files.ok)
    throw new UserError("The commits cannot be compared:", [
      {
        where: `--since ${base}`,
        what: `git says: ${files.why}`,
        remedy: "Check the whole history out: fetch-depth: 0",
      },
    ]);
  return concerned(
    files.said.split("\0").filter((file) => file !== ""),
    all,
    programOf(),
  );
}

/** The repository's root; outside of any, the folder itself. */
export function rootOf(folder: string): string {
  const found = git(folder, ["rev-parse", "--show-toplevel"]);
  return found.ok ? found.said.replace(/\n$/, "") : folder;
}

function git(
  folder: string,
  args: readonly string[],
): { readonly ok: true; readonly said: string } | { readonly ok: false; readonly why: string } {
  try {
    const options = { cwd: folder, encoding: "utf8", maxBuffer: 64 * 1024 * 1024, stdio: "pipe" } as const;
    return { ok: true, said: execFileSync("git", args, options) };
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string };
    return { ok: false, why: stderr?.trim().split("\n").at(-1) || reasonOf(error) };
  }
}

/** Posts every `.md` file of a folder as a comment of its own. One that fails keeps no other from being posted. */
export async function commentCommand(
  folder: string,
  env: NodeJS.ProcessEnv,
  print: (line: string) => void = console.log,
): Promise<Exit> {
  const host = hostOf(env);
  let code: Exit = EXIT.ok;
  for (const file of commentsIn(folder)) {
    try {
      print(`${file}: ${await postComment(host, commentOf(folder, file))}`);
    } catch (error) {
      print(`${file}: ${error instanceof UserError ? error.message : reasonOf(error)}`);
      code = EXIT.failed;
    }
  }
  return code;
}

/** By the variables of GitHub's and GitLab's own runners, beside the number of the request and a token. */
function hostOf(env: NodeJS.ProcessEnv): Host {
  if (env.GITLAB_CI) {
    const { CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID, GITLAB_TOKEN } = env;
    const set = given({ GITLAB_TOKEN, CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID });
    return gitlab({
      api: set.CI_API_V4_URL,
      project: set.CI_PROJECT_ID,
      number: numberOf("CI_MERGE_REQUEST_IID", set.CI_MERGE_REQUEST_IID),
      token: set.GITLAB_TOKEN,
    });
  }
  const { GITHUB_TOKEN, GITHUB_REPOSITORY, PULL_REQUEST } = env;
  const set = given({ GITHUB_TOKEN, GITHUB_REPOSITORY, PULL_REQUEST });
  return github({
    api: env.GITHUB_API_URL || "https://api.github.com",
    repository: set.GITHUB_REPOSITORY,
    number: numberOf("PULL_REQUEST", set.PULL_REQUEST),
    token: set.GITHUB_TOKEN,
  });
}

function given<Name extends string>(
  variables: Readonly<Record<Name, string | undefined>>,
): Record<Name, string> {
  const missing = Object.entries(variables).flatMap(([name, value]) => (value ? [] : [name]));
  if (missing.length > 0)
    throw new UserError("It is not known where to post:", [
      { where: missing.join(", "), what: "is missing", remedy: "Set it in the job's environment" },
    ]);
  return variables as Record<Name, string>;
}

function numberOf(name: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new UserError(`${name} must be a number, got ${text}`);
  return Number(text);
}
