import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Zippable, zipSync } from "fflate";
import { ARCHIVE, ASSET, isObject, type Props, SIGNATURE } from "../../plugin/values";

type Files = Record<string, Uint8Array>;

/** The zip format knows no time before this one; a fixed time makes equal files an equal zip. */
const EPOCH = new Date(1980, 0, 1);

/** The zip that an archive of the program stands for. */
export async function zipOf(archive: Props): Promise<Uint8Array> {
  if (typeof archive.path === "string" && /\.(zip|jar)$/i.test(archive.path)) return readFile(archive.path);
  const files = await filesOf(archive);
  const entries = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  // Readable and executable by all, as the runtime's user is not the owner of the files.
  const zippable: Zippable = Object.fromEntries(
    entries.map(([name, data]) => [name, [data, { mtime: EPOCH, os: 3, attrs: 0o755 << 16 }]]),
  );
  return zipSync(zippable);
}

async function filesOf(archive: Props): Promise<Files> {
  if (typeof archive.path === "string") return directory(archive.path);
  if (!isObject(archive.assets))
    throw new Error("an archive must be a folder, a zip file or a map of assets");
  const files: Files = {};
  for (const [name, part] of Object.entries(archive.assets))
    Object.assign(files, await partOf(name, part as Props));
  return files;
}

async function partOf(name: string, part: Props): Promise<Files> {
  if (part[SIGNATURE] === ARCHIVE) {
    const inner = Object.entries(await filesOf(part));
    return Object.fromEntries(inner.map(([path, data]) => [`${name}/${path}`, data]));
  }
  if (part[SIGNATURE] !== ASSET) throw new Error(`'${name}' in the archive is no asset`);
  if (typeof part.text === "string") return { [name]: new TextEncoder().encode(part.text) };
  if (typeof part.path === "string") return { [name]: await readFile(part.path) };
  throw new Error(
    `'${name}' in the archive must be a file or a string: the sandbox's plugin downloads nothing`,
  );
}

async function directory(path: string): Promise<Files> {
  if (!(await stat(path)).isDirectory()) throw new Error(`${path} is neither a folder nor a zip file`);
  const files: Files = {};
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const full = join(entry.parentPath ?? entry.path, entry.name);
    files[relative(path, full).replaceAll("\\", "/")] = await readFile(full);
  }
  return files;
}
