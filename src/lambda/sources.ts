import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { Plugin } from "esbuild";

/** What a bundle is made of or with, beside its own sources. npm writes the first of what it has installed. */
const COMMON = ["node_modules/.package-lock.json", "package.json", "tsconfig.json"];

const LOCKED = `${sep}node_modules${sep}`;

/** What a bundle was made of, so that it is made again only where that has changed. */
export interface MadeOf {
  /** Hashes of contents, by path from the project's folder. */
  readonly sources: Readonly<Record<string, string>>;
  /** The hash of what all bundles are made with. */
  readonly common: string;
}

/** Writes down what a bundle is made of, as it is read: a source that is changed meanwhile is not taken for what was read. */
export class Reading {
  readonly #sources: Record<string, string> = {};
  readonly plugin: Plugin;
  readonly #common: Promise<string>;

  /**
   * @param folder the project's folder
   * @param options what else decides what the bundle is
   */
  constructor(folder: string, options: object) {
    this.#common = commonOf(folder, options);
    this.plugin = {
      name: "what it is made of",
      setup: ({ onLoad }) =>
        onLoad({ filter: /\.ts$/ }, ({ path }) => {
          if (path.includes(LOCKED)) return undefined;
          const contents = readFileSync(path);
          this.#sources[relative(folder, path)] = hashOf(contents);
          return { contents, loader: "ts" };
        }),
    };
  }

  async done(): Promise<MadeOf> {
    return { sources: this.#sources, common: await this.#common };
  }
}

/** Whether a bundle would be made of the same again. */
export async function isSame({ sources, common }: MadeOf, folder: string, options: object): Promise<boolean> {
  if ((await commonOf(folder, options)) !== common) return false;
  const same = await Promise.all(
    Object.entries(sources).map(async ([path, hash]) => hashOf(await readFile(join(folder, path))) === hash),
  );
  return same.every(Boolean);
}

async function commonOf(folder: string, options: object): Promise<string> {
  const all = await Promise.all(COMMON.map((path) => readFile(join(folder, path))));
  return hashOf(Buffer.concat([Buffer.from(JSON.stringify(options)), ...all]));
}

/** The hash of what a file holds. */
export function hashOf(contents: Uint8Array): string {
  return createHash("sha256").update(contents).digest("hex");
}
