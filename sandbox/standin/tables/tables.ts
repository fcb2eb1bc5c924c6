import type pg from "pg";
import type { Rollout } from "../../../src/rollout/rollout";
import { type Problem, UserError } from "../../../src/text/problem";
import { type Edits, editStatements } from "./edits";
import { type Findings, findAll } from "./findings";
import { type Kept, keeping, undo } from "./keep";
import { notFailing } from "./problems";
import { type Question, questionsOf } from "./question";
import { findEdits, isLive } from "./spoilLive";
import { deletes, inserts, type State, type Table } from "./state";
import { inTransaction } from "./transaction";

/** The tables that a rollout's queries read, as a rehearsal needs them to be. */
export interface StandInTables {
  readonly questions: readonly Question[];
  /**
   * Queries that do not run, and those that no rows of made-up tables please, all at once. What reads tables that were
   * there before is answered by what their owner put there.
   */
  readonly problems: readonly Problem[];
  /** Questions that cannot be made to fail, by id, with why. Those that read tables of their owner's show it when asked. */
  readonly lasting: ReadonlyMap<string, Problem>;
  /**
   * Whether an alarm may ring where this question is answered badly: one whose probe reads the same rows. Of tables of
   * their owner's it is not known before, and any may.
   */
  mayRing(id: string): boolean;
  /** From now on every question is answered well. Tables that were there before are as they were. */
  calm(): Promise<void>;
  /**
   * From now on this question is answered badly, until `calm()`.
   *
   * @returns what it comes to (`unclear` where there are no rows that make it fail, but some that leave a gate nothing to
   *   judge), and the other questions that are not answered well with it. Throws a `UserError` where there are none.
   */
  spoil(id: string): Promise<{ readonly outcome: "bad" | "unclear"; readonly also: readonly string[] }>;
  /** Writes what is in force anew, so that its times are of now. Cheap: for about once a second. */
  refresh(): Promise<void>;
}

/**
 * Makes up the tables that a rollout's queries need and that the database does not have, and finds rows for them. The
 * pool's user must be a superuser; the functions that the rollout's first `up` declares need not be there yet.
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
  const findings = await inTransaction(pool, { schema, trying: true }, (client) =>
    findAll(client, rollout, questions, timeScale),
  );
  return standIn(pool, schema, rollout, questions, findings, timeScale);
}

/** What is in force: rows of made-up tables, and edits of the others. */
interface InForce {
  readonly rows: State;
  readonly edits: Edits;
}

function standIn(
  pool: pg.Pool,
  schema: string,
  rollout: Rollout,
  questions: readonly Question[],
  findings: Findings,
  timeScale: number,
): StandInTables {
  const { tables, calm, spoiled, problems } = findings;
  const lasting = new Map(findings.lasting);
  const atRest: InForce = { rows: calm, edits: [] };
  let inForce = atRest;
  let kept: readonly Kept[] = [];
  // One after the other: two that wrote the same tables at once would leave the rows of both.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
  /** Writes what is to be in force from now on; without it, what is in force when its turn comes. */
  const write = (given?: InForce) =>
    inTurn(async () => {
      const next = given ?? inForce;
      const { rows, edits } = next;
      const touched = tablesOf(edits).filter(({ existing }) => existing);
      const quiet = touched.length + kept.length > 0;
      // What the app writes meanwhile is the app's, and is not undone.
      const keep = await inTransaction(pool, { schema, quiet, apart: quiet }, async (client) => {
        await undo(client, kept);
        return keeping(client, touched, async () => {
          const own = [...deletes(tables.values()), ...inserts(rows, tables)];
          const statements = [...own, ...editStatements(edits, tables)];
          if (statements.length > 0) await client.query(statements.join(";"));
        });
      });
      kept = keep;
      inForce = next;
    });
  const tablesOf = (edits: Edits): Table[] =>
    [...new Set(edits.map(({ table }) => table))].flatMap((key) => tables.get(key) ?? []);
  const spoilLive = async (question: Question) => {
    await write(atRest);
    const found = await inTurn(() =>
      inTransaction(pool, { schema, trying: true, quiet: true, rolledBack: true }, (client) =>
        findEdits(client, question.id, rollout, findings, timeScale),
      ),
    );
    if (!found) lasting.set(question.id, notFailing(question, 1));
    return found && { ...found, next: { rows: calm, edits: found.state } };
  };
  const spoil = async (id: string) => {
    const known = spoiled.get(id);
    const question = questions.find((one) => one.id === id);
    if (known) return { ...known, next: { rows: known.state, edits: [] } };
    return question && isLive(id, findings) ? spoilLive(question) : undefined;
  };
  return {
    questions,
    problems,
    lasting,
    mayRing: (id) => {
      const also = spoiled.get(id)?.also;
      return questions.some(
        ({ id: other, section }) =>
          section === "abort" && other !== id && (also === undefined || also.includes(other)),
      );
    },
    calm: () => write(atRest),
    spoil: async (id) => {
      const found = await spoil(id);
      if (!found) throw cannotSpoil(id, questions, lasting);
      await write(found.next);
      return { outcome: found.outcome, also: found.also };
    },
    refresh: () => write(),
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
