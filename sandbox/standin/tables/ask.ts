import type { ClientBase } from "pg";
import { typeParser } from "../../../src/gates/database";
import { reasonOf } from "../../../src/text/problem";
import { type Moment, momentsOf, valuesAt } from "./moment";
import type { Answer, Question, Statement } from "./question";

/** How long a question may take, ms: over made-up rows none does. */
export const QUESTION_MS = 5_000;

/** The rows that a statement yields, each a list of its values, as gates read them. Throws what the database says. */
export async function rowsOf(
  client: ClientBase,
  query: string,
  values: readonly unknown[],
): Promise<unknown[][]> {
  const config = {
    text: query,
    values: [...values],
    rowMode: "array" as const,
    // The extended protocol takes one statement only, as it does for a gate.
    queryMode: "extended",
    types: { getTypeParser: typeParser },
  };
  const { rows } = await client.query<unknown[]>(config as never);
  return rows as unknown[][];
}

/** The one value of a statement. Throws a sentence where it yields anything else. */
export async function oneValue(
  client: ClientBase,
  query: string,
  values: readonly unknown[],
): Promise<unknown> {
  const rows = await rowsOf(client, query, values);
  const [row] = rows;
  if (!row) throw new Error("the query yields no row");
  if (rows.length > 1) throw new Error("the query yields more than one row");
  if (row.length !== 1) throw new Error(`the query yields ${row.length} columns instead of one`);
  return row[0];
}

/**
 * Asks a question at each moment that it has to be asked at. An error is an answer.
 *
 * @param failed is called after each error, before anything else is asked: a transaction has to be taken up again
 */
export async function ask(
  client: ClientBase,
  question: Question,
  timeScale: number,
  failed: () => Promise<unknown>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const moment of momentsOf(question, Date.now()))
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
    oneValue(client, query, valuesAt(question, values, timeScale, moment));
  try {
    const value = await put(question);
    return question.samples ? { value, samples: await put(question.samples) } : { value };
  } catch (error) {
    await failed();
    return { error: reasonOf(error) };
  }
}
