import type { Transport } from "./tls";

/** Where a database is and how it is spoken to, without a login. */
export interface DatabasePlace extends Transport {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly schema: string;
  /** What a pooler of many databases asks for behind the login's name, as `LOGIN.TENANT`; absent where none does. */
  readonly tenant?: string | undefined;
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
  login,
}: Omit<DatabasePlace, "database" | "tenant"> & {
  readonly name: string;
  readonly login?: { readonly tenant?: string | undefined } | undefined;
}): DatabasePlace {
  return { host, port, database: name, ssl, ...optional({ ca, tenant: login?.tenant }), schema };
}

/** What is there of them: a place is kept beside functions' code, and two that are the same read the same. */
function optional({ ca, tenant }: Pick<DatabasePlace, "ca" | "tenant">) {
  return { ...(ca === undefined ? {} : { ca }), ...(tenant === undefined ? {} : { tenant }) };
}

/** A connection as its two parts, of which the login alone may be secret. */
export function partsOf(connection: DatabaseConnection): {
  readonly place: DatabasePlace;
  readonly login: GateLogin;
} {
  const { host, port, database, ssl, ca, schema, tenant, ...login } = connection;
  return { place: { host, port, database, ssl, ...optional({ ca, tenant }), schema }, login };
}

/** What nobody may read of a login: its password; of one that is IAM's nothing is kept. */
export function secretsOfLogin(login: GateLogin): string[] {
  return "password" in login ? [login.password] : [];
}
