import {
  type CloudWatchClient,
  type Metric,
  paginateGetMetricData,
  paginateListMetrics,
} from "@aws-sdk/client-cloudwatch";
import { dimensionsOf, type MetricId, metricKey } from "./metricId";
import { dataQueries } from "./metricQuery";

/** Queries that one call of GetMetricData takes. Source: its reference. */
const QUERIES = 500;
/** Pages of ListMetrics that are read, of 500 metrics each: it is only asked to word what is wrong. */
const PAGES = 4;

/** A metric, and within which time it must have had data, in ms. */
export interface Expected {
  readonly metric: MetricId;
  readonly within: number;
}

const [HOUR_MS, DAY_MS] = [3_600_000, 86_400_000];
/** Up to which length data are asked for how finely, in seconds. CloudWatch keeps minutes for 15 days, hours for 455. */
const FINENESS = [
  { upTo: 6 * HOUR_MS, period: 60 },
  { upTo: 15 * DAY_MS, period: 300 },
  { upTo: Number.POSITIVE_INFINITY, period: 3_600 },
];

/**
 * When each metric last had data, as `lastHeard` tells it, each asked for as finely as its own time allows: one that
 * may be silent for days must not coarsen what is known of one that may not for minutes.
 */
export async function heardWithin(
  client: CloudWatchClient,
  expected: readonly Expected[],
  now: number,
): Promise<Map<string, number>> {
  const heard = new Map<string, number>();
  let least = 0;
  for (const { upTo, period } of FINENESS) {
    const part = expected.filter(({ within }) => within > least && within <= upTo);
    least = upTo;
    if (part.length === 0) continue;
    const since = now - Math.max(...part.map(({ within }) => within));
    const metrics = part.map(({ metric }) => metric);
    for (const [key, at] of await lastHeard(client, metrics, { since, now, period }))
      heard.set(key, Math.max(heard.get(key) ?? Number.NEGATIVE_INFINITY, at));
  }
  return heard;
}

/** What is looked through, ms since the epoch, and how finely, in seconds. */
interface Span {
  readonly since: number;
  readonly now: number;
  readonly period: number;
}

/**
 * When each metric last had data, by its key, in ms since the epoch: the beginning of the period, so that a metric is
 * never taken for younger than it is. One without data since then is left out.
 */
export async function lastHeard(
  client: CloudWatchClient,
  metrics: readonly MetricId[],
  span: Span,
): Promise<Map<string, number>> {
  const heard = await periodsHeard(client, metrics, span);
  return new Map([...heard].map(([key, times]) => [key, Math.max(...times)]));
}

/**
 * The periods in which each metric had data, by its key: their beginnings, in ms since the epoch. A metric without data
 * since then is left out.
 */
export async function periodsHeard(
  client: CloudWatchClient,
  metrics: readonly MetricId[],
  { since, now, period }: Span,
): Promise<Map<string, ReadonlySet<number>>> {
  const heard = new Map<string, Set<number>>();
  const asked = [...new Map(metrics.map((one) => [metricKey(one), one]))];
  for (let from = 0; from < asked.length; from += QUERIES) {
    const part = asked.slice(from, from + QUERIES);
    const input = {
      MetricDataQueries: dataQueries(
        part.map(([, metric], index) => ({
          id: `m${index}`,
          metric: { ...metric, statistic: "SampleCount" },
          returnData: true,
        })),
        period,
      ),
      StartTime: new Date(since),
      // CloudWatch takes what is published a moment ahead of its clock, too.
      EndTime: new Date(now + 60_000),
      ScanBy: "TimestampDescending" as const,
    };
    for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, input))
      for (const { Id, Timestamps = [], Values = [], StatusCode } of MetricDataResults) {
        if (StatusCode === "InternalError" || StatusCode === "Forbidden")
          throw new Error(`CloudWatch does not tell the data of a metric: ${StatusCode}`);
        const key = part[Number(Id?.slice(1))]?.[0];
        const times = Timestamps.flatMap((at, index) => ((Values[index] ?? 0) > 0 ? [at.getTime()] : []));
        if (key !== undefined && times.length > 0)
          heard.set(key, new Set([...(heard.get(key) ?? []), ...times]));
      }
  }
  return heard;
}

/** What CloudWatch lists of a metric: it knows each for two weeks after its last data point. */
export interface Listed {
  /** The sets of dimensions under which the metric has had data. Empty: it never had any. */
  readonly dimensions: readonly Readonly<Record<string, string>>[];
  /** Names of other metrics in its namespace; read only where it has had no data. */
  readonly others: readonly string[];
}

/** Under which dimensions a metric has had data, and else what its namespace has. Reads a bounded number of pages. */
export async function listed(
  client: CloudWatchClient,
  { namespace, name }: Pick<MetricId, "namespace" | "name">,
): Promise<Listed> {
  const own = await list(client, { Namespace: namespace, MetricName: name });
  const others = own.length > 0 ? [] : await list(client, { Namespace: namespace });
  return {
    dimensions: own.map(({ Dimensions = [] }) => dimensionsOf(Dimensions)),
    others: [...new Set(others.map(({ MetricName = "" }) => MetricName))].sort(),
  };
}

async function list(
  client: CloudWatchClient,
  query: { readonly Namespace: string; readonly MetricName?: string },
): Promise<Metric[]> {
  const found: Metric[] = [];
  let pages = 0;
  for await (const { Metrics = [] } of paginateListMetrics({ client }, query)) {
    found.push(...Metrics);
    if (++pages >= PAGES) break;
  }
  return found;
}
