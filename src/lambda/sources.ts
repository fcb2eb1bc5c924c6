import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { Plugin } from "esbuild";
import { sha256 } from "../text/digest";

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
  readonly #common: Promise<string | undefined>;
  #inputs: readonly string[] = [];
  readonly plugin: Plugin;

  /**
   * @param folder the project's folder
   * @param options what else decides what the bundle is
   */
  constructor(folder: string, options: object) {
    this.#common = commonOf(folder, options);
    this.plugin = {
      name: "what it is made of",
      setup: ({ initialOptions, onLoad, onEnd }) => {
        initialOptions.metafile = true;
        onLoad({ filter: /\.(ts|cjs)$/ }, ({ path }) => {
          if (path.includes(LOCKED)) return undefined;
          const contents = readFileSync(path);
          this.#sources[relative(folder, path).replaceAll(sep, "/")] = sha256(contents);
          return { contents, loader: path.endsWith(".ts") ? "ts" : "js" };
        });
        onEnd(({ metafile }) => {
          this.#inputs = Object.keys(metafile?.inputs ?? {});
        });
      },
    };
  }

  /** Undefined where not all of it is known: npm tells what it has installed, and another that installs does not. */
  async done(): Promise<MadeOf | undefined> {
    const common = await this.#common;
    const isKnown = (path: string) => path in this.#sources || path.includes("node_modules/");
    return common !== undefined && this.#inputs.every(isKnown)
      ? { sources: this.#sources, common }
      : undefined;
  }
}

/** Whether a bundle would be made of the same again. */
export async function isSame({ sources, common }: MadeOf, folder: string, options: object): Promise<boolean> {
  if ((await commonOf(folder, options)) !== common) return false;
  const same = await Promise.all(
    Object.entries(sources).map(async ([path, hash]) => sha256(await readFile(join(folder, path))) === hash),
  );
  return same.every(Boolean);
}

/** Undefined where one of them is not there. */
async function commonOf(folder: string, options: object): Promise<string | undefined> {
  const all = await Promise.all(COMMON.map((path) => readFile(join(folder, path)))).catch(() => undefined);
  return all && sha256(Buffer.concat([Buffer.from(JSON.stringify(options)), ...all]));
}
