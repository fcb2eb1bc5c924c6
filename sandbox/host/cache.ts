import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import envPaths from "env-paths";
import { lock } from "proper-lockfile";

/** The user's own cache folder, shared by every clone of the project; `$XDG_CACHE_HOME` moves it. */
export function cacheRoot(): string {
  return envPaths("cutover", { suffix: "" }).cache;
}

/**
 * Returns `target`, a folder that is complete as soon as it exists: `make` fills a folder beside it,
 * which is then renamed, so that a run that dies half-way leaves nothing that a later one would trust.
 * Concurrent runs wait for the first instead of doing the work twice.
 */
export async function madeOnce(target: string, make: (aside: string) => Promise<void>): Promise<string> {
  return unlessThere(target, target, async () => {
    const aside = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
    try {
      await make(aside);
      await rename(aside, target).catch((error: unknown) => {
        if (!existsSync(target)) throw error;
      });
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  });
}

/**
 * The same for what must be made where it will stay, such as a Python virtual environment, whose
 * scripts contain its path: a marker, written last, takes the place of the rename.
 */
export async function madeInPlace(target: string, make: (target: string) => Promise<void>): Promise<string> {
  const marker = markerOf(target);
  return unlessThere(marker, target, async () => {
    await rm(target, { recursive: true, force: true });
    await mkdir(target, { recursive: true });
    await make(target);
    await writeFile(marker, "");
  });
}

/** Whether there is nothing left to make. */
export function isMadeInPlace(target: string): boolean {
  return existsSync(markerOf(target));
}

const markerOf = (target: string) => join(target, ".complete");

/** Makes what `proof` would prove, under a lock that goes stale by itself when its holder dies, however it dies. */
async function unlessThere(proof: string, target: string, make: () => Promise<void>): Promise<string> {
  if (existsSync(proof)) return target;
  await mkdir(dirname(target), { recursive: true });
  const release = await lock(target, {
    realpath: false,
    stale: 15_000,
    update: 3_000,
    retries: { forever: true, minTimeout: 250, maxTimeout: 1_000, retries: 1 },
    // Losing the lock (a suspended laptop) may at worst make two runs do the same work: the result is
    // renamed into place or marked complete all the same.
    onCompromised: () => {},
  });
  try {
    if (!existsSync(proof)) await make();
    return target;
  } finally {
    await release().catch(() => {});
  }
}
