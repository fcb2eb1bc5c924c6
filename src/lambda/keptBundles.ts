import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Plugin } from "esbuild";
import { sha256 } from "../text/digest";
import { isSame, type MadeOf, Reading } from "./sources";

/** What is noted of a bundle that was made. */
interface Noted {
  readonly file: string;
  readonly madeOf: MadeOf;
}

/** A bundle that no run has handed on for this long is removed. */
const KEPT_MS = 7 * 24 * 3_600_000;

/**
 * Bundles in a folder, each under its content's hash: several runs may write and read there at once. One is made again only
 * where what it is made of has changed.
 */
export class KeptBundles {
  /**
   * @param program the folder of the checkout, which sources are told from
   * @param folder where bundles lie, absolute
   */
  constructor(
    private readonly program: string,
    private readonly folder: string,
  ) {}

  /**
   * A bundle's absolute path. Throws what `make` throws, and where nothing can be kept.
   *
   * @param name the beginning of the bundle's name
   * @param entry the source file that it begins with, absolute
   * @param madeWith all that decides what becomes of the same sources
   * @param make makes it; the plugin has to be among esbuild's
   * @param maxBytes one that is larger by now is made again, for `make` to refuse it
   */
  async bundleOf(
    name: string,
    entry: string,
    madeWith: object,
    make: (plugin: Plugin) => Promise<Uint8Array>,
    maxBytes = Number.POSITIVE_INFINITY,
  ): Promise<string> {
    const note = join(this.folder, `${name}-${nameHash(Buffer.from(entry))}.json`);
    const made = await this.#known(note, madeWith, maxBytes);
    if (made !== undefined) return made;
    const reading = new Reading(this.program, madeWith);
    const path = await this.#keep(name, await make(reading.plugin));
    const madeOf = await reading.done();
    const noted: Noted | undefined = madeOf && { file: basename(path), madeOf };
    // Without it, the next run makes it once more.
    if (noted) await writeAside(note, JSON.stringify(noted)).catch(() => undefined);
    return path;
  }

  /** The path of a bundle that is there, whole, and made of what is here now; undefined where one has to be made. */
  async #known(note: string, madeWith: object, maxBytes: number): Promise<string | undefined> {
    try {
      const { file, madeOf } = JSON.parse(await readFile(note, "utf8")) as Noted;
      const path = join(this.folder, file);
      await inUse(note, path);
      const [contents, same] = await Promise.all([readFile(path), isSame(madeOf, this.program, madeWith)]);
      const whole = file.endsWith(`-${nameHash(contents)}.js`);
      return same && whole && contents.byteLength <= maxBytes ? path : undefined;
    } catch {
      return undefined;
    }
  }

  async #keep(name: string, contents: Uint8Array): Promise<string> {
    const path = join(this.folder, `${name}-${nameHash(contents)}.js`);
    await inUse(path);
    const kept = await readFile(path).catch(() => undefined);
    if (kept?.equals(contents)) return path;
    await mkdir(this.folder, { recursive: true });
    await writeAside(path, contents);
    await this.#prune();
    return path;
  }

  /** Removes bundles of long ago: each change of a source adds another one, of a megabyte or more. */
  async #prune(): Promise<void> {
    await Promise.all(
      (await readdir(this.folder)).map(async (file) => {
        const path = join(this.folder, file);
        // Another run may have removed it already, and what cannot be removed is no reason to stop an `up`.
        const used = await stat(path).catch(() => undefined);
        if (used && Date.now() - used.mtimeMs > KEPT_MS)
          await rm(path, { force: true }).catch(() => undefined);
      }),
    );
  }
}

const nameHash = (contents: Uint8Array) => sha256(contents).slice(0, 16);

/**
 * Said before it is looked at, so that no other run prunes it in between. Where it cannot be said (the file is somebody
 * else's, or the disk read-only), the bundle serves all the same.
 */
async function inUse(...paths: readonly string[]): Promise<void> {
  const now = new Date();
  await Promise.all(paths.map((path) => utimes(path, now, now).catch(() => undefined)));
}

/** Writes aside, then renames: nobody reads half a file. */
async function writeAside(path: string, contents: string | Uint8Array): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await writeFile(aside, contents);
  await rename(aside, path);
}
