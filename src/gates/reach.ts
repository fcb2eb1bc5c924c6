import { type Problem, tellWhere } from "../text/problem";
import { compare, type Expectation, extentOf } from "./expectation";
import { type AnswerType, typeOfAnswer } from "./jmespath";
import type { Extent, FieldError } from "./kind";

/** What a number of rows or of data points can be. */
const NUMBER: Extent = { least: 0, most: Number.POSITIVE_INFINITY, whole: true, words: "a count" };

/** What a value is that config calls a percent, a share or a count; undefined where it says nothing, or any number. */
export function statedExtent({ quantity: stated }: Expectation): Extent | undefined {
  if (stated === undefined || stated === "signed") return undefined;
  return { ...extentOf({ quantity: stated }), whole: false, words: `a ${stated}` };
}

/** A query that begins as one of a count alone; what follows decides which rows it counts. */
const COUNTS =
  /^\s*select\s+count\s*\(\s*(\*|(distinct\s+)?[\w."]+)\s*\)(\s*::\s*(int|integer|bigint|int[48]))?(\s+(as\s+)?\w+)?\s*(from\b|;?\s*$)/i;
/** What puts answers of other queries beside it. */
const JOINED = /\b(union|intersect|except)\b/i;

/** What a query's value can be: known of a count alone. */
export function extentOfQuery(query: string): Extent | undefined {
  return COUNTS.test(query) && !JOINED.test(query) ? NUMBER : undefined;
}

/** The same of a metric's statistic. Of a Sum it is known that it counts unless it is signed, but not in what parts. */
export function extentOfStatistic(
  statistic: string | undefined,
  { quantity }: Expectation,
): Extent | undefined {
  if (/\bSampleCount$/.test(statistic ?? "")) return NUMBER;
  if (quantity === "signed" || !/\bSum$/.test(statistic ?? "")) return undefined;
  return { ...NUMBER, whole: false, words: "a Sum" };
}

/** A value of each type, and what to expect of one. */
const TYPES: Readonly<Record<AnswerType | "a number", { readonly like: unknown; readonly remedy: string }>> =
  {
    "true or false": { like: true, remedy: "Write { eq: true }, or { eq: false }" },
    "a number": { like: 1, remedy: "Write a number, such as { eq: 1 }" },
    "a count": { like: 1, remedy: "Write a whole number, such as { eq: 1 }" },
    text: { like: "text", remedy: "Write the text that is there where all is well" },
    "a list": { like: [], remedy: "Take one value out of it, or count, such as length(…)" },
    "an object": { like: {}, remedy: "Take one value out of it" },
  };

/** What is wrong with an expectation that no value of a type could meet; nothing where values decide. */
export function typeErrors(
  expect: Expectation,
  type: keyof typeof TYPES | undefined,
  whose: string,
): FieldError[] {
  if (type === undefined) return [];
  const { like, remedy } = TYPES[type];
  const open = type === "a count" ? !never(expect, NUMBER) : compare(expect, like).kind !== "unusable";
  return tellWhere(!open, { path: ["expect"], what: `can never hold: ${whose} is ${type}`, remedy });
}

/** The same of what an expression of JMESPath finds in an answer, where text that is empty is nothing. */
export const answerErrors = (expect: Expectation, value: string): FieldError[] => [
  ...typeErrors(expect, typeOfAnswer(value), value),
  ...tellWhere(expect.eq === "", {
    path: ["expect"],
    what: "can never hold: text that is empty is no value",
    remedy: TYPES.text.remedy,
  }),
];

/** What is wrong with an expectation that every value meets, or none; undefined where values decide. */
export function reachError(
  expect: Expectation,
  extents: readonly (Extent | undefined)[],
): Omit<Problem, "where"> | undefined {
  for (const extent of extents) {
    if (extent === undefined) continue;
    const how = never(expect, extent) ? "hold" : always(expect, extent) ? "fail" : undefined;
    if (how === undefined) continue;
    const { least, most, whole, words } = extent;
    const range = Number.isFinite(most) ? `from ${least} to ${most}` : `${least} or more`;
    return {
      what: `can never ${how}: ${words} is ${whole ? "a whole number, " : ""}${range}`,
      remedy: "Write what it is where all is well, and is not where something is wrong",
    };
  }
  return undefined;
}

function never(expect: Expectation, extent: Extent): boolean {
  const { eq, ne, gt, gte, lt, lte } = expect;
  // It is a number.
  if (typeof (eq ?? 0) !== "number" || typeof (ne ?? 0) !== "number") return true;
  if (eq !== undefined) return !isOne(eq, extent) || compare(expect, eq).kind !== "met";
  const { least, most, whole } = extent;
  // Of others the schema sees to it.
  if (!whole) return false;
  const low = Math.max(least, Math.ceil(gte ?? least), gt === undefined ? least : Math.floor(gt) + 1);
  const high = Math.min(most, Math.floor(lte ?? most), lt === undefined ? most : Math.ceil(lt) - 1);
  return low > high || (low === high && low === ne);
}

function always({ eq, ne, gt, gte, lt, lte }: Expectation, extent: Extent): boolean {
  const { least, most } = extent;
  return (
    eq === undefined &&
    !isOne(ne, extent) &&
    (gt === undefined || gt < least) &&
    (gte === undefined || gte <= least) &&
    (lt === undefined || lt > most) &&
    (lte === undefined || lte >= most)
  );
}

/** Whether a value is one that it can have. */
function isOne(value: unknown, { least, most, whole }: Extent): boolean {
  return typeof value === "number" && value >= least && value <= most && !(whole && !Number.isInteger(value));
}
