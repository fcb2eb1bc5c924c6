import type pg from "pg";
import type { Rollout } from "../../../src/rollout/rollout";
import { type Problem, UserError } from "../../../src/text/problem";
import { QUESTION_MS } from "./ask";
import { type Findings, findAll } from "./findings";
import { type Question, questionsOf } from "./question";
import { deletes, inserts, type State } from "./state";

/** The tables that a rollout's queries read, as a rehearsal needs them to be. */
export interface StandInTables {
  readonly questions: readonly Question[];
  /** Questions that no rows can be made up for, all at once. The others are answered. */
  readonly problems: readonly Problem[];
  /** Questions that cannot be made to fail, by id, with why. */
  readonly lasting: ReadonlyMap<string, Problem>;
  /** From now on every question is answered well. */
  calm(): Promise<void>;
  /**
   * From now on this question is answered badly, until `calm()`.
   *
   * @returns the other questions that fail with it. Throws a `UserError` where it cannot be made to fail.
   */
  spoil(id: string): Promise<{ readonly also: readonly string[] }>;
  /** Writes the rows that are in force anew, so that their times are of now. Cheap: for about once a second. */
  refresh(): Promise<void>;
}

/**
 * Makes up the tables that a rollout's queries need and that the database does not have, and finds rows for them. The
 * pool's user must be able to create tables.
 *
 * @param options how much faster declared durations pass than the clock
 */
export async function openTables(
  pool: pg.Pool,
  rollout: Rollout,
  { timeScale }: { readonly timeScale: number },
): Promise<StandInTables> {
  const questions = questionsOf(rollout);
  const schema = rollout.database?.schema ?? "public";
  const findings = await inTransaction(
    pool,
    schema,
    async (client) => {
      await client.query("set local plan_cache_mode = force_generic_plan; set local jit = off");
      return findAll(client, rollout, questions, timeScale);
    },
    // Its prepared statements end with it.
    true,
  );
  return standIn(pool, schema, questions, findings);
}

function standIn(
  pool: pg.Pool,
  schema: string,
  questions: readonly Question[],
  { tables, calm, spoiled, problems, lasting }: Findings,
): StandInTables {
  let inForce: State = calm;
  // One after the other: two that wrote the same tables at once would leave the rows of both.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
  const write = () =>
    inTurn(() =>
      inTransaction(pool, schema, async (client) => {
        const statements = [...deletes(tables.values()), ...inserts(inForce, tables)];
        if (statements.length > 0) await client.query(statements.join(";"));
      }),
    );
  return {
    questions,
    problems,
    lasting,
    calm: () => {
      inForce = calm;
      return write();
    },
    spoil: async (id) => {
      const bad = spoiled.get(id);
      if (!bad) throw cannotSpoil(id, questions, lasting);
      inForce = bad.state;
      await write();
      return { also: bad.also };
    },
    refresh: write,
  };
}

function cannotSpoil(
  id: string,
  questions: readonly Question[],
  lasting: ReadonlyMap<string, Problem>,
): UserError {
  const problem = lasting.get(id) ?? {
    where: id,
    what: "is no query of this rollout",
    remedy: `Known ones: ${questions.map((one) => one.id).join(", ")}`,
  };
  return new UserError("A query cannot be made to fail:", [problem]);
}

/** Work that is done as one, or not at all: no reader sees a part of it. */
async function inTransaction<T>(
  pool: pg.Pool,
  schema: string,
  work: (client: pg.PoolClient) => Promise<T>,
  once = false,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | boolean = once;
  try {
    await client.query("begin");
    await client.query(
      "select set_config('search_path', $1, true), set_config('statement_timeout', $2, true)",
      [schema, String(QUESTION_MS)],
    );
    const done = await work(client);
    await client.query("commit");
    return done;
  } catch (error) {
    broken = error as Error;
    await client.query("rollback").catch(() => {});
    throw error;
  } finally {
    client.release(broken);
  }
}
