import { z } from "zod";
import { someTime } from "../text/duration";
import { clipped } from "../text/text";
import { type Found, fail, inconclusive, pass } from "./verdict";

const scalar = z.union([z.number(), z.string(), z.boolean()]).optional();
const bound = z.number().optional();

/** What a quantity can be at all, by its kind. A value outside of it says that the measurement is wrong. */
const EXTENT = {
  percent: { least: 0, most: 100 },
  share: { least: 0, most: 1 },
  count: { least: 0, most: Number.POSITIVE_INFINITY },
  signed: { least: Number.NEGATIVE_INFINITY, most: Number.POSITIVE_INFINITY },
} as const;

/**
 * What a value can be at all. Of one that nobody has described it is known that it is never less than nothing: counts,
 * rates and lengths of time are not, and a bound from above would let everything below zero pass.
 */
export function extentOf({ quantity = "count" }: Expectation): {
  readonly least: number;
  readonly most: number;
} {
  return EXTENT[quantity];
}

/** What rounding of binary fractions may add to a quantity at the end of what it can be. */
const ROUNDING = 1e-9;

/** What kind of quantity a value is. */
export const quantity = z.enum(["percent", "share", "count", "signed"]);

const operators = z.strictObject({
  eq: scalar.describe("Equal to this value."),
  ne: scalar.describe("Anything but this value."),
  gt: bound.describe("Greater than this number."),
  gte: bound.describe("This number or greater."),
  lt: bound.describe("Less than this number."),
  lte: bound.describe("This number or less."),
  quantity: quantity
    .optional()
    .describe(
      "What kind of quantity the value is: a percent (0 to 100), a share (0 to 1), a count (0 or more, as a length of time is) or signed (any number). A value that it cannot have is inconclusive. Default: 0 or more.",
    ),
});

/** Words that take more than one look: of a kind that says `looksAgain`. */
const again = {
  inARow: z
    .int()
    .min(2)
    .max(50)
    .optional()
    .meta({
      description:
        "Of a metric: so many windows in a row must each meet it, the last of them ending now, with samples and coverage of its own. All of them begin after the flip.",
      examples: [3],
    }),
  noWorseThan: z
    .strictObject({
      first: someTime.meta({
        description: "How long after the flip it is compared with; the gate's own window begins after it.",
        examples: ["1h"],
      }),
      by: z
        .string()
        .regex(/^\d{1,4}(\.\d{1,2})?%$/, "a percentage such as 25%")
        .meta({ description: "How much worse it may be than then.", examples: ["25%"] }),
    })
    .optional()
    .meta({
      description:
        "Of a metric: beside its limits, at most so much worse than in the first time after the flip. Worse is more, or less where a lower limit alone is given.",
      examples: [{ first: "1h", by: "25%" }],
    }),
};
const words = operators.extend(again);

export type Expectation = z.infer<typeof words>;

/** The words of an expectation that take more than one look. */
export const AGAIN = Object.keys(again) as (keyof typeof again)[];

/** Its limits alone, which one look is held against. */
export function limitsOf({ inARow: _, noWorseThan: __, ...limits }: Expectation): Expectation {
  return limits;
}

/** What a measured value must be. Several operators in one expectation must all hold. */
export const expectation = words
  .refine((value) => operatorsOf(value).length > 0, {
    message: "at least one of eq, ne, gt, gte, lt, lte: an expectation without one would let everything pass",
  })
  .refine((value) => operatorsOf(value).length === 0 || isSatisfiable(value), {
    message:
      "something that a value can meet: no value meets all of this (less than 0 only with quantity: signed)",
  })
  .meta({ description: "What the measured value must be.", examples: [{ gt: 0 }] });

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
  if (value === null || value === undefined) return unusable("there is no value");
  const bounds = [expected.gt, expected.gte, expected.lt, expected.lte].filter(
    (bound) => bound !== undefined,
  );
  const equals = [expected.eq, expected.ne].filter((bound) => bound !== undefined);
  if (bounds.length + equals.length === 0) return unusable("the gate expects nothing");
  if (typeof value === "number" && !Number.isFinite(value)) return unusable(`the value is ${value}`);
  if ((bounds.length > 0 || expected.quantity) && typeof value !== "number")
    return unusable(`the value is ${typeName(value)}, not a number`);
  if (typeof value === "number" && !isPossible(expected, value))
    return unusable(
      `the value is ${value}, which no ${expected.quantity ?? "count, rate or length of time"} can be`,
    );
  if (visible(value) === "" && expected.eq !== value) return unusable("the value is text that nobody sees");
  const other = equals.find((one) => typeof one !== typeof value);
  if (other !== undefined) return unusable(`the value is ${typeName(value)}, not ${typeName(other)}`);
  const number = value as number;
  const met =
    (expected.eq === undefined || value === expected.eq) &&
    (expected.ne === undefined || alike(value) !== alike(expected.ne)) &&
    (expected.gt === undefined || number > expected.gt) &&
    (expected.gte === undefined || number >= expected.gte) &&
    (expected.lt === undefined || number < expected.lt) &&
    (expected.lte === undefined || number <= expected.lte);
  return { kind: met ? "met" : "unmet" };
}

/** Of text that reads alike, in other letters too, neither is anything but the other. */
const alike = (value: unknown): unknown => {
  const seen = visible(value);
  return typeof seen === "string" ? seen.normalize("NFKC").toLowerCase() : seen;
};

/** A value without what nobody sees around or within it. */
const visible = (value: unknown): unknown =>
  typeof value === "string" ? value.replaceAll(/[\p{Cf}\p{Cc}]/gu, "").trim() : value;

const unusable = (why: string): Comparison => ({ kind: "unusable", why });

/** Whether what is expected can have the value at all. */
export function isPossible(expected: Expectation, value: number): boolean {
  const { least, most } = extentOf(expected);
  return value >= least - ROUNDING && value <= most + ROUNDING;
}

/** Whether there is a value that meets all of an expectation. */
function isSatisfiable({ eq, ...rest }: Expectation): boolean {
  if (eq !== undefined) return compare({ ...rest, eq }, eq).kind === "met";
  const { gt, gte, lt, lte, ne, quantity } = rest;
  const bounded = [gt, gte, lt, lte].some((bound) => bound !== undefined) || quantity !== undefined;
  if (!bounded) return true;
  if (ne !== undefined && typeof ne !== "number") return false;
  const { low, high } = endsOf(rest);
  // Between two numbers there is a third one; a single one must be let in by all.
  return low < high || (low === high && compare(rest, low).kind === "met");
}

/** The least and the greatest number that could meet an expectation's bounds. */
export function endsOf({ gt, gte, lt, lte, quantity }: Expectation) {
  const { least, most } = extentOf({ quantity });
  return {
    low: Math.max(gt ?? least, gte ?? least, least),
    high: Math.min(lt ?? most, lte ?? most, most),
  };
}

/** Whether an expectation is met by a single value: any other one breaks it. */
export function acceptsOne(expected: Expectation): boolean {
  const { low, high } = endsOf(expected);
  return expected.eq !== undefined || low === high;
}

const SYMBOL = { eq: "=", ne: "≠", gt: ">", gte: "≥", lt: "<", lte: "≤" } as const;

/** The operators that an expectation uses. */
function operatorsOf(expected: Expectation): (keyof typeof SYMBOL)[] {
  return (Object.keys(SYMBOL) as (keyof typeof SYMBOL)[]).filter(
    (operator) => expected[operator] !== undefined,
  );
}

/** An expectation as a person reads it: `> 0`, `≥ 1 and < 5`. */
export function showExpectation(expected: Expectation): string {
  const { inARow, noWorseThan } = expected;
  const limits = operatorsOf(expected).map((operator) => `${SYMBOL[operator]} ${expected[operator]}`);
  return [
    limits.join(" and "),
    ...(inARow === undefined ? [] : [`${inARow} times in a row`]),
    ...(noWorseThan ? [`no worse than the first ${noWorseThan.first} by ${noWorseThan.by}`] : []),
  ].join(", ");
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
  return operatorsOf(expected).flatMap((operator): Bound[] => {
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

/** What to do about what was measured, and is not as it must be. */
export const MEND = "Mend what is measured, then run pulumi up again";

/** Judges a measured value of any type. */
export function judgeValue(expected: Expectation, value: unknown): Found {
  const result = compare(expected, value);
  switch (result.kind) {
    case "met":
      return pass(showValue(value, expected));
    case "unmet":
      return fail(showValue(value, expected), MEND);
    case "unusable":
      return inconclusive(
        result.why,
        retype(expected, value) ??
          (isNegative(value) && expected.quantity === undefined
            ? "Correct what is measured; where it may be less than 0, say so: expect: { …, quantity: signed }"
            : "Correct what is measured, so that it yields one value of the expected type"),
      );
  }
}

/** What to write where the very value is expected as another type; undefined where it is not. */
export function retype(expected: Expectation, value: unknown): string | undefined {
  const key = (["eq", "ne"] as const).find((one) => {
    const other = expected[one];
    if (other === undefined || typeof other === typeof value || typeof value === "object") return false;
    // To YAML, 2.10 is 2.1.
    return (
      String(other) === String(value) ||
      (typeof value === "string" && value !== "" && Number(value) === other)
    );
  });
  if (key === undefined) return undefined;
  const quotes = typeof value === "string" ? "in" : "without";
  return `Write the value of ${key} ${quotes} quotes: what is measured is ${typeName(value)}`;
}

const isNegative = (value: unknown) => typeof value === "number" && Number.isFinite(value) && value < 0;

/** What nobody sees in a report, and what makes another value of it. */
const UNSEEN = /(?! )[\p{Cf}\p{Zs}]/gu;

/** A value as a report shows it: on one line, and short; a number on the side of every bound that it is on. */
function showValue(value: unknown, expected: Expectation): string {
  if (typeof value === "number") return showNumber(value, boundsOf(expected));
  const quoted = typeof value === "string" || typeof value === "object";
  const text = quoted ? JSON.stringify(value) : String(value);
  return clipped(
    text.replaceAll(UNSEEN, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`),
    60,
  );
}

/** A number rounded to six digits, or as many as it takes to stand where it is to every bound. */
export function showNumber(value: number, bounds: readonly Pick<Bound, "value">[]): string {
  for (let digits = 6; digits < 17; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (bounds.every((bound) => Math.sign(rounded - bound.value) === Math.sign(value - bound.value)))
      return String(rounded);
  }
  return String(value);
}
