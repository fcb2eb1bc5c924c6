import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { Processes } from "../../sandbox/host/processes";
import type { ServerDisk } from "../../sandbox/postgres/disk";
import { startPooler } from "../../sandbox/postgres/pooler/start";
import { openPool, providerPlace } from "../../sandbox/postgres/reach";
import { type PostgresConnection, startPostgres } from "../../sandbox/postgres/server";
import { openSqlSource } from "../../src/gates/database";
import type { DatabaseConnection } from "../../src/gates/databaseConnection";
import type { LoginReach } from "../../src/gates/loginReach";

/** A PostgreSQL server of a test's own, without engine and emulator. */
export interface TestServer {
  readonly connection: PostgresConnection;
  readonly disk: ServerDisk;
  /** A pool of the administrator's. */
  readonly admin: pg.Pool;
  /** Starts a pooler before it, and returns its port. */
  pooler(): Promise<number>;
  stop(): Promise<void>;
}

/** What the PostgreSQL provider is told of a server, as the strings that config consists of. */
export function providerSettings({ connection }: Pick<TestServer, "connection">) {
  const place = providerPlace(connection);
  return { ...place, port: String(place.port) };
}

/** What a login may do. Throws where the database cannot be asked, or refuses it. */
export async function reachOf(connection: DatabaseConnection): Promise<LoginReach> {
  const source = openSqlSource(connection);
  try {
    const reach = await source.reach(5_000);
    if (reach === undefined || "refused" in reach) throw new Error(reach?.refused ?? "no answer");
    return reach;
  } finally {
    await source.close();
  }
}

/** @param programs those of another version of PostgreSQL than the installed one */
export async function startTestServer(programs?: string): Promise<TestServer> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "cutover-test-")));
  const processes = new Processes(dir);
  const { PATH = "", HOME = "" } = process.env;
  const around = { env: { PATH, HOME }, processes, dir };
  const { service: _, pooler: files, disk, ...connection } = await startPostgres(around, programs);
  const admin = openPool(connection);
  return {
    connection,
    disk,
    admin,
    pooler: () => startPooler(around, { ...connection, files }),
    stop: async () => {
      await admin.end();
      await processes.stop();
      await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
      await processes.release();
    },
  };
}
