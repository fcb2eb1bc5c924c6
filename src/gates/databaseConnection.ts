import type { Transport } from "./tls";

/** Where a database is and how it is spoken to, without a login. */
export interface DatabasePlace extends Transport {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly schema: string;
}

/** A login that IAM vouches for: each connection has a token of its own, and nobody keeps a password. */
export interface IamLogin {
  readonly user: string;
  /** Where the token is valid: the region of the database. */
  readonly iam: { readonly region: string };
}

/** A login that the server knows by a password. */
export interface PasswordLogin {
  readonly user: string;
  /** Never printed, and never part of an observation. */
  readonly password: string;
}

/** The gate role's own login. */
export type GateLogin = PasswordLogin | IamLogin;

/** The database as gates see it. */
export type DatabaseConnection = DatabasePlace & GateLogin;

/** How a database is reached by what a rollout says of it, but for the login. */
export function reachedAs({
  host,
  port,
  name,
  ssl,
  ca,
  schema,
}: Omit<DatabasePlace, "database"> & { readonly name: string }): DatabasePlace {
  return { host, port, database: name, ssl, ...(ca === undefined ? {} : { ca }), schema };
}

/** A connection as its two parts, of which the login alone may be secret. */
export function partsOf(connection: DatabaseConnection): {
  readonly place: DatabasePlace;
  readonly login: GateLogin;
} {
  const { host, port, database, ssl, ca, schema, ...login } = connection;
  return { place: { host, port, database, ssl, ...(ca === undefined ? {} : { ca }), schema }, login };
}

/** What nobody may read of a login: its password; of one that is IAM's nothing is kept. */
export function secretsOfLogin(login: GateLogin): string[] {
  return "password" in login ? [login.password] : [];
}
