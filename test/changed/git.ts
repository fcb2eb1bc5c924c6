import { execFileSync } from "node:child_process";
import { SetupError } from "../../sandbox/host/errors";

/**
 * Paths of what differs from where this branch left another one, committed or not, files that git does not know yet among
 * them. A file that was moved counts twice. Throws a `SetupError` where git cannot tell.
 *
 * @param root the project's folder, absolute
 * @param base a branch or commit
 */
export function changedSince(root: string, base: string): string[] {
  const git = (...args: string[]) => {
    try {
      return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    } catch (error) {
      const said = (error as { stderr?: string }).stderr || String(error);
      throw new SetupError(`Nobody can tell what has changed since ${base}: ${said.trim()}`);
    }
  };
  const from = git("merge-base", base, "HEAD").trim();
  // Each path ends with a zero, so that git quotes none.
  const paths = (listed: string) => listed.split("\0").filter((path) => path !== "");
  return [
    ...paths(git("diff", "--name-only", "--no-renames", "--relative", "-z", from)),
    ...paths(git("ls-files", "--others", "--exclude-standard", "-z")),
  ].sort();
}
