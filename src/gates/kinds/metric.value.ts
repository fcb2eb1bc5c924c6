import { z } from "zod";
import { isMath } from "../../aws/metricSource";
import type { Range } from "../arithmetic";
import {
  boundsOf,
  compare,
  type Expectation,
  isPossible,
  judgeValue,
  MEND,
  showNumber,
} from "../expectation";
import type { MetricReading } from "../kind";
import { type Found, fail, inconclusive, pass } from "../verdict";

/** A share of all values of a window. */
const share = z.strictObject({
  bound: z.number(),
  /** Whether the values at the bound count, too. */
  included: z.boolean(),
  percent: z.number(),
});
export type Share = z.infer<typeof share>;

/** What a source tells of one window. */
export const part = z.strictObject({
  /** The value, where it is known exactly. */
  value: z.unknown(),
  /** Of a percentile that is not: how much of all values stands at or below a bound, or below it alone. */
  shares: z.array(share).optional(),
  /** The numbers between which it lies, where no more is known. */
  between: z.strictObject({ low: z.number(), high: z.number() }).optional(),
  /** Metrics whose silence counts as nothing, and that had no data in all the time that CloudWatch remembers. */
  never: z.array(z.string()).optional(),
  samples: z.number().nonnegative(),
  window: z.strictObject({ from: z.iso.datetime(), to: z.iso.datetime() }),
  /** How much of the window has data: see `Coverage`. */
  coverage: z
    .strictObject({
      parts: z.number(),
      covered: z.number(),
      alive: z.number(),
      partMs: z.number(),
      period: z.number(),
    })
    .optional(),
});
export type Part = z.infer<typeof part>;

/** Judges what was measured over a window, by the best that is known of it. */
export function judgeMeasured(reading: MetricReading, { value, shares, between }: Part): Found {
  const { expect } = reading;
  if (value !== null && value !== undefined) return judgeValue(expect, value);
  // Where one period has an impossible value, no share of all values is worth anything.
  if (between && !isPossible(expect, between.low)) return judgeValue(expect, between.low);
  const percent = percentileOf(reading);
  if (percent !== undefined && shares && shares.length > 0) {
    const found = judgeShares(expect, percent, shares);
    if (found) return found;
  }
  if (between) return judgeRange(expect, between);
  return judgeValue(expect, value);
}

/** Which percentile a gate asks for: 95 of `p95`; undefined where it asks for none. */
export function percentileOf({
  source,
  worstMinute,
}: Pick<MetricReading, "source" | "worstMinute">): number | undefined {
  const percent = isMath(source) || worstMinute ? undefined : /^p(\d.*)$/.exec(source.statistic)?.[1];
  return percent === undefined ? undefined : Number(percent);
}

/** What decides whether a percentile meets each bound: the share of values at or below it, or below it alone. */
export function sharesAsked({ eq, ne, ...expect }: Expectation): Omit<Share, "percent">[] {
  // That a percentile is one number, or any other, no share says.
  if (eq !== undefined || ne !== undefined) return [];
  return boundsOf(expect).map(({ sign, value: bound }) => ({
    bound,
    // "Below 500" and "500 or more" part at what is less than 500; the others at what is 500 or less.
    included: sign === ">" || sign === "≤",
  }));
}

/**
 * The p95 is below a bound where at least 95 % of all values are. Undefined where a bound's share was not told, or is
 * none.
 */
function judgeShares(expect: Expectation, percent: number, shares: readonly Share[]): Found | undefined {
  const asked = sharesAsked(expect);
  const found = asked.map(({ bound, included }) =>
    shares.find((one) => one.bound === bound && one.included === included),
  );
  if (
    asked.length === 0 ||
    !found.every((one) => one !== undefined && one.percent >= 0 && one.percent <= 100)
  )
    return undefined;
  const told = (found as Share[]).map(
    (one) =>
      `${showNumber(one.percent, [{ value: percent }])} % are ${one.included ? `${one.bound} or less` : `below ${one.bound}`}`,
  );
  const met = (found as Share[]).every((one) => {
    const upper = one.included ? expect.lte === one.bound : expect.lt === one.bound;
    const lower = one.included ? expect.gt === one.bound : expect.gte === one.bound;
    return (!upper || one.percent >= percent) && (!lower || one.percent < percent);
  });
  return met ? pass(told.join(", ")) : fail(told.join(", "), MEND);
}

/** A value that lies between two numbers meets what both meet, and breaks a bound that both break. */
function judgeRange(expect: Expectation, { low, high }: Range): Found {
  if (low === high) return judgeValue(expect, low);
  const show = (end: number) => showNumber(end, boundsOf(expect));
  const told = `between ${show(low)} and ${show(high)}`;
  const { eq, ne, quantity, ...bounds } = expect;
  const ends = [low, high];
  const unusable = ends.find((end) => compare(expect, end).kind === "unusable");
  if (unusable !== undefined) return judgeValue(expect, unusable);
  const broken = (Object.entries(bounds) as [keyof Expectation, number | undefined][]).some(
    ([sign, bound]) =>
      bound !== undefined && ends.every((end) => compare({ [sign]: bound, quantity }, end).kind === "unmet"),
  );
  if (broken) return fail(told, MEND);
  if (eq === undefined && ne === undefined && ends.every((end) => compare(expect, end).kind === "met"))
    return pass(told);
  return inconclusive(
    `${told}: more is not known of so long a time`,
    "Shorten the window to a day, or ask for a Sum or an Average",
  );
}
