import pLimit from "p-limit";
import type { Question, SqlSource } from "../gates/database";
import type { Seen } from "../gates/observation";
import { fillWindow } from "../gates/window";
import { milliseconds } from "../text/duration";
import { reasonOf } from "../text/problem";
import { within } from "../text/within";
import type { ProbeRow } from "./settings";

/** What a run measured, and why the rest could not be. Each row is in one of the two. */
export interface Measured {
  readonly values: Readonly<Record<string, number>>;
  readonly failures: Readonly<Record<string, string>>;
}

/** Connections that a probe opens: of the gate role's few, most are for the gates. */
export const CONNECTIONS = 2;

/**
 * Asks every row's question. One that fails holds up no other, and measuring itself never fails; what has no answer
 * by the deadline (`performance.now()`) has failed.
 */
export async function measureRows(
  rows: Readonly<Record<string, ProbeRow>>,
  source: Pick<SqlSource, "observe">,
  deadline: number,
): Promise<Measured> {
  const values: Record<string, number> = {};
  const failures: Record<string, string> = {};
  const limit = pLimit(CONNECTIONS);
  await Promise.all(
    Object.entries(rows).map(([row, question]) =>
      limit(async () => {
        const result = await ask(source, question, deadline);
        if (typeof result === "number") values[row] = result;
        else failures[row] = result.failure;
      }),
    ),
  );
  return { values, failures };
}

/** No row measured, all for the same reason. */
export function noneMeasured(rows: Readonly<Record<string, unknown>>, failure: string): Measured {
  return { values: {}, failures: Object.fromEntries(Object.keys(rows).map((row) => [row, failure])) };
}

interface Failure {
  readonly failure: string;
}

async function ask(
  source: Pick<SqlSource, "observe">,
  question: ProbeRow,
  deadline: number,
): Promise<number | Failure> {
  const left = Math.floor(deadline - performance.now());
  if (left <= 0) return TOO_LATE;
  // The server itself gives up in time: nothing goes on running there that nobody waits for.
  const timeout = `${Math.min(milliseconds(question.timeout), left)}ms`;
  const asked = source.observe({ ...inWindow(question), timeout }).then(numberOf, thrown);
  // Timers may fire a millisecond early: the next row in line must then find the run over, too.
  return within(left + 2, asked, TOO_LATE);
}

/** The question with the ends of its window in it, which is over now. */
function inWindow({ windowMs, ...question }: ProbeRow): Question {
  if (windowMs === undefined) return question;
  const now = Date.now();
  return { ...question, values: fillWindow(question.values, { from: now - windowMs, to: now }) };
}

const thrown = (error: unknown): Failure => ({ failure: `bad-answer: ${reasonOf(error)}` });
export const TOO_LATE: Failure = { failure: "timeout: the run was over before there was an answer" };

/** CloudWatch refuses a whole publication for one value beyond this. */
const LARGEST = 2 ** 360;

/** Only numbers and booleans are signals. A text that looks like a number is a mistake in the question. */
export function numberOf(seen: Seen): number | Failure {
  if (seen.kind === "failure") return { failure: `${seen.failure}: ${seen.message}` };
  // Of a part alone, be it good or bad: missing, it breaches. A gate does not pass by it, either.
  if (seen.kind === "elsewhere" && seen.warnings?.length)
    return { failure: `bad-answer: the source warns of its answer: ${seen.warnings.join("; ")}` };
  const value = seen.kind === "value" || seen.kind === "elsewhere" ? seen.value : undefined;
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "number" && Math.abs(value) <= LARGEST) return value;
  return {
    failure: `bad-answer: ${seen.kind === "value" ? "the query yields" : "the source tells"} ${kindOf(value)} instead of a number or a boolean`,
  };
}

/** What kind of thing it is, never the thing itself: it is data of the database, and this goes to a log. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number") return "a number that CloudWatch does not take";
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return value;
  return typeof value === "string" ? "text" : typeof value;
}
