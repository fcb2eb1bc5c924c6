import { constants } from "node:fs";
import { lstat, open, realpath, rename, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { SetupError } from "./errors";

/** What a sandbox's folder is named by `mkdtemp`, wherever temporary files go. */
export const FOLDER_PREFIX = "cutover-";
const FOLDER_NAME = /^cutover-[A-Za-z0-9]{6}$/;

/** The file in a sandbox's folder that makes it one that was left running. */
export const RECORD = "sandbox.json";

const service = z.strictObject({
  name: z.string(),
  pid: z.int().positive(),
  stopSignal: z.string().regex(/^SIG[A-Z0-9]+$/),
  /** See `identityOf`. Absent where it had ended before it was written down. */
  identity: z.string().optional(),
});

const record = z.strictObject({
  /** What people call it by. */
  name: z.string(),
  /** Where it was opened: a copy of the folder is no sandbox. */
  dir: z.string(),
  inode: z.string(),
  /** Carried by every process of the sandbox in its environment. */
  mark: z.string().min(16),
  /** ISO 8601, UTC. */
  opened: z.iso.datetime(),
  services: z.array(service),
  /** What a person exports to work in it, secrets included. */
  env: z.record(z.string(), z.string()),
});

/** A sandbox that was left running, as its own folder says. */
export type LeftSandbox = z.infer<typeof record>;

/** Writes the record of a sandbox that is left running: whole or not at all, and for nobody else to read. */
export async function writeRecord(left: Omit<LeftSandbox, "inode">): Promise<void> {
  const { ino } = await lstat(left.dir, { bigint: true });
  const text = JSON.stringify({ ...left, inode: String(ino) } satisfies LeftSandbox, null, 2);
  const file = join(left.dir, RECORD);
  await writeFile(`${file}.new`, `${text}\n`, { mode: 0o600, flag: "wx" });
  await rename(`${file}.new`, file);
}

/**
 * The sandbox whose folder this is. Undefined where nothing is there, under a name that a sandbox may have had. Throws
 * a `SetupError` on everything else: a link, another user's folder, a copy, or a folder that no sandbox made.
 */
export async function readRecord(folder: string): Promise<LeftSandbox | undefined> {
  const asked = resolve(folder);
  const not = (why: string) =>
    new SetupError(
      `${asked} is not the folder of a sandbox that was left running: ${why}. Nothing was touched.`,
    );
  const stats = await lstat(asked, { bigint: true }).catch(() => undefined);
  if (stats === undefined && FOLDER_NAME.test(basename(asked))) return undefined;
  if (stats === undefined) throw not("there is no such folder");
  if (stats.isSymbolicLink()) throw not("it is a link");
  if (!stats.isDirectory()) throw not("it is no folder");
  if (!isOurs(stats.uid)) throw not("it belongs to another user");
  // The folders above may be links, as on macOS those of temporary files are.
  const dir = join(await realpath(dirname(asked)), basename(asked));
  const text = await textOf(join(dir, RECORD), not);
  const left = parsed(text);
  if (left === undefined) throw not(`its ${RECORD} is not one that a sandbox wrote`);
  if (left.dir !== dir || left.inode !== String(stats.ino) || !FOLDER_NAME.test(basename(dir)))
    throw not(`its ${RECORD} is that of ${left.dir}, and this is a copy, or was moved`);
  return left;
}

/** The text of a record, which has to be a file of ours that nobody else can read or write. */
async function textOf(file: string, not: (why: string) => Error): Promise<string> {
  const opened = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch(
    (error: NodeJS.ErrnoException) => {
      throw not(
        error.code === "ENOENT"
          ? `it has no ${RECORD} (one that a command still works in ends with that command)`
          : `its ${RECORD} cannot be read`,
      );
    },
  );
  try {
    const stats = await opened.stat({ bigint: true });
    const private_ = stats.isFile() && isOurs(stats.uid) && (stats.mode & 0o077n) === 0n;
    if (!private_) throw not(`its ${RECORD} is not a file of ours alone`);
    return await opened.readFile("utf8");
  } finally {
    await opened.close();
  }
}

function parsed(text: string): LeftSandbox | undefined {
  try {
    return record.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isOurs(uid: bigint): boolean {
  return process.getuid === undefined || uid === BigInt(process.getuid());
}
