import { execFile } from "node:child_process";
import { basename } from "node:path";
import { promisify } from "node:util";
import { parseRollout } from "../../src/rollout/parse";
import { type Definitions, definitionsOf } from "../../src/rollout/strength/definitions";
import { reasonOf, UserError } from "../../src/text/problem";

const run = promisify(execFile);

/**
 * What the rollout in `folder` was held to where this branch left `commit`. Undefined where there was no such rollout,
 * or one that could not be used: nobody was held to anything by it. Throws a `UserError` where git does not know.
 */
export async function definitionsAt(commit: string, folder: string): Promise<Definitions | undefined> {
  if (!/^[0-9a-f]{7,64}$/.test(commit))
    throw new UserError("The commit to compare with must be given by its hash: --base COMMIT");
  const git = async (...args: string[]) =>
    (await run("git", args, { cwd: folder, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 })).stdout;
  try {
    const base = (await git("merge-base", commit, "HEAD")).trim();
    const files = (await git("ls-tree", "--name-only", "-z", base, "./")).split("\0").flatMap((path) => {
      const file = basename(path);
      const stack = /^Pulumi\.([A-Za-z0-9_.-]+)\.yaml$/.exec(file)?.[1];
      return stack === undefined ? [] : [{ stack, file }];
    });
    const read = await Promise.all(
      files.map(async (one) => ({ ...one, text: await git("show", `${base}:./${one.file}`) })),
    );
    const parsed = parseRollout(read, folder);
    return parsed.ok ? definitionsOf(parsed.rollout) : undefined;
  } catch (error) {
    throw new UserError("The base of the pull request cannot be read:", [
      {
        where: commit,
        what: reasonOf(error).slice(0, 300),
        remedy: "Fetch the whole history (fetch-depth: 0), or leave --base out",
      },
    ]);
  }
}
