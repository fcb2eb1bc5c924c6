import type pg from "pg";
import { gatePlace, openPool } from "../../../sandbox/postgres/reach";
import type { DatabasePlace } from "../../../src/gates/databaseConnection";
import { startTestServer } from "../../support/postgres";

/** A PostgreSQL server with a database for each rollout. */
export interface Database {
  /** The administrator's. */
  readonly pool: pg.Pool;
  place(name: string): DatabasePlace;
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
    const pool = openPool({ ...server.connection, database: nameOf(name) });
    await make(pool);
    return pool;
  };
  return {
    pool: server.admin,
    place: (name) => gatePlace({ ...server.connection, database: nameOf(name) }),
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
