import pLimit from "p-limit";
import pg from "pg";
import { type FailureKind, failed } from "../aws/failure";
import { milliseconds } from "../text/duration";
import { reasonOf } from "../text/problem";
import type { SqlGate } from "./kinds/sql";
import type { Seen } from "./observation";

/** The database as gates see it: the gate role's own login. */
export interface DatabaseConnection {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Never printed, and never part of an observation. */
  readonly password: string;
  readonly ssl: "require" | "verify-full" | "disable";
  readonly schema: string;
}

/** Connections that gates may hold open together: a live system's own come first. */
const MAX_CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 5_000;
/** How much longer than the server's own timeout the client waits, for a server that does not answer at all. */
const GRACE_MS = 1_000;

/** A statement, its values, and how long it may run. */
export type Question = Pick<SqlGate, "query" | "values" | "timeout">;

/** Measures SQL gates over a few read-only connections. Close it when done. */
export interface SqlSource {
  observe(question: Question): Promise<Seen>;
  close(): Promise<void>;
}

export function openSqlSource(connection: DatabaseConnection): SqlSource {
  const { ssl, schema, ...login } = connection;
  const pool = new pg.Pool({
    ...login,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ssl: ssl === "disable" ? false : { rejectUnauthorized: ssl === "verify-full" },
    options: `-c default_transaction_read_only=on -c search_path=${schema}`,
    application_name: "cutover-gates",
  });
  // An idle connection that breaks must not end the process; the next query says what is wrong.
  pool.on("error", () => {});
  // Waiting for a free connection must not count against a gate's timeout.
  const limit = pLimit(MAX_CONNECTIONS);
  return {
    observe: (question) => limit(() => observe(pool, question)),
    close: () => pool.end(),
  };
}

async function observe(pool: pg.Pool, gate: Question): Promise<Seen> {
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    return failure(error);
  }
  let broken: Error | undefined;
  try {
    const timeout = milliseconds(gate.timeout);
    await client.query("begin transaction read only");
    await client.query("select set_config('statement_timeout', $1, true)", [String(timeout)]);
    const result = await client.query({
      text: gate.query,
      values: gate.values,
      rowMode: "array",
      // The extended protocol takes one statement only: a second one is refused by the server itself.
      queryMode: "extended",
      query_timeout: timeout + GRACE_MS,
      types: { getTypeParser: typeParser },
    } as pg.QueryArrayConfig);
    return read(result.rows);
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    return failure(error);
  } finally {
    // A connection whose statement failed or hung is thrown away: with it goes whatever state it was in.
    if (!broken) await client.query("rollback").catch((error: Error) => (broken = error));
    client.release(broken);
  }
}

function read(rows: readonly unknown[][]): Seen {
  const [row, second] = rows;
  if (!row) return failed("no-data", "the query yields no row");
  if (second) return failed("bad-answer", `the query yields ${rows.length} rows instead of one`);
  if (row.length !== 1) return failed("bad-answer", `the query yields ${row.length} columns instead of one`);
  return { kind: "value", value: row[0] };
}

/** PostgreSQL types that hold numbers: int2, int4, int8, oid, float4, float8, numeric. */
const NUMBERS = new Set([20, 21, 23, 26, 700, 701, 1700]);
const BOOLEAN = 16;

/**
 * Values as the judge can compare them. What a JSON number cannot hold (NaN, an int8 beyond 2^53) stays text,
 * which no numeric expectation accepts.
 */
function typeParser(type: number): (text: string) => unknown {
  if (type === BOOLEAN) return (text) => text === "t";
  if (!NUMBERS.has(type)) return (text) => text;
  return (text) => {
    const value = Number(text);
    const exact = Number.isFinite(value) && (!/^-?\d+$/.test(text) || Number.isSafeInteger(value));
    return exact ? value : text;
  };
}

function failure(error: unknown): Seen {
  const code = (error as { code?: string }).code ?? "";
  return failed(failureOf(code, reasonOf(error)), reasonOf(error));
}

/** SQLSTATE (or the client's own code) as a kind of failure. */
function failureOf(code: string, message: string): FailureKind {
  if (code === "57014" || /timeout/i.test(message)) return code.startsWith("28") ? "refused" : "timeout";
  if (["42501", "25006", "28P01", "28000"].includes(code)) return "refused";
  if (/^(08|57P|53)/.test(code) || /^E[A-Z]+$/.test(code) || /terminat|closed|ended/i.test(message))
    return "unreachable";
  return "bad-answer";
}
