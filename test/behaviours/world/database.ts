import pg from "pg";
import type { PostgresConnection } from "../../../sandbox/postgres/server";
import { startTestServer } from "../../support/postgres";

/** A PostgreSQL server with a database for each rollout. */
export interface Database {
  /** The administrator's. */
  readonly pool: pg.Pool;
  connection(name: string): Pick<PostgresConnection, "host" | "port" | "database">;
  /** The administrator's, in the database of a rollout, which is made and filled the first time. */
  schemaOf(name: string, make: (pool: pg.Pool) => Promise<unknown>): Promise<pg.Pool>;
  stop(): Promise<void>;
}

export async function openDatabase(): Promise<Database> {
  const server = await startTestServer();
  const pools = new Map<string, Promise<pg.Pool>>();
  const nameOf = (name: string) => name.replaceAll("-", "_");
  const open = async (name: string, make: (pool: pg.Pool) => Promise<unknown>) => {
    await server.admin.query(`create database ${nameOf(name)}`);
    const pool = new pg.Pool({ ...server.connection, database: nameOf(name), max: 4 });
    pool.on("error", () => {});
    await make(pool);
    return pool;
  };
  return {
    pool: server.admin,
    connection: (name) => {
      const { host, port } = server.connection;
      return { host, port, database: nameOf(name) };
    },
    schemaOf: (name, make) => {
      const pool = pools.get(name) ?? open(name, make);
      pools.set(name, pool);
      return pool;
    },
    stop: async () => {
      for (const pool of pools.values()) await (await pool).end();
      await server.stop();
    },
  };
}
