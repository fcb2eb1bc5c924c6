import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { posix } from "node:path";
import { promisify } from "node:util";
import { parseRollout, type StackFile } from "../../src/rollout/parse";
import { definitionsOf } from "../../src/rollout/strength/definitions";
import type { Base } from "../../src/rollout/strength/judge";
import { reasonOf, UserError } from "../../src/text/problem";
import { UsageError } from "../exit";

const run = promisify(execFile);

type Git = (...args: string[]) => Promise<string>;

/** A folder of the base, by its path from the root of the repository; `""` is the root itself. */
interface Folder {
  readonly path: string;
  readonly stacks: readonly StackFile[];
}

/** The rollout as it is now: by its name it is found again where git sees no renaming. */
interface Own {
  readonly name: string;
  readonly folder: string;
}

/**
 * What a rollout was held to where this branch left `commit`, also where its folder had another name there. Undefined
 * where there was no such rollout. Throws a `UserError` where git does not know.
 */
export async function baseAt(commit: string, own: Own): Promise<Base | undefined> {
  if (!/^[0-9a-f]{7,64}$/.test(commit))
    throw new UsageError("The commit to compare with must be given by its hash: --base COMMIT");
  const git: Git = async (...args) =>
    (await run("git", args, { cwd: own.folder, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 })).stdout;
  try {
    const base = (await git("merge-base", commit, "HEAD")).trim();
    const found = await findFolder(git, base, own);
    return found && ("unusable" in found ? found : baseIn(found));
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

function baseIn({ path, stacks }: Folder): Base {
  const parsed = parseRollout(stacks, path);
  if (parsed.ok) return { definitions: definitionsOf(parsed.rollout) };
  const [first] = parsed.problems;
  return {
    unusable: `the stack files of ${path || "its folder"} cannot be used as they stand in the base (${first?.where} ${first?.what})`,
  };
}

/** The folder of the same path, else the one that became this one. */
async function findFolder(
  git: Git,
  base: string,
  { name }: Own,
): Promise<Folder | Extract<Base, { unusable: string }> | undefined> {
  const here = (await git("rev-parse", "--show-prefix")).trim().replace(/\/$/, "");
  const all = await foldersAt(git, base);
  const same = all.find(({ path }) => path === here);
  if (same) return same;
  const renamed = await renamedTo(git, base, here);
  const before = all.find(({ path }) => path === renamed);
  if (before) return before;

  const top = (await git("rev-parse", "--show-toplevel")).trim();
  const gone = all.filter(
    ({ path, stacks }) => !stacks.some(({ file }) => existsSync(posix.join(top, path, file))),
  );
  const named = (some: readonly Folder[]) => some.filter((one) => nameOf(one) === name);
  const candidates = named(gone).length > 0 ? named(gone) : named(all);
  if (candidates.length === 1) return candidates[0];
  const doubtful = candidates.length > 1 ? candidates : gone;
  if (doubtful.length === 0) return undefined;
  const paths = doubtful.map(({ path }) => path || "the root").join(", ");
  return {
    unusable: `the base has no rollout in ${here || "the root"}, and ${paths} may be what it was called there`,
  };
}

function nameOf({ path, stacks }: Folder): string | undefined {
  const parsed = parseRollout(stacks, path);
  return parsed.ok ? parsed.rollout.name : undefined;
}

/** All folders of the base that declare something of a rollout. */
async function foldersAt(git: Git, base: string): Promise<Folder[]> {
  const paths = (await git("ls-tree", "-r", "--full-tree", "--name-only", "-z", base)).split("\0");
  const read = await Promise.all(
    paths.flatMap((path) => {
      const stack = stackIn(path);
      if (stack === undefined) return [];
      return [git("show", `${base}:${path}`).then((text) => ({ path, stack, text }))];
    }),
  );
  const folders = new Map<string, StackFile[]>();
  for (const { path, stack, text } of read)
    folders.set(folderOf(path), [
      ...(folders.get(folderOf(path)) ?? []),
      { stack, file: posix.basename(path), text },
    ]);
  return [...folders].flatMap(([path, stacks]) =>
    stacks.some(({ text }) => /\bcutover:(rollout|stage)\b/.test(text)) ? [{ path, stacks }] : [],
  );
}

/** Where git says that the stack files of `folder` were in the base: where most of them were. */
async function renamedTo(git: Git, base: string, folder: string): Promise<string | undefined> {
  const said = await git("diff", "--find-renames=40%", "-l0", "--name-status", "--diff-filter=R", "-z", base);
  const words = said.split("\0");
  const counts = new Map<string, number>();
  for (let at = 0; at + 2 < words.length; at += 3) {
    const [, from = "", to = ""] = words.slice(at, at + 3);
    if (stackIn(from) === undefined || stackIn(to) === undefined || folderOf(to) !== folder) continue;
    counts.set(folderOf(from), (counts.get(folderOf(from)) ?? 0) + 1);
  }
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0];
}

function stackIn(path: string): string | undefined {
  return /^Pulumi\.([A-Za-z0-9_.-]+)\.yaml$/.exec(posix.basename(path))?.[1];
}

function folderOf(path: string): string {
  const folder = posix.dirname(path);
  return folder === "." ? "" : folder;
}
