import { plainLine } from "../text/text";
import type { Cell } from "./answer";
import type { QueryId } from "./queries/query";

/** What each question asks, in words. */
export const TITLES: Readonly<Record<QueryId, string>> = {
  Q1: "How many imports succeed",
  Q2: "Which imports are stuck",
  Q3: "How long imports take",
  Q4: "Which errors are frequent",
  Q5: "How v1 and v2 compare",
  Q6: "How imports arrive",
};

/** By what rows of two answers are the same, and which columns of the baseline stand beside. */
export const BESIDE: Partial<Record<QueryId, { readonly key: string; readonly columns: readonly string[] }>> =
  {
    Q3: { key: "took", columns: ["share", "cumulative"] },
    Q4: { key: "pattern", columns: ["share", "share_of_imports"] },
    Q5: { key: "version", columns: ["success_rate", "p50_seconds", "p95_seconds"] },
  };

/** Says only in which order the rows stand. */
export const ORDER = "bucket";

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/;
const DECIMALS = 1_000;

/** A value as people read it. Cut off, never rounded: 94.9996 must not read as the 95 that a gate asks for. */
export function showCell(value: Cell | undefined): string {
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return value.length === 0 ? "–" : value.map(plainLine).join(", ");
  if (typeof value === "number") return String(Math.trunc(value * DECIMALS) / DECIMALS);
  return TIME.test(value) ? showMinute(value) : plainLine(value);
}

/** A time to the minute, as its own zone has it. */
export function showMinute(time: string): string {
  return time.slice(0, 16).replace("T", " ");
}
