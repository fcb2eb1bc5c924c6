import { type Answer, boundsOf, type Outcome, outcomeOf, type Question } from "./question";

/** What several answers to one question, at several moments, come to: good and bad only where all are. */
export function outcomeOfAll(question: Question, answers: readonly Answer[]): Outcome {
  const all = new Set(answers.map((answer) => outcomeOf(question, answer)));
  const [one] = all;
  return all.size === 1 && one ? one : "unclear";
}

/**
 * How far answers are from what is wanted, from 0 (it is so) to somewhat above 1 (nothing is known of it): what a search
 * goes by. An error is never what is wanted.
 */
export function distanceOf(question: Question, answers: readonly Answer[], wanted: Outcome): number {
  const each = answers.map((answer) => one(question, answer, wanted));
  return each.reduce((sum, distance) => sum + distance, 0) / Math.max(1, each.length);
}

function one(question: Question, answer: Answer, wanted: Outcome): number {
  if (answer.error !== undefined) return 1.2;
  const outcome = outcomeOf(question, answer);
  if (outcome === wanted) return 0;
  if (outcome === "unclear") {
    const few =
      question.samples && typeof answer.samples === "number" ? answer.samples / question.samples.least : 0;
    return few < 1 ? 1 - 0.2 * few : 1;
  }
  const bounds = boundsOf(question).filter((bound) => typeof bound === "number");
  const value = typeof answer.value === "boolean" ? Number(answer.value) : answer.value;
  if (typeof value !== "number" || bounds.length === 0) return 0.7;
  const off = Math.min(...bounds.map((bound) => Math.abs(value - bound) / (1 + Math.abs(bound))));
  return 0.2 + (0.5 * off) / (off + 1);
}
