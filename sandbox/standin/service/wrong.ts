import { keysIn } from "../../../src/text/dotted";
import { milliseconds } from "../../../src/text/duration";
import type { Answer } from "./answer";
import type { Asked } from "./exchange";
import { type Json, laidOver } from "./invent/body";
import type { AskingRow } from "./serviceRows";
import { solve } from "./solve";
import { type Around, type System, walk } from "./system";

/** How a row can be made to fail. */
export type Fault = "wrong" | "slow";

/** What makes a row fail. */
export interface Turning {
  readonly key: string;
  readonly answer: Answer;
  /** Every row that fails by it, the one that is meant among them. */
  readonly turned: readonly string[];
  /** True where the row fails; false where its judge cannot tell. */
  readonly clear: boolean;
}

/** A server that fails says so; who asks for just that is answered something else. */
export const PLAIN_FAULTS: readonly Answer[] = [
  { status: 500, headers: {}, body: { error: { code: "INTERNAL" } } },
  ...[200, 404, 410].map((status): Answer => ({ status, headers: {}, body: {} })),
];
/** Where no answer is wrong for one row alone, the best of so many will do. */
const TRIES = 500;

/**
 * The answer that turns a row, and as few others as can be. Undefined where nothing does: where it says no time, nothing is
 * too slow for it.
 */
export function turningOf(
  row: AskingRow,
  fault: Fault,
  rows: readonly AskingRow[],
  { answers, asked }: System,
  around: Around,
): Turning | undefined {
  const own = walk(row, answers, around).asked;
  const tried = own.flatMap((one) => {
    const all = asked.get(one.key) ?? [one];
    const good = answers.get(one.key);
    if (!good) return [];
    const bad =
      fault === "slow" ? slowAnswers(one, good) : [...oldAnswers(one, good), ...wrongAnswers(one, all)];
    return bad.map((answer): Turning => {
      const then = new Map(answers).set(one.key, answer);
      const turned = rows.filter((other) => fails(other, then, around) && !fails(other, answers, around));
      const clear = walk(row, then, around).found.outcome === "fail";
      return { key: one.key, answer, turned: turned.map((other) => other.row), clear };
    });
  });
  const turning = tried.filter(({ turned }) => turned.includes(row.row));
  return turning.sort((a, b) => a.turned.length - b.turned.length || Number(b.clear) - Number(a.clear))[0];
}

export const fails = (row: AskingRow, answers: ReadonlyMap<string, Answer>, around: Around) =>
  walk(row, answers, around).found.outcome !== "pass";

/** Answers that are not what the row asks, the first of them still what most others ask. */
function wrongAnswers(one: Asked, all: readonly Asked[]): Answer[] {
  const others = all.filter(({ row }) => row !== one.row);
  const subtle = solve([{ ...one, bad: true }, ...others], { tries: TRIES, failing: true });
  return [...(subtle ? [subtle] : []), ...PLAIN_FAULTS];
}

/** What an old server says by itself, among others that are asked for the same. */
const OLD = ["0.0.1", 0, false] as const;

function oldAnswers({ row, step: { value } }: Asked, good: Answer): Answer[] {
  if (!row.anySuccess || value === undefined) return [];
  return OLD.map((old) => {
    const said = keysIn(value).reduceRight<Json>((inner, key) => ({ [key]: inner }), old);
    return { ...good, body: laidOver(good.body, said) };
  });
}

/** How much longer than it may take a slow answer takes, in ms: no clock is in doubt about it, on a busy machine either. */
export const SLOWER_MS = 5_000;

function slowAnswers({ step: { within } }: Asked, good: Answer): Answer[] {
  return within === undefined ? [] : [{ ...good, delay: milliseconds(within) + SLOWER_MS }];
}
