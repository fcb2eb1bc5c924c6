import { z } from "zod";
import { type Found, fail, inconclusive, pass } from "./verdict";

const scalar = z.union([z.number(), z.string(), z.boolean()]).optional();
const bound = z.number().optional();

/** What a measured value must be. Several operators in one expectation must all hold. */
export const expectation = z
  .strictObject({
    eq: scalar.describe("Equal to this value."),
    ne: scalar.describe("Anything but this value."),
    gt: bound.describe("Greater than this number."),
    gte: bound.describe("This number or greater."),
    lt: bound.describe("Less than this number."),
    lte: bound.describe("This number or less."),
  })
  .refine((value) => Object.values(value).some((bound) => bound !== undefined), {
    message: "at least one of eq, ne, gt, gte, lt, lte: an expectation without one would let everything pass",
  })
  .meta({ description: "What the measured value must be.", examples: [{ gt: 0 }] });

export type Expectation = z.infer<typeof expectation>;

/** Whether a value meets an expectation; `unusable` says why the value cannot be compared at all. */
export type Comparison =
  | { readonly kind: "met" }
  | { readonly kind: "unmet" }
  | { readonly kind: "unusable"; readonly why: string };

/**
 * Compares a measured value of any type. Total: a value that the expectation cannot be read against (null, NaN,
 * text where a number is needed) is `unusable`, never met.
 */
export function compare(expected: Expectation, value: unknown): Comparison {
  if (value === null || value === undefined) return { kind: "unusable", why: "there is no value" };
  const bounds = [expected.gt, expected.gte, expected.lt, expected.lte].filter(
    (bound) => bound !== undefined,
  );
  const equals = [expected.eq, expected.ne].filter((bound) => bound !== undefined);
  if (bounds.length + equals.length === 0) return { kind: "unusable", why: "the gate expects nothing" };
  if (typeof value === "number" && !Number.isFinite(value))
    return { kind: "unusable", why: `the value is ${value}` };
  if (bounds.length > 0 && typeof value !== "number") {
    return { kind: "unusable", why: `the value is ${typeName(value)}, not a number` };
  }
  for (const other of equals) {
    if (typeof other !== typeof value)
      return { kind: "unusable", why: `the value is ${typeName(value)}, not ${typeName(other)}` };
  }
  const number = value as number;
  const met =
    (expected.eq === undefined || value === expected.eq) &&
    (expected.ne === undefined || value !== expected.ne) &&
    (expected.gt === undefined || number > expected.gt) &&
    (expected.gte === undefined || number >= expected.gte) &&
    (expected.lt === undefined || number < expected.lt) &&
    (expected.lte === undefined || number <= expected.lte);
  return { kind: met ? "met" : "unmet" };
}

const SYMBOL = { eq: "=", ne: "≠", gt: ">", gte: "≥", lt: "<", lte: "≤" } as const;

/** An expectation as a person reads it: `> 0`, `≥ 1 and < 5`. */
export function showExpectation(expected: Expectation): string {
  return (Object.keys(SYMBOL) as (keyof typeof SYMBOL)[])
    .filter((operator) => expected[operator] !== undefined)
    .map((operator) => `${SYMBOL[operator]} ${expected[operator]}`)
    .join(" and ");
}

/** One number that an expectation, or a threshold, is about. */
export interface Bound {
  readonly sign: string;
  readonly value: number;
  /** The side on which values meet it; absent where that is the number itself, or all others. */
  readonly side?: "above" | "below";
}

/** The numbers of an expectation, as lines in a graph. Text and booleans have no place there. */
export function boundsOf(expected: Expectation): Bound[] {
  return (Object.keys(SYMBOL) as (keyof typeof SYMBOL)[]).flatMap((operator): Bound[] => {
    const value = expected[operator];
    if (typeof value !== "number") return [];
    const side = operator.startsWith("g") ? "above" : operator.startsWith("l") ? "below" : undefined;
    return [{ sign: SYMBOL[operator], value, ...(side ? { side } : {}) }];
  });
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "string") return "text";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Judges a measured value of any type. */
export function judgeValue(expected: Expectation, value: unknown): Found {
  const result = compare(expected, value);
  switch (result.kind) {
    case "met":
      return pass(showValue(value));
    case "unmet":
      return fail(showValue(value), "Mend what is measured, then run pulumi up again");
    case "unusable":
      return inconclusive(
        result.why,
        "Correct what is measured, so that it yields one value of the expected type",
      );
  }
}

/** A value as a report shows it: on one line, and short. */
function showValue(value: unknown): string {
  if (typeof value === "number") return String(Number(value.toPrecision(6)));
  const quoted = typeof value === "string" || typeof value === "object";
  const text = quoted ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
