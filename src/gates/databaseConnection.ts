import type { Transport } from "./tls";

/** The database as gates see it: the gate role's own login. */
export interface DatabaseConnection extends Transport {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Never printed, and never part of an observation. */
  readonly password: string;
  readonly schema: string;
}

/** How a database is reached by what a rollout says of it, but for the login. */
export function reachedAs({
  host,
  port,
  name,
  ssl,
  ca,
  schema,
}: Pick<DatabaseConnection, "host" | "port" | "ssl" | "ca" | "schema"> & { readonly name: string }): Omit<
  DatabaseConnection,
  "user" | "password"
> {
  return { host, port, database: name, ssl, ...(ca === undefined ? {} : { ca }), schema };
}
