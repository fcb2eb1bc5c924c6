import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import stringify from "safe-stable-stringify";
import { DATA_LIMITS, withClient } from "../../aws/clients";
import { awsFailure, failed } from "../../aws/failure";
import { finestPeriod, METRIC_MEMORY_MS } from "../../aws/memory";
import { metricKey } from "../../aws/metricId";
import { isMath, type OneMetric, samplesOf } from "../../aws/metricSource";
import { lastHeard } from "../../aws/metrics";
import { milliseconds, showDuration } from "../../text/duration";
import { coverageOf, SHORTEST_PART_MS } from "../coverage";
import type { GateOf, MetricReading } from "../kind";
import { NOTHING_LIVE, type Sources, windowContext } from "../look";
import type { Seen } from "../observation";
import { endsOf, type Span, spanOf, type WindowContext } from "../window";
import { type MetricGate, readingOf } from "./metric";
import { otherSpans } from "./metric.again";
import { type Query, read } from "./metric.read";
import {
  type MetricSeries,
  metricsById,
  overAll,
  partOf,
  type RankSeries,
  type Series,
  shareOf,
  total,
  workedOut,
  worstOf,
} from "./metric.series";
import { percentileOf, sharesAsked } from "./metric.value";

/** What a metric gate is read against. */
export interface MetricContext extends WindowContext {
  readonly region: string;
}

const SECOND = 1_000;
/** The periods under a minute that CloudWatch knows, and a minute. Seconds. */
const FINE = [60, 30, 20, 10, 5, 1];
/** The longest period that CloudWatch puts together. Seconds. */
const LONGEST = 86_400;

/** How a window is read: from the first whole period after its beginning, in periods of so many seconds. */
interface Reading {
  readonly span: Span;
  readonly period: number;
  /** The periods of percentiles, which say little of a handful of values. Seconds. */
  readonly coarse: number;
  /** How long each part is that must have data. Ms. */
  readonly partMs: number;
  /** When it is asked for, ms since the epoch. */
  readonly now: number;
}

/**
 * Undefined where CloudWatch does not remember so far back.
 *
 * @param now when it is asked for, ms since the epoch: what CloudWatch remembers goes by that
 */
export function howToRead(
  { every, worstMinute }: Pick<MetricReading, "every" | "worstMinute">,
  { from, to }: Span,
  timeScale: number,
  now = to,
): Reading | undefined {
  const finest = finestPeriod(now - from);
  if (finest === undefined) return undefined;
  const scaled = timeScale !== 1;
  const asked = Math.max(1, Math.floor(milliseconds(every) / SECOND));
  // Scaled windows are as long as seconds are: only the finest periods tell what came after the flip.
  const fine = scaled ? 1 : worstMinute ? 60 : (FINE.find((one) => one <= asked) ?? 60);
  const period = finest === 1 ? fine : finest;
  const grain = period * SECOND;
  const part = scaled ? Math.max(SHORTEST_PART_MS, milliseconds(every) / timeScale) : milliseconds(every);
  return {
    span: { from: Math.min(to, Math.ceil(from / grain) * grain), to },
    period,
    coarse: Math.max(period, scaled ? SHORTEST_PART_MS / SECOND : 1),
    partMs: Math.max(part, grain),
    now,
  };
}

/**
 * Reads a metric over a window: by itself the gate's own, which begins with the flip or later. Sum, SampleCount, Average, Maximum and
 * Minimum are put together from periods, exactly. A percentile is that of one period over all of the window, where
 * CloudWatch has one; else the share of values at each bound is told, which decides it.
 *
 * @param now when it is asked for, where the window is over already
 */
export async function observeMetric(
  reading: MetricReading,
  context: MetricContext,
  span = spanOf(reading.window, context, Date.now()),
  now = span.to,
): Promise<Seen> {
  const how = howToRead(reading, span, context.timeScale, now);
  if (!how)
    return failed(
      "no-data",
      `the window began ${showDuration(now - span.from)} ago, and CloudWatch remembers 455 days`,
    );
  const at = { region: context.region, limits: DATA_LIMITS };
  return withClient(CloudWatchClient, at, (client) => readAll(client, reading, how)).catch(awsFailure);
}

async function readAll(client: CloudWatchClient, reading: MetricReading, how: Reading): Promise<Seen> {
  const { span, period, partMs } = how;
  const { source, filled } = reading;
  const metrics = metricsById(reading);
  /** The metric that a name, or an id of the expression, stands for beside the source. */
  const named = (name: string | undefined) => (name === undefined ? undefined : samplesOf(source, name));
  const beside = { samples: counting(named(reading.samplesFrom)), heartbeat: named(reading.heartbeat) };
  const whole = wholePeriod(how);
  const all = await read(client, span, [
    ...metrics.flatMap(([, metric], index) => queriesFor(metric, index, { ...how, whole })),
    ...(beside.samples ? [{ id: "samples", metric: beside.samples, period }] : []),
    ...(beside.heartbeat
      ? [{ id: "heartbeat", metric: { ...beside.heartbeat, statistic: "SampleCount" }, period }]
      : []),
  ]);
  const of = (id: string): Series => all[id] ?? new Map();
  const told = metrics.map((_, index): MetricSeries => {
    const [main, sum, count] = [of(`main${index}`), of(`sum${index}`), of(`count${index}`)];
    const one =
      whole === undefined ? undefined : { main: of(`whole${index}`), count: of(`wholecount${index}`) };
    return { main, sum, count, whole: one };
  });
  const [first = NOTHING] = told;
  // What is published only where it is no zero has no data where all is well.
  const silent = metrics.filter(([id], index) => filled.includes(id) && told[index]?.count.size === 0);
  const never = await neverHeard(
    client,
    silent.map(([, metric]) => metric),
  );
  const value = isMath(source)
    ? workedOut(
        source.expression,
        Object.fromEntries(
          metrics.map(([id, { statistic, part }], index) => [
            id,
            overAll(statistic, partOf(told[index] ?? NOTHING, part, span), span.from),
          ]),
        ),
      )
    : reading.worstMinute
      ? worstOf(reading, first.main)
      : overAll(source.statistic, first, span.from, reading.expect.quantity === "signed");
  const exact = value === undefined || value.low === value.high || !Number.isFinite(value.low);
  const shares = exact ? [] : await sharesOf(client, reading, how, first);
  const counted = { ...NOTHING, main: beside.samples ? of("samples") : first.count };
  const samples = total(partOf(counted, beside.samples?.part, span).main);
  return {
    kind: "metric",
    value: exact ? (value?.low ?? null) : null,
    ...(shares.length > 0 ? { shares } : {}),
    ...(exact || value === undefined ? {} : { between: value }),
    ...(never.length > 0 ? { never } : {}),
    samples: samples >= 0 ? samples : 0,
    window: endsOf(span),
    coverage: coverageOf(
      span,
      { partMs, period },
      told.flatMap(({ count }, index) =>
        filled.includes(metrics[index]?.[0] ?? "") ? [] : [[...count.keys()]],
      ),
      [...of("heartbeat").keys()],
      how.now,
    ),
  };
}

const NOTHING: MetricSeries = { main: new Map(), sum: new Map(), count: new Map() };

/** Those that had no data as far back as CloudWatch remembers, told day by day, with their dimensions. */
async function neverHeard(client: CloudWatchClient, metrics: readonly OneMetric[]): Promise<string[]> {
  const now = Date.now();
  const heard = await lastHeard(client, metrics, { since: now - METRIC_MEMORY_MS, now, period: LONGEST });
  return metrics
    .filter((metric) => !heard.has(metricKey(metric)))
    .map(({ namespace, name, dimensions = {} }) => `${namespace} ${name} ${stringify(dimensions)}`);
}

/** What counts samples: a Sum, or how often a metric of which another statistic is taken was published. */
function counting(metric: OneMetric | undefined): OneMetric | undefined {
  return metric && (metric.statistic === "Sum" ? metric : { ...metric, statistic: "SampleCount" });
}

/** The length of one period over all of the window, in seconds; undefined where CloudWatch has none. */
function wholePeriod({ span: { from, to }, period }: Reading): number | undefined {
  const grain = Math.max(60, period);
  const length = Math.ceil((to - from) / (grain * SECOND)) * grain;
  return from % (grain * SECOND) === 0 && length > 0 && length <= LONGEST ? length : undefined;
}

function queriesFor(
  metric: OneMetric,
  index: number,
  { period, coarse, whole }: Pick<Reading, "period" | "coarse"> & { whole: number | undefined },
): Query[] {
  const percentile = metric.statistic.startsWith("p");
  const query = (id: string, statistic: string, of = period): Query => ({
    id: `${id}${index}`,
    metric: { ...metric, statistic },
    period: of,
  });
  return [
    query("main", metric.statistic, percentile ? coarse : period),
    query("count", "SampleCount"),
    ...(metric.statistic === "Average" ? [query("sum", "Sum")] : []),
    ...(percentile && whole !== undefined
      ? [query("whole", metric.statistic, whole), query("wholecount", "SampleCount", whole)]
      : []),
  ];
}

/** The shares of values that decide about a percentile, where CloudWatch tells them. */
async function sharesOf(client: CloudWatchClient, reading: MetricReading, how: Reading, told: MetricSeries) {
  const { source, expect } = reading;
  const asked = percentileOf(reading) === undefined ? [] : sharesAsked(expect);
  if (isMath(source) || asked.length === 0) return [];
  const { span, period } = how;
  const queries = asked.map((one, index) => ({
    id: `rank${index}`,
    metric: { ...source, statistic: percentileRank(one) },
    period,
  }));
  // A source that refuses the statistic leaves what else is known; a verdict on nothing is none.
  const all = await read(client, span, queries).catch((): Awaited<ReturnType<typeof read>> => ({}));
  return asked.flatMap((one, index) => {
    const rank: RankSeries = { ...one, percents: all[`rank${index}`] ?? new Map() };
    return shareOf(reading, rank, told) ?? [];
  });
}

/**
 * The statistic that tells which percentage of values is at or below a bound. Its upper end is included: what is below
 * alone is asked for by a number that is a millionth less.
 */
export function percentileRank({ bound, included }: { bound: number; included: boolean }): string {
  const end = included ? bound : bound - Math.max(Math.abs(bound) * 1e-6, 1e-9);
  // CloudWatch takes up to ten decimals, and no exponent.
  return `PR(:${end.toFixed(10).replace(/\.?0+$/, "")})`;
}

/** Reads the gate's window, and the others that its expectation is about. */
export async function look({ definition }: GateOf<MetricGate>, sources: Sources): Promise<Seen> {
  const within = windowContext(sources);
  if (!within) return NOTHING_LIVE;
  const reading = readingOf(definition);
  if (!reading) return failed("bad-answer", "the gate names no metric");
  const [context, now] = [{ ...within, region: sources.region }, Date.now()];
  const seen = await observeMetric(reading, context, spanOf(reading.window, context, now));
  if (seen.kind !== "metric") return seen;
  const others: Omit<typeof seen, "kind">[] = [];
  for (const { from, to } of otherSpans(definition.expect, reading.window, context, now)) {
    const other = await observeMetric(reading, context, { from, to: Math.min(to, now) }, now);
    if (other.kind !== "metric") return other;
    const { kind: _, ...part } = other;
    others.push(part);
  }
  return { ...seen, ...(others.length > 0 ? { others } : {}) };
}
