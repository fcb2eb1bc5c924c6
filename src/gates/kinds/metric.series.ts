import { isMath, type OneMetric } from "../../aws/metricSource";
import { evaluate, parseArithmetic, type Range } from "../arithmetic";
import { compare } from "../expectation";
import type { MetricReading } from "../kind";
import type { Span } from "../window";
import { percentileOf, type Share } from "./metric.value";

/** A value by when its period begins, ms since the epoch. */
export type Series = ReadonlyMap<number, number>;

/** What CloudWatch told of one metric over a window, period by period. */
export interface MetricSeries {
  /** The statistic that was asked for. */
  readonly main: Series;
  readonly sum: Series;
  readonly count: Series;
  /** The statistic and the sample count of all of the window in one period, where that can be had. */
  readonly whole?: { readonly main: Series; readonly count: Series } | undefined;
}

/** What was told of a part of the window, by when its periods begin; all of it where no part is meant. */
export function partOf(told: MetricSeries, part: OneMetric["part"], { from, to }: Span): MetricSeries {
  if (part === undefined) return told;
  const quarter = (to - from) / 4;
  const within = (at: number) => (part === "first quarter" ? at < from + quarter : at >= to - quarter);
  const of = (series: Series): Series => new Map([...series].filter(([at]) => within(at)));
  return { main: of(told.main), sum: of(told.sum), count: of(told.count) };
}

/** A share of the values of each period. */
export interface RankSeries extends Omit<Share, "percent"> {
  readonly percents: Series;
}

/**
 * A statistic over the whole window, as exactly as its periods tell it: percentiles cannot be put together to the
 * percentile of all of them, but lie between the least and the most.
 *
 * @param from when the window begins, ms since the epoch
 * @param signed true where the values may be less than nothing
 */
export function overAll(
  statistic: string,
  told: MetricSeries,
  from: number,
  signed = false,
): Range | undefined {
  const { main, sum, count } = told;
  if (main.size === 0) return undefined;
  const exactly = (value: number): Range => ({ low: value, high: value });
  const least = leastOf(main);
  // What less than nothing happened in one period would take away in another says nothing of either.
  if (least < 0 && !signed) return exactly(least);
  switch (statistic) {
    case "Sum":
    case "SampleCount":
      return exactly(total(main));
    case "Average":
      return total(count) > 0 ? exactly(total(sum) / total(count)) : undefined;
    case "Minimum":
      return exactly(least);
    case "Maximum":
      return exactly(mostOf(main));
    default: {
      const whole = wholeOf(told, from);
      return whole === undefined ? { low: least, high: mostOf(main) } : exactly(whole);
    }
  }
}

/**
 * The statistic of one period that holds all of the window and nothing else: it begins with the window, and has as
 * many samples.
 */
function wholeOf({ whole, count }: MetricSeries, from: number): number | undefined {
  if (whole?.main.size !== 1) return undefined;
  return whole.count.get(from) === total(count) ? whole.main.get(from) : undefined;
}

/** The worst minute's value: which one that is depends on what is expected. */
export function worstOf({ expect }: Pick<MetricReading, "expect">, main: Series): Range | undefined {
  if (main.size === 0) return undefined;
  const ends = [mostOf(main), leastOf(main), ...main.values()];
  const worst = ends.find((value) => compare(expect, value).kind !== "met") ?? mostOf(main);
  return { low: worst, high: worst };
}

/**
 * The value of arithmetic over the whole window, from that of each of its metrics. There is none where one of these is
 * less than nothing: what comes out of it may look sound, or be one that may be negative itself.
 */
export function workedOut(
  expression: string,
  values: Readonly<Record<string, Range | undefined>>,
): Range | undefined {
  const term = parseArithmetic(expression);
  if (Object.values(values).some((value) => value !== undefined && value.low < 0)) return undefined;
  return term && evaluate(term, (id) => (Object.hasOwn(values, id) ? values[id] : undefined));
}

/**
 * The share of all values of a window at or below a bound, Σ(share · samples) / Σ samples. Undefined where it was not
 * told of every period with samples, or where what was told cannot be a share: not every source knows the statistic,
 * and one that does not may answer with another.
 */
export function shareOf(
  reading: MetricReading,
  rank: RankSeries,
  { main, count }: MetricSeries,
): Share | undefined {
  const asked = percentileOf(reading);
  const samples = [...count].filter(([, number]) => number > 0);
  if (asked === undefined || samples.length === 0) return undefined;
  let below = 0;
  for (const [at, number] of samples) {
    const percent = rank.percents.get(at);
    if (percent === undefined || !(percent >= 0 && percent <= 100)) return undefined;
    const value = main.get(at);
    // Both are told approximately, and of few samples one is a large share.
    const near = 100 / number + 1;
    // Where the period's p95 is far below the bound, 95 % or more must be; where it is far above, less.
    if (value !== undefined && value < rank.bound && percent < asked - near) return undefined;
    if (value !== undefined && value > rank.bound && percent > asked + near) return undefined;
    below += percent * number;
  }
  const { bound, included } = rank;
  return { bound, included, percent: below / total(count) };
}

export const total = (series: Series) => [...series.values()].reduce((sum, value) => sum + value, 0);
const leastOf = (series: Series) =>
  [...series.values()].reduce((one, other) => (other < one || Number.isNaN(other) ? other : one));
const mostOf = (series: Series) =>
  [...series.values()].reduce((one, other) => (other > one || Number.isNaN(other) ? other : one));

/** The metrics of a reading by the ids of its expression; a single one is called by none. */
export function metricsById({ source }: Pick<MetricReading, "source">) {
  return isMath(source) ? Object.entries(source.metrics) : [["", source] as const];
}
