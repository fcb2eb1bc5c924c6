import { fillLengths, fillWindow, lastSpan, spanOf } from "../../../src/gates/window";
import type { Question, Value } from "./question";

/** When a question is asked, and what its values are read against. All times ms since the epoch. */
export interface Moment {
  readonly now: number;
  /** Since when the live stage is live. */
  readonly liveSince: number;
  /** When the servers had been waited for after an abort. */
  readonly down: number;
}

/** How long a stage has been live, and flags have been down, when questions are asked: a state has to hold at each. */
const AGES = [
  { live: 5_000, down: 1_000 },
  { live: 600_000, down: 60_000 },
];

/** The moments that a question has to be asked at, for all of them to be known. */
export function momentsOf({ values, samples }: Pick<Question, "values" | "samples">, now: number): Moment[] {
  const all = [...values, ...(samples?.values ?? [])];
  const timed = all.some((value) => ["{from}", "{to}", "{down}"].includes(String(value)));
  const moments = AGES.map(({ live, down }) => ({ now, liveSince: now - live, down: now - down }));
  return timed ? moments : moments.slice(0, 1);
}

/** A statement's values at a moment, as the database is sent them. */
export function valuesAt(
  { window, sinceFlip }: Pick<Question, "window" | "sinceFlip">,
  values: readonly Value[],
  timeScale: number,
  { now, liveSince, down }: Moment,
): Value[] {
  const lengths = fillLengths(values, timeScale).map((value) =>
    value === "{down}" ? new Date(down).toISOString() : value,
  );
  if (window === undefined) return lengths;
  const span = sinceFlip ? spanOf(window, { liveSince, timeScale }, now) : lastSpan(window, timeScale, now);
  return fillWindow(lengths, span);
}

/** How far back a value lies that names a time, ms: at least and at most, whenever it is asked. */
export function agesOf(
  question: Pick<Question, "window" | "sinceFlip">,
  value: Value,
  timeScale: number,
): { readonly least: number; readonly most: number } | undefined {
  if (value === "{to}") return { least: 0, most: 0 };
  if (value !== "{from}" && value !== "{down}") return undefined;
  const ages = AGES.map(({ live, down }) => {
    const moment = { now: 0, liveSince: -live, down: -down };
    return -Date.parse(String(valuesAt(question, [value], timeScale, moment)[0]));
  });
  return { least: Math.min(...ages), most: Math.max(...ages) };
}
