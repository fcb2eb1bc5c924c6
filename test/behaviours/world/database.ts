import pg from "pg";
import { openSqlSource, type SqlSource } from "../../../src/gates/database";
import { startTestServer } from "../../support/postgres";

/** A PostgreSQL server, an administrator's pool, and what gates ask. */
export interface Database {
  readonly pool: pg.Pool;
  readonly sql: SqlSource;
  stop(): Promise<void>;
}

export async function openDatabase(): Promise<Database> {
  const server = await startTestServer();
  const pool = new pg.Pool({ ...server.connection, max: 4 });
  pool.on("error", () => {});
  const { host, port, user, password, database } = server.connection;
  const sql = openSqlSource({ host, port, user, password, database, ssl: "disable", schema: "public" });
  return {
    pool,
    sql,
    stop: async () => {
      await sql.close();
      await pool.end();
      await server.stop();
    },
  };
}
