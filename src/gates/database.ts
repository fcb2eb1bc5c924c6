import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import pg from "pg";
import { type Failure, failed } from "../aws/failure";
import { milliseconds } from "../text/duration";
import { OwnConnection } from "./databaseClient";
import type { DatabaseConnection } from "./databaseConnection";
import { databaseFailure, isLost } from "./databaseFailure";
import { type ReadingSource, readingOf } from "./databaseReading";
import { type Bounds, beginReading, clientOf, GRACE_MS } from "./databaseSession";
import type { SqlGate } from "./kinds/sql";
import { type LoginReach, readReach } from "./loginReach";
import type { Seen } from "./observation";

/** Connections that gates may hold open together: a live system's own come first. */
const MAX_CONNECTIONS = 4;

/** A statement, its values, how long it may run, and what else decides about what it is answered. */
export type Question = Pick<SqlGate, "query" | "values" | "timeout"> &
  Partial<Pick<SqlGate, "samplesFrom" | "rowSecurity">>;

/** Measures SQL gates over a few read-only connections. Close it when done. */
export interface SqlSource {
  observe(question: Question): Promise<Seen>;
  close(): Promise<void>;
}

/** What the login may do, as the database has it: see `LoginReach`. */
export interface ReachSource {
  /**
   * Reads it from the catalog, or why the database refuses the login. Undefined where it cannot be asked now. Throws nothing.
   *
   * @param timeoutMs how long each statement may run
   */
  reach(timeoutMs: number): Promise<LoginReach | { readonly refused: string } | undefined>;
}

export function openSqlSource(connection: DatabaseConnection): SqlSource & ReachSource & ReadingSource {
  const pool = new pg.Pool({
    ...clientOf(connection, "cutover-gates"),
    Client: OwnConnection,
    max: MAX_CONNECTIONS,
  });
  // A connection that breaks must not end the process, idle or not: whoever asks by it hears of it, or the next one does.
  // The pool itself hears only of those that are idle.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  // Waiting for a free connection must not count against a gate's timeout.
  const limit = pLimit(MAX_CONNECTIONS);
  return {
    observe: (question) => limit(() => observe(pool, connection, question)),
    reach: (timeoutMs) => limit(() => reachOf(pool, connection, timeoutMs)),
    reading: (limits, asked, work) => limit(() => readingOf(pool, connection, { ...limits, asked }, work)),
    close: () => pool.end(),
  };
}

/** Before it is asked once more, in ms: other connections of the pool that died with this one are noticed by then. */
const AGAIN_MS = 250;

/**
 * Asks once more where the connection was lost, or the server took the snapshot away: reading twice does no harm, and a
 * failover or a pooler that restarts cuts every connection once. Both together take no longer than one may.
 */
async function observe(pool: pg.Pool, connection: DatabaseConnection, gate: Question): Promise<Seen> {
  const { user, database, schema } = connection;
  const asked = [gate.query, gate.samplesFrom?.query ?? "", user, database, schema].join("\n");
  const timeout = milliseconds(gate.timeout);
  const started = performance.now();
  const first = await observeOnce(pool, schema, gate, timeout);
  if (!("error" in first)) return first;
  const left = Math.floor(timeout - (performance.now() - started));
  if (!first.connected || !isLost(first.error) || left <= 0)
    return databaseFailure(first.error, asked, connection);
  const pause = Math.min(AGAIN_MS, left / 2);
  await sleep(pause);
  const second = await observeOnce(pool, schema, gate, Math.ceil(left - pause));
  if (!("error" in second)) return second;
  const failure = databaseFailure(second.error, asked, connection);
  const lost = failed(
    "unreachable",
    `the connection was lost while the database was asked, and then: ${failure.message}`,
  );
  return failure.failure === "unreachable" || failure.failure === "timeout" ? lost : failure;
}

async function reachOf(pool: pg.Pool, connection: DatabaseConnection, timeoutMs: number) {
  const reach = await onPooled(pool, { timeoutMs }, readReach);
  if (reach === undefined || !("error" in reach)) return reach;
  return reach.connected ? undefined : refusalOf(reach.error, connection);
}

/** Why the database itself does not let the login in; undefined where it said nothing of that. */
function refusalOf(error: unknown, connection: DatabaseConnection): { refused: string } | undefined {
  if ((error as { severity?: string }).severity === undefined) return undefined;
  const { user, database } = connection;
  const { failure, message } = databaseFailure(error, [user, database].join("\n"), connection);
  return failure === "refused" ? { refused: message } : undefined;
}

/** What the driver or the server threw; once connected, it came in the middle of asking. */
interface Thrown {
  readonly error: unknown;
  readonly connected: boolean;
}

function observeOnce(
  pool: pg.Pool,
  schema: string,
  gate: Question,
  timeoutMs: number,
): Promise<Seen | Thrown> {
  const bounds = { schema, timeoutMs, rowSecurity: gate.rowSecurity !== undefined };
  // One snapshot for the value and its samples: they are about the same moment.
  return onPooled(pool, bounds, async (client) => {
    const blind = gate.rowSecurity && (await hiddenIn(client, gate));
    if (blind) return blind;
    const seen = read(await rowsOf(client, gate, timeoutMs));
    if (seen.kind !== "value" || gate.samplesFrom === undefined) return seen;
    return counted(seen, read(await rowsOf(client, gate.samplesFrom, timeoutMs)));
  });
}

/** Reads in one snapshot, by a connection of the pool. */
async function onPooled<T>(
  pool: pg.Pool,
  bounds: Bounds,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T | Thrown> {
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    return { error, connected: false };
  }
  let broken: Error | undefined;
  try {
    await beginReading(client, bounds);
    return await work(client);
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    return { error, connected: true };
  } finally {
    // A connection whose statement failed or hung is thrown away: with it goes whatever state it was in.
    if (!broken) await client.query("rollback").catch((error: Error) => (broken = error));
    client.release(broken);
  }
}

/** Tables that the login may read, and of which no policy shows it a row: each count of them is 0, whatever is in them. */
const HIDDEN = `select c.relname::text as name, current_user::text as login
  from pg_class c
 where c.relkind in ('r', 'p') and c.relrowsecurity and row_security_active(c.oid)
   and has_any_column_privilege(c.oid, 'select')
   and not exists (
     select from pg_policy p
      where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('r', '*')
        and (0 = any (p.polroles) or exists (select from unnest(p.polroles) r where r <> 0 and pg_has_role(r, 'usage'))))
 order by 1`;

/** Why a question that is meant to see only what its login may see would see nothing. A name in it is taken for a table. */
async function hiddenIn(
  client: pg.PoolClient,
  { query, samplesFrom }: Question,
): Promise<Failure | undefined> {
  const asked = new Set(`${query} ${samplesFrom?.query ?? ""}`.toLowerCase().match(/[\p{L}\p{N}_$]+/gu));
  const { rows } = await client.query<{ name: string; login: string }>(HIDDEN);
  const found = rows.find(({ name }) =>
    (name.toLowerCase().match(/[\p{L}\p{N}_$]+/gu) ?? []).every((word) => asked.has(word)),
  );
  if (found === undefined) return undefined;
  const [table, login] = [found.name, found.login].map((name) => pg.escapeIdentifier(name));
  return failed(
    "filtered",
    `no policy shows ${found.login} a row of ${found.name}, so each count of it is 0. As its owner: create policy cutover on ${table} for select to ${login} using (…)`,
  );
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
