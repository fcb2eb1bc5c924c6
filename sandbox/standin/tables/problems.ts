import type { Problem } from "../../../src/text/problem";
import type { Failing } from "./invent";
import { type Answer, outcomeOf, type Question, showWanted } from "./question";

const OWN_TABLES =
  "Give the rollout's own tables: seed: [...] in rehearsal.ts, the file beside the stack files";

/** A statement that the database does not run. */
export function notRunning({ at, why }: Failing): Problem {
  return {
    where: at,
    what: `does not run over made-up tables: ${why}`,
    remedy: `Correct the query; or, where it is right: ${lower(OWN_TABLES)}`,
  };
}

/** A question that no rows were found for. */
export function noRows(question: Question, answers: readonly Answer[], tables: number): Problem {
  const answer = answers.find((one) => outcomeOf(question, one) !== "good") ?? {};
  const which =
    tables === 0
      ? "it reads no table that rows could be made up for"
      : "no rows of a made-up table satisfy it together with the other queries";
  return {
    where: question.where,
    what: `is answered ${shown(answer)} instead of ${showWanted(question)}, and ${which}`,
    remedy: OWN_TABLES,
  };
}

/** A question that no rows make fail. */
export function notFailing(question: Question, tables: number): Problem {
  return {
    where: question.where,
    what:
      tables === 0
        ? "cannot be made to fail: it reads no table whose rows could be changed"
        : "cannot be made to fail: no rows were found over which its answer is a bad one",
    remedy: `Look at whether the query can fail at all; or, where it can: ${lower(OWN_TABLES)}`,
  };
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

/** An answer, in words. Made-up rows hold no secret, and the user's own are in a sandbox. */
function shown({ value, samples, error }: Answer): string {
  if (error !== undefined) return `with an error (${error})`;
  const text = value === undefined || value === null ? "no value" : String(value);
  return samples === undefined ? text : `${text} with ${String(samples)} samples`;
}
