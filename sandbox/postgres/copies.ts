import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, copyFile, mkdir, open, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { z } from "zod";
import { LOOPBACK, onFreePort, PortTakenError } from "../host/ports";
import { endOfLog, tail } from "../host/processes";
import { SERVER_ENV, type ServerDisk, serverDisk, serverFlags } from "./disk";

/** A running server of the sandbox's, with the login of its owner, who is a superuser. */
export const databaseServer = z.strictObject({
  host: z.string(),
  port: z.number(),
  database: z.string(),
  user: z.string(),
  password: z.string(),
  ssl: z.strictObject({ ca: z.string() }),
  disk: serverDisk,
});
export type DatabaseServer = z.infer<typeof databaseServer>;

/** Where a copy answers. */
export interface CopyAt {
  readonly host: string;
  readonly port: number;
}

const START_MS = 60_000;

/**
 * Whole copies of a server's disk, as snapshots of RDS are, and servers of their own on copies of these: with the server's
 * identity, its logins and all its databases, as they were when the copy was taken, however far the server has gone on.
 */
export class Copies {
  readonly #running = new Map<string, Promise<Running>>();
  /** Copies that are being removed: one of the same name is taken after that. */
  #removing: Promise<void> = Promise.resolve();
  #started = 0;

  constructor(private readonly server: DatabaseServer) {}

  /** Copies the disk as it is now, under a name. */
  async take(name: string): Promise<void> {
    await this.#removing;
    const { disk, ...login } = this.server;
    const to = this.#kept(name);
    const client = new pg.Client({ ...login, connectionTimeoutMillis: START_MS });
    client.on("error", () => {});
    await client.connect();
    try {
      // Between the two, files may be torn: what the log says of that time mends them where the copy starts.
      const { rows: begun } = await client.query<{ first: string }>(
        "select pg_walfile_name(pg_backup_start('copy', true)) as first",
      );
      await openTo(disk, to);
      await copyFolder(disk.data, to, disk, ofRunning);
      await copyFile(join(disk.data, CONTROL), join(to, CONTROL));
      const { rows: ended } = await client.query<{ label: string; last: string }>(
        "select labelfile as label, pg_walfile_name(lsn) as last from pg_backup_stop(false)",
      );
      const [first = "", last = "", label = ""] = [begun[0]?.first, ended[0]?.last, ended[0]?.label];
      await copyFolder(join(disk.data, LOG), join(to, LOG), disk, (path) => path >= first && path <= last);
      await writeFile(join(to, "backup_label"), label);
      for (const path of [CONTROL, "backup_label"]) await own(join(to, path), disk);
    } catch (error) {
      await this.drop(name);
      throw error;
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** Forgets a copy; servers that were started on it stay. */
  drop(name: string): Promise<void> {
    return this.#remove(this.#kept(name));
  }

  /** Starts a server on a copy of a copy. Throws where there is none, or it does not start. */
  async start(name: string, as: string): Promise<CopyAt> {
    const begun = this.#begin(name, as);
    this.#running.set(as, begun);
    return (await begun).at;
  }

  /** Ends a server that was started, and removes its disk. Does nothing where there is none. */
  async end(as: string): Promise<void> {
    const begun = this.#running.get(as);
    this.#running.delete(as);
    const running = await begun?.catch(() => undefined);
    await stop(running);
    if (running) await rm(running.data, AWAY);
  }

  /** Ends and forgets all of them. */
  async forget(): Promise<void> {
    const removed = this.#remove(join(this.server.disk.root, "copies", "kept"));
    await Promise.all([removed, ...[...this.#running.keys()].map((as) => this.end(as))]);
  }

  #remove(path: string): Promise<void> {
    const removed = this.#removing.then(() => rm(path, AWAY));
    this.#removing = removed.catch(() => {});
    return removed;
  }

  async #begin(name: string, as: string): Promise<Running> {
    const { disk, ...login } = this.server;
    // One of the same name may be on its way out.
    const data = join(disk.root, "copies", "restored", `${as}.${this.#started++}`);
    await openTo(disk, data);
    await copyFolder(this.#kept(name), data, disk);
    return onFreePort(async (port) => {
      const running = await launch({ ...disk, data }, port);
      await untilAnswering(running, { ...login, ...running.at });
      return running;
    });
  }

  #kept(name: string): string {
    return join(this.server.disk.root, "copies", "kept", name);
  }
}

const AWAY = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 } as const;
const [LOG, CONTROL] = ["pg_wal", join("global", "pg_control")];
/** Of the running server alone, or of its sessions. Source: PostgreSQL, "Backing Up the Data Directory". */
const OF_SESSIONS = /^pg_(dynshmem|notify|replslot|serial|snapshots|stat_tmp|subtrans|wal)\/|(^|\/)pgsql_tmp/;
const OF_SERVER = /^postmaster\.(pid|opts)$|(^|\/)pg_internal\.init$/;

/** What of a running server is copied as it is: not its log, and not what is to be copied last. */
const ofRunning = (path: string) => !OF_SESSIONS.test(path) && !OF_SERVER.test(path) && path !== CONTROL;

/** PostgreSQL takes no data directory that is not its user's, or that others can read. */
async function own(path: string, { uid, gid }: ServerDisk): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

/** Makes the folders above one, through which the server's user must be able to walk, whatever the umask is. */
async function openTo({ root }: ServerDisk, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  for (let path = dirname(folder); path !== root; path = dirname(path)) await chmod(path, 0o711);
}

/** @param wanted by its path in the folder: which files are copied. Default: all */
async function copyFolder(
  from: string,
  to: string,
  owner: ServerDisk,
  wanted: (path: string) => boolean = () => true,
): Promise<void> {
  const walk = async (within: string): Promise<void> => {
    await mkdir(join(to, within), { recursive: true, mode: 0o700 });
    await own(join(to, within), owner);
    for (const entry of await readdir(join(from, within), { withFileTypes: true })) {
      const path = join(within, entry.name);
      if (entry.isDirectory()) await walk(path);
      else if (entry.isFile() && wanted(path)) await copyOne(join(from, path), join(to, path), owner);
    }
  };
  await walk("");
}

async function copyOne(from: string, to: string, owner: ServerDisk): Promise<void> {
  try {
    await copyFile(from, to);
    await own(to, owner);
  } catch (error) {
    // The server has removed it meanwhile, and its log says so.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/** A server that was started. */
interface Running {
  readonly child: ChildProcess;
  readonly at: CopyAt;
  /** Its data directory. */
  readonly data: string;
  readonly log: string;
}

async function launch(disk: ServerDisk, port: number): Promise<Running> {
  const { root, data, bin, uid, gid } = disk;
  const log = join(data, "server.log");
  const file = await open(log, "a");
  try {
    const child = spawn(join(bin, "postgres"), serverFlags(disk, port), {
      cwd: root,
      // What it is known by as the sandbox's is in our own environment.
      env: { ...process.env, ...SERVER_ENV },
      stdio: ["ignore", file.fd, file.fd],
      ...(uid !== undefined && gid !== undefined ? { uid, gid } : {}),
    });
    child.on("error", () => {});
    return { child, at: { host: LOOPBACK, port }, data, log };
  } finally {
    await file.close();
  }
}

/** Waits until it answers with the source's login, which also proves that it is ours. */
async function untilAnswering(running: Running, login: Omit<DatabaseServer, "disk">): Promise<void> {
  const { child, at, log } = running;
  const until = Date.now() + START_MS;
  while (child.pid !== undefined && child.exitCode === null && Date.now() < until) {
    const client = new pg.Client({ ...login, connectionTimeoutMillis: 2_000 });
    client.on("error", () => {});
    const answers = await client.connect().then(
      () => true,
      () => false,
    );
    await client.end().catch(() => {});
    if (answers) return;
    await sleep(50);
  }
  await stop(running);
  if (/could not bind|Address already in use/i.test(tail(log))) throw new PortTakenError(at.port);
  throw new Error(`a copy of PostgreSQL did not start. ${endOfLog(log)}`);
}

/** "Fast shutdown": does not wait for clients to disconnect first. */
async function stop(running: Running | undefined): Promise<void> {
  const child = running?.child;
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGINT");
  await ended;
}
