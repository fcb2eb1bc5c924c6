import type pg from "pg";
import { onOwnConnection } from "../gates/databaseClient";
import type { DatabaseConnection } from "../gates/databaseConnection";
import { beginReading, clientOf } from "../gates/databaseSession";
import { believing } from "../gates/loginFailure";
import type { ImportsConfig } from "../rollout/config/imports";
import { reasonOf } from "../text/problem";
import type { Answer, Cell, Table } from "./answer";
import { queryFunctions } from "./queries";
import { type QueryFunction, type QueryId, SCHEMA } from "./queries/query";

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
  const timeoutMs = questions.timeoutMs ?? QUESTION_TIMEOUT_MS;
  return reading(connection, timeoutMs, async (client) => {
    const answers: Answer[] = [];
    for (const query of queryFunctions(mapping, connection.schema))
      if (questions.ids.includes(query.id)) answers.push(await ask(client, query, questions, timeoutMs));
    return answers;
  });
}

/** Asks as the gate role, on a connection and in a snapshot of its own. Throws where the database cannot be reached. */
export async function reading<T>(
  connection: DatabaseConnection,
  timeoutMs: number,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  return onOwnConnection(clientOf(connection, "cutover-query"), async (client) => {
    await believing(client.connect(), connection);
    await beginReading(client, { schema: connection.schema, timeoutMs });
    const answer = await work(client);
    // A pooler throws a session away whose client leaves it in the middle of a transaction.
    await client.query("rollback");
    return answer;
  });
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
