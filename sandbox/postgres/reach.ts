import pg from "pg";
import type { DatabasePlace } from "../../src/gates/databaseConnection";
import type { PostgresConnection } from "./server";

/**
 * Connections to a sandbox's database, as its owner. The database ends with the sandbox, also under a question: who asked is
 * told, and nobody else has to be.
 */
export function openPool(connection: PostgresConnection, max = 4): pg.Pool {
  const pool = new pg.Pool({ ...connection, max });
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

/** Where a server is, and whom it has to be. */
type Server = Pick<PostgresConnection, "host" | "port" | "database" | "ssl">;

/** A sandbox's database as gates reach it, but for the login. */
export function gatePlace({ host, port, database, ssl: { ca } }: Server): DatabasePlace & { ca: string } {
  return { host, port, database, ssl: "verify-full", ca, schema: "public" };
}

/** The same as config declares it under `cutover:rollout.database`. */
export function declaredPlace({ host, port, database: name, ssl: { ca } }: Server) {
  return { host, port, name, ssl: "verify-full", ca } as const;
}

/** What the PostgreSQL provider is told of a sandbox's server, but for the login and the database. */
export function providerPlace({ host, port, caFile }: Pick<PostgresConnection, "host" | "port" | "caFile">) {
  return { host, port, sslmode: "verify-full", sslrootcert: caFile };
}
