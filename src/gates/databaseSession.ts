import type { ClientConfig } from "pg";
import { databaseToken } from "../aws/databaseToken";
import { type DatabaseConnection, partsOf } from "./databaseConnection";
import { tlsOf } from "./tls";

/**
 * How every session with a rollout's database begins: of gates, probes, questions and checks alike. Between them and the
 * server there may be a pooler, which knows few start-up parameters and may give each transaction to another session of
 * the server. So a session has nothing of its own: what it needs is said in the transaction that needs it, ends with it,
 * and does not go by what the login, or somebody before in the same session, has set.
 *
 * Source: PgBouncer's manual, `ignore_startup_parameters` and "SQL feature map for pooling modes"; Amazon RDS user guide,
 * "Limitations for RDS Proxy"; Neon's documentation, "Connection pooling".
 */

const CONNECT_TIMEOUT_MS = 5_000;
/** How much longer than the server's own timeout the client waits, for a server that does not answer at all. */
export const GRACE_MS = 1_000;
/** The server ends a session whose client went away in the middle of a transaction. */
const IDLE_MS = 60_000;
/** Nobody who only reads stands in a queue for a lock: whoever holds it changes the table, and those who wait are the app's. */
const LOCK_TIMEOUT_MS = 2_000;

/** What a client is made with: an address and a login, and no setting of a session. */
export function clientOf(connection: DatabaseConnection, name: string): ClientConfig {
  const { place, login } = partsOf(connection);
  const { host, port, database, tenant } = place;
  const user = tenant === undefined ? login.user : `${login.user}.${tenant}`;
  // The driver asks for it at each connection: a token outlives none that a pool opens later.
  const password =
    "password" in login ? login.password : () => databaseToken({ host, port, user, ...login.iam });
  return { host, port, database, user, password, ssl: tlsOf(place), ...connecting(name) };
}

/** What is said of itself, how it is said, and how long is waited for the server: whatever the environment has for it. */
export function connecting(name: string): ClientConfig {
  return {
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: name,
    client_encoding: "UTF8",
    sslnegotiation: "postgres",
  };
}

/** What holds in a transaction. */
export interface Bounds {
  /** Where tables without a schema are looked for. Absent: where the login looks for them. */
  readonly schema?: string;
  /** How long each statement may run, in ms. */
  readonly timeoutMs: number;
  /** Whether policies may leave rows out. Otherwise a statement that one would touch is an error, not fewer rows. */
  readonly rowSecurity?: boolean;
}

/** As much of a client of `pg` as is needed. */
interface Client {
  query(text: string, values?: unknown[]): Promise<unknown>;
}

/** Begins to read: one snapshot, in which nothing can be written. It ends with `rollback`. */
export async function beginReading(
  client: Client,
  { schema, timeoutMs, rowSecurity = false }: Bounds,
): Promise<void> {
  await client.query("begin transaction isolation level repeatable read read only");
  const settings: Record<string, string> = {
    statement_timeout: String(timeoutMs),
    lock_timeout: String(Math.min(timeoutMs, LOCK_TIMEOUT_MS)),
    idle_in_transaction_session_timeout: String(IDLE_MS),
    row_security: rowSecurity ? "on" : "off",
  };
  const values = Object.entries(settings).flat();
  const set = Object.keys(settings).map(
    (_, index) => `set_config($${2 * index + 1}, $${2 * index + 2}, true)`,
  );
  // Temporary tables come last. Unnamed, they come first: one that somebody left in the session would hide a table.
  if (schema !== undefined)
    set.push(`set_config('search_path', quote_ident($${values.push(schema)}) || ', pg_temp', true)`);
  await client.query(`select ${set.join(", ")}`, values);
}
