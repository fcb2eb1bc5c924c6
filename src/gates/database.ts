import pLimit from "p-limit";
import pg from "pg";
import { failed } from "../aws/failure";
import { milliseconds } from "../text/duration";
import { databaseFailure } from "./databaseFailure";
import type { SqlGate } from "./kinds/sql";
import type { Seen } from "./observation";
import { type Transport, tlsOf } from "./tls";

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

/** Connections that gates may hold open together: a live system's own come first. */
const MAX_CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 5_000;
/** A gate stands in no queue for a lock: whoever holds it changes the table, and those who wait are the app's. */
const LOCK_TIMEOUT_MS = 2_000;
/** The server ends a session whose client went away in the middle of a transaction. */
const IDLE_MS = 60_000;
/** How much longer than the server's own timeout the client waits, for a server that does not answer at all. */
const GRACE_MS = 1_000;

/** A statement, its values, how long it may run, and what else decides about what it is answered. */
export type Question = Pick<SqlGate, "query" | "values" | "timeout"> &
  Partial<Pick<SqlGate, "samplesFrom" | "rowSecurity">>;

/** Measures SQL gates over a few read-only connections. Close it when done. */
export interface SqlSource {
  observe(question: Question): Promise<Seen>;
  close(): Promise<void>;
}

/**
 * What a session of the gate role begins with: read-only, and without row-level security, which would answer with
 * fewer rows and not say so. A statement that a policy would touch is an error then.
 */
export function sessionOptions(schema: string): string {
  return [
    "default_transaction_read_only=on",
    "row_security=off",
    `idle_in_transaction_session_timeout=${IDLE_MS}`,
    `search_path=${schema}`,
  ]
    .map((setting) => `-c ${setting}`)
    .join(" ");
}

export function openSqlSource(connection: DatabaseConnection): SqlSource {
  const { ssl, ca, schema, ...login } = connection;
  const pool = new pg.Pool({
    ...login,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ssl: tlsOf({ ssl, ca }),
    options: sessionOptions(schema),
    application_name: "cutover-gates",
  });
  // An idle connection that breaks must not end the process; the next query says what is wrong.
  pool.on("error", () => {});
  // Waiting for a free connection must not count against a gate's timeout.
  const limit = pLimit(MAX_CONNECTIONS);
  return {
    observe: (question) => limit(() => observe(pool, question, [login.user, login.database, schema])),
    close: () => pool.end(),
  };
}

async function observe(pool: pg.Pool, gate: Question, names: readonly string[]): Promise<Seen> {
  const asked = [gate.query, gate.samplesFrom?.query ?? "", ...names].join("\n");
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    return databaseFailure(error, asked);
  }
  let broken: Error | undefined;
  try {
    const timeout = milliseconds(gate.timeout);
    // One snapshot for the value and its samples: they are about the same moment.
    await client.query("begin transaction isolation level repeatable read read only");
    await client.query(
      "select set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true), set_config('row_security', $3, true)",
      [timeout, Math.min(timeout, LOCK_TIMEOUT_MS), gate.rowSecurity ? "on" : "off"].map(String),
    );
    const seen = read(await rowsOf(client, gate, timeout));
    if (seen.kind !== "value" || gate.samplesFrom === undefined) return seen;
    return counted(seen, read(await rowsOf(client, gate.samplesFrom, timeout)));
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    return databaseFailure(error, asked);
  } finally {
    // A connection whose statement failed or hung is thrown away: with it goes whatever state it was in.
    if (!broken) await client.query("rollback").catch((error: Error) => (broken = error));
    client.release(broken);
  }
}

/** A statement of which no third row is read, however many there are: the second one is enough to refuse it. */
class FirstRows extends pg.Query {
  // What the driver calls where the server holds back more rows than were asked for: it would go on asking.
  handlePortalSuspended(connection: { sync(): void }): void {
    connection.sync();
  }
}

function rowsOf(
  client: pg.PoolClient,
  { query, values }: Pick<Question, "query" | "values">,
  timeout: number,
): Promise<unknown[][]> {
  const config = {
    text: query,
    values,
    rows: 2,
    rowMode: "array",
    // The extended protocol takes one statement only: a second one is refused by the server itself.
    queryMode: "extended",
    types: { getTypeParser: typeParser },
  };
  return new Promise((resolve, reject) => {
    const statement = new FirstRows(config, (error, { rows } = { rows: [] } as never) =>
      error ? reject(error) : resolve(rows as unknown as unknown[][]),
    );
    client.query(Object.assign(statement, { query_timeout: timeout + GRACE_MS }));
  });
}

function read(rows: readonly unknown[][]): Seen {
  const [row, second] = rows;
  if (!row) return failed("no-data", "the query yields no row");
  if (second) return failed("bad-answer", "the query yields more than one row");
  if (row.length !== 1) return failed("bad-answer", `the query yields ${row.length} columns instead of one`);
  return { kind: "value", value: row[0] };
}

/** The value with how many samples it is about. */
function counted(seen: Extract<Seen, { kind: "value" }>, samples: Seen): Seen {
  if (samples.kind === "failure") return { ...samples, message: `samplesFrom: ${samples.message}` };
  const count = samples.kind === "value" ? samples.value : undefined;
  if (typeof count !== "number" || !(count >= 0))
    return failed("bad-answer", "samplesFrom yields no number of samples");
  return { ...seen, samples: count };
}

/** PostgreSQL types that hold numbers: int2, int4, int8, oid, float4, float8, numeric. */
const NUMBERS = new Set([20, 21, 23, 26, 700, 701, 1700]);
const BOOLEAN = 16;

/**
 * Values as the judge can compare them. What a JSON number cannot hold (NaN, an int8 beyond 2^53) stays text,
 * which no numeric expectation accepts.
 */
export function typeParser(type: number): (text: string) => unknown {
  if (type === BOOLEAN) return (text) => text === "t";
  if (!NUMBERS.has(type)) return (text) => text;
  return (text) => {
    const value = Number(text);
    const exact = Number.isFinite(value) && (!/^-?\d+$/.test(text) || Number.isSafeInteger(value));
    return exact ? value : text;
  };
}
