import { createHash } from "node:crypto";
import type { ClientBase } from "pg";
import { typeParser } from "../../../src/gates/database";
import { reasonOf } from "../../../src/text/problem";
import { type Moment, momentsOf, valuesAt } from "./moment";
import type { Answer, Question, Statement } from "./question";

/** The rows that a statement yields, each a list of its values, as gates read them. Throws what the database says. */
export async function rowsOf(
  client: ClientBase,
  query: string,
  values: readonly unknown[],
  name?: string,
): Promise<unknown[][]> {
  const config = {
    text: query,
    values: [...values],
    ...(name === undefined ? {} : { name }),
    rowMode: "array" as const,
    // The extended protocol takes one statement only, as it does for a gate.
    queryMode: "extended",
    types: { getTypeParser: typeParser },
  };
  const { rows } = await client.query<unknown[]>(config as never);
  return rows as unknown[][];
}

/** The one value of a statement. Throws a sentence where it yields anything else. */
async function oneValue(
  client: ClientBase,
  query: string,
  values: readonly unknown[],
  name?: string,
): Promise<unknown> {
  const rows = await rowsOf(client, query, values, name);
  const [row] = rows;
  if (!row) throw new Error("the query yields no row");
  if (rows.length > 1) throw new Error("the query yields more than one row");
  if (row.length !== 1) throw new Error(`the query yields ${row.length} columns instead of one`);
  return row[0];
}

/**
 * Asks a question at each moment that it has to be asked at. An error is an answer.
 *
 * @param asking `now` is the transaction's own, ms since the epoch: in it, time stands still
 * @param failed is called after each error, before anything else is asked: a transaction has to be taken up again
 */
export async function ask(
  client: ClientBase,
  question: Question,
  { timeScale, now }: { readonly timeScale: number; readonly now: number },
  failed: () => Promise<unknown>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const moment of momentsOf(question, now))
    answers.push(await askAt(client, question, timeScale, moment, failed));
  return answers;
}

async function askAt(
  client: ClientBase,
  question: Question,
  timeScale: number,
  moment: Moment,
  failed: () => Promise<unknown>,
): Promise<Answer> {
  const put = ({ query, values }: Statement) =>
    oneValue(client, query, valuesAt(question, values, timeScale, moment), nameOf(query));
  try {
    const value = await put(question);
    return question.samples ? { value, samples: await put(question.samples) } : { value };
  } catch (error) {
    await failed();
    return { error: reasonOf(error) };
  }
}

/** The name that a statement is prepared under: it is asked many times, and planned once. */
const nameOf = (query: string) => createHash("sha256").update(query).digest("hex").slice(0, 32);
