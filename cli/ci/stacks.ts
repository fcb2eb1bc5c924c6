import { readdirSync, readFileSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { readLoosely } from "../../src/abort/looseConfig";
import { loadRollout } from "../../src/rollout/load";
import { DEPTH, NO_ROLLOUTS } from "../../src/text/command";
import { markerOf } from "../../src/text/marker";
import { UserError } from "../../src/text/problem";

const STACK_FILE = /^Pulumi\.([A-Za-z0-9_.-]+)\.yaml$/;

/** One stack of one rollout, as a job of a workflow works on it. */
export interface StackJob {
  readonly rollout: string;
  /** From the repository's root; `.` for the rollout at the top. */
  readonly folder: string;
  readonly stack: string;
  /** Names the job's files: unique in the repository. */
  readonly name: string;
  /** What the stack's comment begins with. */
  readonly marker: string;
}

/** A rollout's folder, with its stacks in the order in which they are promoted. */
export interface RolloutFolder {
  readonly rollout: string;
  readonly folder: string;
  readonly stacks: readonly StackJob[];
  /** The stack after each one: it is held to the exit gates of the one before. */
  readonly successors: ReadonlyMap<string, readonly string[]>;
}

/**
 * Every rollout of a repository, wherever in it: each folder with a Pulumi.yaml whose stack files speak of cutover. A
 * template, or a Pulumi project of another kind, is none.
 */
export function rolloutFolders(root: string): RolloutFolder[] {
  return foldersIn(root, ".", DEPTH).map((folder) => rolloutIn(root, folder));
}

function foldersIn(root: string, folder: string, depth: number): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  const below = entries
    .filter((entry) => depth > 0 && entry.isDirectory() && !NO_ROLLOUTS.test(entry.name))
    .map(({ name }) => posix.join(folder, name))
    .sort();
  const isRollout =
    entries.some(({ name }) => name === "Pulumi.yaml") &&
    entries.some(
      ({ name }) =>
        STACK_FILE.test(name) && /^\s*["']?cutover:(?:rollout|stage)\b/m.test(text(join(root, folder, name))),
    );
  return [...(isRollout ? [folder] : []), ...below.flatMap((one) => foldersIn(root, one, depth - 1))];
}

/** What cannot be read is told by who needs it. */
function text(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Config that is broken must not hide a stack: its preview is what says so. */
function rolloutIn(root: string, folder: string): RolloutFolder {
  const path = join(root, folder);
  const files = readdirSync(path).flatMap((file) => STACK_FILE.exec(file)?.[1] ?? []);
  const { rollout = basename(path), stages } = readLoosely(path);
  const order = orderOf(path);
  const rank = (stack: string) => (order.includes(stack) ? order.indexOf(stack) : order.length);
  const stacks = files
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(
      (stack): StackJob => ({
        rollout,
        folder,
        stack,
        name: `${rollout}-${stack}`,
        marker: markerOf(rollout, stack),
      }),
    );
  const successors = new Map<string, string[]>();
  for (const [stack, { predecessor }] of stages)
    if (predecessor !== undefined)
      successors.set(predecessor, [...(successors.get(predecessor) ?? []), stack]);
  return { rollout, folder, stacks, successors };
}

function orderOf(path: string): string[] {
  try {
    return loadRollout(path).stages.map(({ name }) => name);
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

/**
 * What all stacks of a rollout share, beside their files: the project, and code, such as the rollout's own checks. In a
 * folder of its own that is all that lies in it, also further down, but for words; at the top what lies right there.
 *
 * @param rollouts all there are: what lies in another's folder is that one's
 */
export function isShared(path: string, folder: string, rollouts: readonly RolloutFolder[]): boolean {
  const right = posix.dirname(path) === folder;
  if (right && STACK_FILE.test(posix.basename(path))) return false;
  if (folder === ".") return right && /^Pulumi\.yaml$|\.[cm]?[jt]s$/.test(path);
  const others = rollouts.map((one) => one.folder).filter((one) => one.startsWith(`${folder}/`));
  return (
    path.startsWith(`${folder}/`) &&
    !others.some((other) => path.startsWith(`${other}/`)) &&
    !/\.(?:md|txt)$/i.test(path)
  );
}

/** What the program of every stack is made of, by whether they run this checkout or the package that npm installs. */
export const PROGRAM = {
  checkout:
    /^(?:index\.ts|(?:start|spare)\.cjs|package(?:-lock)?\.json|tsconfig\.json|(?:components|policies|src)\/.*\.(?:ts|mjs|json|yaml))$/,
  package: /^(?:.*\/)?(?:package\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock)$/,
} as const;

/**
 * The stacks that a change of files concerns, rollout by rollout: a stack by its own file and by its predecessor's,
 * whose exit gates it is held to; all of a rollout by what they share; all there are by the program.
 *
 * @param program whether the stacks run this checkout, or the package that npm installs
 */
export function concerned(
  files: readonly string[],
  rollouts: readonly RolloutFolder[],
  program: keyof typeof PROGRAM = "checkout",
): StackJob[] {
  const all = files.some((file) => PROGRAM[program].test(file));
  return rollouts.flatMap(({ folder, stacks, successors }) => {
    const own = files.flatMap((file) => (posix.dirname(file) === folder ? [posix.basename(file)] : []));
    const first = stacks[0]?.stack;
    const changed = own.flatMap((file) => STACK_FILE.exec(file)?.[1] ?? []);
    // The first stack's file declares the rollout.
    if (
      all ||
      files.some((file) => isShared(file, folder, rollouts)) ||
      (first !== undefined && changed.includes(first))
    )
      return stacks;
    const held = new Set(changed.flatMap((stack) => [stack, ...(successors.get(stack) ?? [])]));
    return stacks.filter(({ stack }) => held.has(stack));
  });
}

/** The stacks of a rollout, or the one of a name. Throws a `UserError` that names the known ones. */
export function findStack(
  rollouts: readonly RolloutFolder[],
  rollout: string,
  stack?: string,
): readonly StackJob[] {
  const found = rollouts
    .flatMap(({ stacks }) => stacks)
    .filter((one) => one.rollout === rollout && (stack === undefined || one.stack === stack));
  const folders = new Set(found.map(({ folder }) => folder));
  const problem = (what: string, remedy: string) => [
    { where: [rollout, stack].join(" ").trim(), what, remedy },
  ];
  if (folders.size > 1)
    throw new UserError(
      "There are several of that name:",
      problem(`is in ${[...folders].join(" and in ")}`, "Give each rollout a name of its own"),
    );
  if (found.length > 0) return found;
  const known = rollouts.map(
    ({ rollout: name, stacks }) => `${name}: ${stacks.map((one) => one.stack).join(", ")}`,
  );
  throw new UserError(
    `There is no such ${stack === undefined ? "rollout" : "stack"}:`,
    problem(
      "is not in this repository",
      known.length === 0 ? "There is none" : `There are ${known.join("; ")}`,
    ),
  );
}
