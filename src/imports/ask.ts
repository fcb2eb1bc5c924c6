import pg from "pg";
import { type DatabaseConnection, sessionOptions } from "../gates/database";
import { believing, tlsOf } from "../gates/tls";
import type { ImportsConfig } from "../rollout/config/imports";
import { reasonOf } from "../text/problem";
import type { Answer, Cell, Table } from "./answer";
import { queryFunctions } from "./queries";
import { type QueryFunction, type QueryId, SCHEMA } from "./queries/query";

const CONNECT_TIMEOUT_MS = 5_000;
/** How long one question may run on a live system. */
const QUESTION_TIMEOUT_MS = 10_000;
/** How much longer than the server the client waits. */
const GRACE_MS = 1_000;

/** Which questions, over which window. */
export interface Questions {
  readonly ids: readonly QueryId[];
  /** ISO 8601. */
  readonly since: string;
  readonly until: string;
  /** From which age on an import that has not ended is stuck, in ms. */
  readonly olderThanMs: number;
  readonly timeoutMs?: number;
}

/**
 * Asks the questions as the gate role, all of them of one and the same snapshot of the table. One that fails is an
 * answer, too, and holds up no other. Throws where the database cannot be reached.
 */
export async function askQueries(
  connection: DatabaseConnection,
  mapping: ImportsConfig,
  questions: Questions,
): Promise<Answer[]> {
  const client = new pg.Client(clientConfig(connection));
  client.on("error", () => {});
  try {
    await believing(client.connect());
    await client.query("begin transaction isolation level repeatable read read only");
    const timeout = questions.timeoutMs ?? QUESTION_TIMEOUT_MS;
    await client.query("select set_config('statement_timeout', $1, true)", [String(timeout)]);
    const answers: Answer[] = [];
    for (const query of queryFunctions(mapping, connection.schema))
      if (questions.ids.includes(query.id)) answers.push(await ask(client, query, questions, timeout));
    await client.query("rollback");
    return answers;
  } finally {
    await client.end().catch(() => {});
  }
}

/** A session that begins read-only, as those of gates do. */
export function clientConfig({ ssl, ca, schema, ...login }: DatabaseConnection): pg.ClientConfig {
  return {
    ...login,
    ssl: tlsOf({ ssl, ca }),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    options: sessionOptions(schema),
    application_name: "cutover-query",
  };
}

async function ask(
  client: pg.Client,
  { id, name }: QueryFunction,
  { since, until, olderThanMs }: Questions,
  timeoutMs: number,
): Promise<Answer> {
  const more = id === "Q2" ? [`${olderThanMs} milliseconds`] : [];
  const values = [since, until, ...more];
  await client.query("savepoint question");
  try {
    const result = await client.query({
      text: `select * from ${SCHEMA}.${name}(${values.map((_, index) => `$${index + 1}`).join(", ")})`,
      values,
      rowMode: "array",
      query_timeout: timeoutMs + GRACE_MS,
    } as pg.QueryArrayConfig);
    return { id, table: tableOf(result) };
  } catch (error) {
    await client.query("rollback to savepoint question").catch(() => {});
    return { id, failure: reasonOf(error) };
  }
}

const BIGINT = 20;

/** Values as JSON can hold them: counts as numbers, times as ISO 8601. */
function tableOf({ fields, rows }: pg.QueryArrayResult<unknown[]>): Table {
  const cell = (value: unknown, type: number | undefined): Cell => {
    if (value instanceof Date) return Number.isFinite(value.getTime()) ? value.toISOString() : null;
    if (type === BIGINT && value !== null) return Number(value);
    return value as Cell;
  };
  return {
    columns: fields.map(({ name }) => name),
    rows: rows.map((row) => row.map((value, index) => cell(value, fields[index]?.dataTypeID))),
  };
}
