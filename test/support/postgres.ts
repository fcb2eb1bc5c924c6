import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { Processes } from "../../sandbox/host/processes";
import { type PostgresConnection, startPostgres } from "../../sandbox/postgres/server";

/** A PostgreSQL server of a test's own, without engine and emulator. */
export interface TestServer {
  readonly connection: PostgresConnection;
  /** A pool of the administrator's. */
  readonly admin: pg.Pool;
  stop(): Promise<void>;
}

export async function startTestServer(): Promise<TestServer> {
  const dir = await realpath(await mkdtemp(join(tmpdir(), "cutover-test-")));
  const processes = new Processes(dir);
  const { PATH = "", HOME = "" } = process.env;
  const { service: _, ...connection } = await startPostgres({ env: { PATH, HOME }, processes, dir });
  const admin = new pg.Pool({ ...connection, max: 4 });
  admin.on("error", () => {});
  return {
    connection,
    admin,
    stop: async () => {
      await admin.end();
      await processes.stop();
      await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
      await processes.release();
    },
  };
}
