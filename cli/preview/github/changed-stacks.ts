import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { reasonOf, UserError } from "../../../src/text/problem";
import { concerned, findStack, rolloutFolders } from "./stacks";

/**
 * Prints stacks as JSON, for the matrix of a workflow:
 *
 *     changed-stacks.ts BASE            those that the commits since BASE concern
 *     changed-stacks.ts --all           every one
 *     changed-stacks.ts --stack ROLLOUT STACK   that one
 */
function main(args: readonly string[]): void {
  const root = join(__dirname, "..", "..", "..");
  const rollouts = rolloutFolders(root);
  const [what = "", rollout = "", stack = ""] = args;
  const jobs =
    what === "--all"
      ? rollouts.flatMap(({ stacks }) => stacks)
      : what === "--stack"
        ? [findStack(rollouts, rollout, stack)]
        : concerned(changedSince(root, what), rollouts);
  console.log(JSON.stringify(jobs));
}

/** Names are not quoted, and a file that was renamed counts under both of its names. */
function changedSince(root: string, base: string): string[] {
  if (!/^[0-9a-f]{7,64}$/.test(base))
    throw new UserError("The commit to compare with must be given by its hash: changed-stacks.ts BASE");
  const args = ["diff", "--name-only", "--no-renames", "-z", `${base}...HEAD`];
  return execFileSync("git", args, { cwd: root, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 })
    .split("\0")
    .filter((file) => file !== "");
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof UserError ? error.message : reasonOf(error));
  process.exitCode = 1;
}
