import { existsSync, readdirSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { readLoosely } from "../../../src/abort/looseConfig";
import { loadRollout } from "../../../src/rollout/load";
import { markerOf } from "../../../src/text/marker";
import { UserError } from "../../../src/text/problem";

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

/** Every rollout of the repository: at the top, and in each folder of `rollouts/`. */
export function rolloutFolders(root: string): RolloutFolder[] {
  const nested = existsSync(join(root, "rollouts"))
    ? readdirSync(join(root, "rollouts"), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => `rollouts/${name}`)
        .sort()
    : [];
  return [".", ...nested]
    .filter((folder) => existsSync(join(root, folder, "Pulumi.yaml")))
    .map((folder) => rolloutIn(root, folder));
}

/** Config that is broken must not hide a stack: its preview is what says so. */
function rolloutIn(root: string, folder: string): RolloutFolder {
  const path = join(root, folder);
  const files = readdirSync(path).flatMap(
    (file) => /^Pulumi\.([A-Za-z0-9_.-]+)\.yaml$/.exec(file)?.[1] ?? [],
  );
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

/** What the program of every stack is made of: a change of it concerns all of them. */
const PROGRAM =
  /^(?:index\.ts|package(?:-lock)?\.json|tsconfig\.json|(?:components|policies|src)\/.*\.(?:ts|mjs|json|yaml)|rollouts\/.*\.ts)$/;

/**
 * The stacks that a change of files concerns, rollout by rollout: a stack by its own file and by its predecessor's,
 * whose exit gates it is held to; all of a rollout by what they share; all there are by the program.
 */
export function concerned(files: readonly string[], rollouts: readonly RolloutFolder[]): StackJob[] {
  const program = files.some((file) => PROGRAM.test(file));
  return rollouts.flatMap(({ folder, stacks, successors }) => {
    const own = files.flatMap((file) => (posix.dirname(file) === folder ? [posix.basename(file)] : []));
    const first = stacks[0]?.stack;
    const changed = own.flatMap((file) => /^Pulumi\.([A-Za-z0-9_.-]+)\.yaml$/.exec(file)?.[1] ?? []);
    // The first stack's file declares the rollout.
    if (program || own.includes("Pulumi.yaml") || (first !== undefined && changed.includes(first)))
      return stacks;
    const all = new Set(changed.flatMap((stack) => [stack, ...(successors.get(stack) ?? [])]));
    return stacks.filter(({ stack }) => all.has(stack));
  });
}

/** The stack of that name. Throws a `UserError` that names the known ones. */
export function findStack(rollouts: readonly RolloutFolder[], rollout: string, stack: string): StackJob {
  const found = rollouts
    .flatMap(({ stacks }) => stacks)
    .find((one) => one.rollout === rollout && one.stack === stack);
  if (found) return found;
  const known = rollouts.map(
    ({ rollout: name, stacks }) => `${name}: ${stacks.map((one) => one.stack).join(", ")}`,
  );
  throw new UserError("There is no such stack:", [
    {
      where: `${rollout} ${stack}`,
      what: "is not in this repository",
      remedy: `There are ${known.join("; ")}`,
    },
  ]);
}
