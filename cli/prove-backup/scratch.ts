import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Processes } from "../../sandbox/host/processes";
import { startPostgres } from "../../sandbox/postgres/server";
import type { Scratch } from "../../src/backups/prove";
import { onInterrupt } from "../../src/text/interrupt";

/** A PostgreSQL server for a restore alone: on loopback, with an empty database, gone with all its files once it is stopped. */
export async function startScratch(): Promise<Scratch> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "cutover-scratch-")));
  const processes = new Processes(dir);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= (async () => {
      await processes.stop();
      await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
      await processes.release();
      forget();
    })();
    return stopped;
  };
  const forget = onInterrupt(stop);
  try {
    const { PATH = "", HOME = "" } = process.env;
    const { host, port, database, user, password, ssl } = await startPostgres({
      env: { PATH, HOME },
      processes,
      dir,
    });
    return { login: { host, port, database, user, password }, ca: ssl.ca, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
