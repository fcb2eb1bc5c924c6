import pg from "pg";
import type { PostgresConnection } from "./server";

/**
 * Connections to a sandbox's database, as its owner. The database ends with the sandbox, also under a question: who asked is
 * told, and nobody else has to be.
 */
export function openPool(connection: PostgresConnection): pg.Pool {
  const pool = new pg.Pool({ ...connection, max: 4 });
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}
