import { readdirSync, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { readLoosely } from "../src/abort/looseConfig";
import { DEPTH, NO_ROLLOUTS, type Place, placeAt } from "../src/text/command";
import { homeOf } from "../src/text/packaged";
import { UserError } from "../src/text/problem";
import { UsageError } from "./exit";

/** The checkout that this program is part of, or the folder where its package is installed. */
export const CHECKOUT = homeOf(join(__dirname, ".."));

/** A rollout, and the folder of its stack files. */
export interface Found {
  readonly rollout: string;
  readonly folder: string;
}

/** Throws a `UsageError` where a folder that was named is none, with the rollouts that there are. */
export function requireFolder(folder: string): void {
  try {
    if (statSync(folder).isDirectory()) return;
  } catch {}
  throw new UsageError(
    `${folder} is no folder that is there: name the one of the stack files with -C. There is: ${showFound(rolloutsIn(CHECKOUT))}`,
  );
}

/** Every rollout that stack files of the checkout declare. */
export function rolloutsIn(folder: string, depth = DEPTH): Found[] {
  let entries: import("node:fs").Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  const own = entries.some(({ name }) => /^Pulumi\..+\.yaml$/.test(name)) ? readLoosely(folder).rollouts : [];
  const below = entries.filter((entry) => entry.isDirectory() && !NO_ROLLOUTS.test(entry.name));
  return [
    ...own.map((rollout) => ({ rollout, folder })),
    ...(depth > 0 ? below.flatMap(({ name }) => rolloutsIn(join(folder, name), depth - 1)) : []),
  ];
}

/** The folders that hold a rollout of that name: the one at hand, or else those of the checkout. */
export function foldersOf(rollout: string, folder: string, checkout = CHECKOUT): string[] {
  if (readLoosely(folder).rollouts.includes(rollout)) return [folder];
  return rolloutsIn(checkout).flatMap((one) => (one.rollout === rollout ? [one.folder] : []));
}

/**
 * The folder of a rollout's stack files, for a reader who stands anywhere. Throws a `UserError` with the candidates
 * where the name leads to none, or to several.
 */
export function folderOf(rollout: string, folder: string, checkout = CHECKOUT): string {
  const found = foldersOf(rollout, folder, checkout);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new UserError(`The stack files of ${rollout} were not found:`, [
    {
      where: "--rollout",
      what:
        found.length > 1
          ? `${rollout} is declared in ${found.join(" and in ")}`
          : folder === checkout
            ? `${checkout} does not declare ${rollout}`
            : `neither ${folder} nor ${checkout} declares ${rollout}`,
      remedy:
        found.length > 1
          ? "Name the folder with -C"
          : `There is: ${showFound(rolloutsIn(checkout))}. Name a folder elsewhere with -C`,
    },
  ]);
}

/** `search (rollouts/search)`, one after the other. */
export function showFound(found: readonly Found[], checkout = CHECKOUT): string {
  const words = found.map(
    ({ rollout, folder }) => `${rollout} (${relative(checkout, folder) || "its root"})`,
  );
  return words.join(", ") || "none";
}

/** The same for whoever typed a command here and reads its answer: the shell is the one that it was typed in. */
export function placeHere(rollout: string, folder: string): Place {
  return { ...placeOf(rollout, folder), here: resolve(folder) === process.cwd() };
}

/** How printed commands reach a rollout whose stack files are at `folder`. */
export function placeOf(rollout: string, folder: string, region?: string): Place {
  return placeAt(rollout, resolve(folder), CHECKOUT, region);
}
