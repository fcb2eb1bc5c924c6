import { CloudWatchClient, type MetricDataQuery, paginateGetMetricData } from "@aws-sdk/client-cloudwatch";
import { awsClient, DATA_LIMITS } from "../../aws/clients";
import { awsFailure } from "../../aws/failure";
import { compare, type Expectation } from "../expectation";
import type { GateOf, MetricReading } from "../kind";
import { NOTHING_LIVE, type Sources, windowContext } from "../look";
import type { Seen } from "../observation";
import { endsOf, SHORTEST_WINDOW_MS, type Span, spanOf, type WindowContext } from "../window";
import type { MetricGate } from "./metric";

/** What a metric gate is read against. */
export interface MetricContext extends WindowContext {
  readonly region: string;
}

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

/**
 * Reads a metric over the gate's window. Sum, SampleCount, Average, Maximum and Minimum are those of the
 * whole window; of percentiles the worst period is told, since periods cannot be put together to the
 * percentile of all of them, and a bad quarter of an hour must not hide in a good day.
 */
export async function observeMetric(gate: MetricReading, context: MetricContext): Promise<Seen> {
  const { from, to } = windowOf(gate, context, Date.now());
  const client = awsClient(CloudWatchClient, { region: context.region }, DATA_LIMITS);
  try {
    const series = await readSeries(client, gate, from, to);
    const samples = sum(gate.samplesFrom === undefined ? series.count : series.samples);
    const value = combine(gate.statistic, series, gate.expect);
    return {
      kind: "metric",
      value: value ?? null,
      samples,
      window: endsOf({ from, to }),
    };
  } catch (error) {
    return awsFailure(error);
  } finally {
    client.destroy();
  }
}

/** The window on the clock. A soak that has only begun is looked at over the shortest one. */
export function windowOf(
  { window }: Pick<MetricReading, "window">,
  context: WindowContext,
  now: number,
): Span {
  const { from, to } = spanOf(window, context, now);
  return { from: Math.min(from, now - SHORTEST_WINDOW_MS), to };
}

/**
 * The finest period, in seconds, that CloudWatch still holds for data as old as the window's beginning: periods
 * under a minute are kept for 3 hours, a minute for 15 days, 5 minutes for 63 days.
 */
export function periodOf(from: number, now: number): number {
  const age = now - from;
  if (age <= 15 * 60 * SECOND) return 10;
  if (age <= 15 * DAY - HOUR) return 60;
  return age <= 63 * DAY - HOUR ? 300 : 3_600;
}

interface Series {
  /** The asked statistic, period by period. */
  readonly main: readonly number[];
  readonly sum: readonly number[];
  readonly count: readonly number[];
  /** The Sum of the metric that counts samples, where the gate names one. */
  readonly samples: readonly number[];
}

const FAILED = ["InternalError", "Forbidden"];

async function readSeries(
  client: CloudWatchClient,
  gate: MetricReading,
  from: number,
  to: number,
): Promise<Series> {
  const period = periodOf(from, to);
  const query = (id: string, name: string, statistic: string): MetricDataQuery => ({
    Id: id,
    MetricStat: { Metric: { Namespace: gate.namespace, MetricName: name }, Period: period, Stat: statistic },
  });
  const queries = [
    query("main", gate.name, gate.statistic),
    query("sum", gate.name, "Sum"),
    query("count", gate.name, "SampleCount"),
    ...(gate.samplesFrom === undefined ? [] : [query("samples", gate.samplesFrom, "Sum")]),
  ];
  const values: Record<string, number[]> = {};
  const status: Record<string, string> = {};
  const input = { MetricDataQueries: queries, StartTime: new Date(from), EndTime: new Date(to) };
  for await (const page of paginateGetMetricData({ client }, input)) {
    for (const { Id, Values, StatusCode } of page.MetricDataResults ?? []) {
      if (Id === undefined) continue;
      values[Id] = [...(values[Id] ?? []), ...(Values ?? [])];
      // A series is partial until its last page; one that failed once stays so.
      if (!FAILED.includes(status[Id] ?? "")) status[Id] = StatusCode ?? "Complete";
    }
  }
  // Half of the data may hold none of the errors.
  const short = Object.entries(status).find(([, code]) => code !== "Complete");
  if (short) throw new Error(`CloudWatch has not told all data of ${short[0]}: ${short[1]}`);
  return {
    main: values.main ?? [],
    sum: values.sum ?? [],
    count: values.count ?? [],
    samples: values.samples ?? [],
  };
}

/** The value over the whole window; undefined where there is none. */
export function combine(
  statistic: string,
  { main, sum: sums, count }: Pick<Series, "main" | "sum" | "count">,
  expected: Expectation,
): number | undefined {
  if (main.length === 0) return undefined;
  const least = main.reduce((one, other) => Math.min(one, other));
  const most = main.reduce((one, other) => Math.max(one, other));
  switch (statistic) {
    case "Sum":
    case "SampleCount":
      return sum(main);
    case "Average":
      return sum(count) > 0 ? sum(sums) / sum(count) : undefined;
    case "Minimum":
      return least;
    case "Maximum":
      return most;
    default:
      // Which percentile is the worst depends on what is expected of it.
      return [most, least, ...main].find((value) => compare(expected, value).kind !== "met") ?? most;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export async function look({ definition }: GateOf<MetricGate>, sources: Sources): Promise<Seen> {
  const context = windowContext(sources);
  return context ? observeMetric(definition, { ...context, region: sources.region }) : NOTHING_LIVE;
}
