import { keptFor } from "../../aws/memory";
import { isMath, type OneMetric } from "../../aws/metricSource";
import { safeMilliseconds, showDuration } from "../../text/duration";
import { growthOf, parseArithmetic } from "../arithmetic";
import type { CoverageRule } from "../coverage";
import { acceptsOne, type Expectation, extentOf } from "../expectation";
import type { FieldError, MetricReading } from "../kind";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A gate, as far as gaps in its data go. */
type Gapped = Pick<MetricReading, "source" | "worstMinute" | "expect" | "minSamples">;

/** Whether a gap could hide what breaks a gate: one value in it would be enough. */
export function gapsHide({ source, worstMinute, expect, minSamples }: Gapped): boolean {
  // The worst minute is the one that is not there, and of what must be one number any other breaks it.
  if (worstMinute || expect.ne !== undefined || acceptsOne(expect)) return true;
  const [upper, lower] = [
    expect.lt !== undefined || expect.lte !== undefined,
    expect.gt !== undefined || expect.gte !== undefined,
  ];
  if (isMath(source)) {
    // What grows with time is a sum, whatever it is written like. Less than nothing is no rate to be tolerant about.
    if (growthOfMath(source) !== 0 || (expect.lte ?? 1) <= 0) return true;
    return oneIsEnough(expect, minSamples);
  }
  switch (source.statistic) {
    case "Sum":
    case "SampleCount":
      return upper || expect.quantity === "signed";
    case "Maximum":
      return upper;
    case "Minimum":
      return lower;
    case "Average":
      return oneIsEnough(expect, minSamples);
    default:
      return false;
  }
}

export function growthOfMath({
  expression,
  metrics,
}: Extract<MetricReading["source"], { expression: string }>) {
  const term = parseArithmetic(expression);
  return (
    term && growthOf(term, (id) => (Object.hasOwn(metrics, id) ? growthOfMetric(metrics[id]) : undefined))
  );
}

/** Sums grow with the time that they are taken over; averages and percentiles do not; the worst value knows no rule. */
function growthOfMetric(metric: OneMetric | undefined): number | undefined {
  if (metric?.statistic === "Sum" || metric?.statistic === "SampleCount") return 1;
  return metric?.statistic === "Average" || metric?.statistic.startsWith("p") ? 0 : undefined;
}

/** Whether one bad case among as many as a rate needs breaks its bound: it is then no rate, but "none at all". */
function oneIsEnough(expect: Expectation, minSamples: number): boolean {
  const { most } = extentOf(expect);
  const room = Math.min(
    expect.lt ?? Number.POSITIVE_INFINITY,
    expect.lte ?? Number.POSITIVE_INFINITY,
    most - (expect.gt ?? Number.NEGATIVE_INFINITY),
    most - (expect.gte ?? Number.NEGATIVE_INFINITY),
  );
  return room * minSamples < (Number.isFinite(most) ? most : 1);
}

/** The share of a window that may be without data, where a gap hides nothing by itself and the gate says nothing. */
const GAPS = 0.1;

/** What a gate demands of coverage. */
export function ruleOf(gaps: { readonly atMost: string } | undefined, reading: MetricReading): CoverageRule {
  const hides = gapsHide(reading);
  return {
    atMost: gaps ? Number.parseFloat(gaps.atMost) / 100 : hides ? 0 : GAPS,
    heartbeat: reading.heartbeat !== undefined || hides,
  };
}

/**
 * The longest time, in ms, that a gate may say to be without data as a rule. Any longer, and a handful of data would
 * cover a day.
 *
 * @param length how long its window is at least, in ms; 0 where that is not known
 */
export function longestEvery(reading: MetricReading, length: number): number {
  const hundredth = Math.floor(length / 100 / MINUTE) * MINUTE;
  if (!gapsHide(reading)) return Math.max(5 * MINUTE, hundredth);
  // Of so long ago CloudWatch remembers hours alone.
  if (reading.window !== "soak" && length > keptFor(300)) return HOUR;
  return Math.max(MINUTE, Math.min(5 * MINUTE, hundredth));
}

/** An `every` so long that gaps would be seen no more. */
export function everyErrors(reading: MetricReading, length: number): FieldError[] {
  const [every, longest] = [safeMilliseconds(reading.every), longestEvery(reading, length)];
  if (reading.window !== "soak" && length < Math.min(every, MINUTE))
    return [
      {
        path: ["window"],
        what: `is ${reading.window}, which may hold no data of every ${showDuration(Math.min(every, MINUTE))}`,
        remedy: "Write 1m or more; where there is data more often, every: says how often",
      },
    ];
  if (every <= longest) return [];
  const minutes = longest / MINUTE;
  return [
    {
      path: ["every"],
      what: `is ${reading.every}, and a gap of ${showDuration(longest)} or more would not be seen`,
      remedy: `Write every: ${minutes}m or less; where the metric is silent when all is well, say so: gaps: { atMost: SHARE, heartbeat: METRIC }`,
    },
  ];
}

/** Silence that is taken for something that it may not be. */
export function fillErrors({ source, filled }: Pick<MetricReading, "source" | "filled">): FieldError[] {
  if (!isMath(source) || filled.length === 0) return [];
  const error = (what: string, remedy: string): FieldError => ({ path: ["expression"], what, remedy });
  const errors = filled
    .filter((id) => growthOfMetric(source.metrics[id]) !== 1)
    .map((id) =>
      error(`fills ${id}, which is no Sum`, "Only what is counted is 0 where nothing is published"),
    );
  if (Object.keys(source.metrics).every((id) => filled.includes(id)))
    errors.push(
      error(
        "fills all of its metrics: silence would look as if all were well",
        "Leave one out that is always published, such as requests",
      ),
    );
  return errors;
}
