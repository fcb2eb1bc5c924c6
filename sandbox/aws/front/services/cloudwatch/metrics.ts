import type { AlarmWatch } from "../../alarms/watch";
import type { Call, Input } from "../../call";
import { metricsOf, periodOf, queriesOf, type Span, valuesOf } from "../../metrics/queries";
import { dimensionsOf, metricOf, timeOf } from "../../metrics/read";
import { statistic } from "../../metrics/statistics";
import { listOf, numberOf, textOf } from "../../rule";

const MINUTE_S = 60;

/**
 * The periods that CloudWatch answers in, oldest first: from the start time, which it rounds down to a whole
 * minute, or for shorter periods to a whole period. Times are milliseconds of the epoch.
 *
 * @param period seconds
 */
function periodsOf(start: number, end: number, period: number): readonly Span[] {
  const grain = Math.min(period, MINUTE_S) * 1_000;
  const length = period * 1_000;
  const first = Math.floor(start / grain) * grain;
  const spans: Span[] = [];
  // A period holds its first moment and not its last; a span of the store the other way round.
  for (let from = first; from < end; from += length)
    spans.push({ from: from - 1, to: Math.min(from + length, end) - 1 });
  return spans;
}

/** GetMetricData, all in one page. */
export async function getMetricData({ input }: Call, watch: AlarmWatch): Promise<Input> {
  const queries = queriesOf(input.MetricDataQueries);
  const [start, end] = [timeOf(input.StartTime) ?? 0, timeOf(input.EndTime) ?? 0];
  const read = await watch.reader(metricsOf(queries), start - MINUTE_S * 1_000, end);
  const results = queries
    .filter(({ returnData }) => returnData)
    .map((query) => {
      const period = periodOf(query, queries);
      const spans = periodsOf(start, end, period);
      const found = valuesOf(query, queries, spans, period < MINUTE_S, read).flatMap((value, index) =>
        value === undefined ? [] : [{ at: new Date((spans[index] as Span).from + 1), value }],
      );
      // Newest first, unless it is asked for otherwise.
      if (input.ScanBy !== "TimestampAscending") found.reverse();
      return {
        Id: query.id,
        Label: query.label,
        Timestamps: found.map(({ at }) => at),
        Values: found.map(({ value }) => value),
        StatusCode: "Complete",
      };
    });
  return { MetricDataResults: results, Messages: [] };
}

/** GetMetricStatistics. */
export async function getMetricStatistics({ input }: Call, watch: AlarmWatch): Promise<Input> {
  const id = metricOf(input);
  const period = numberOf(input.Period) ?? MINUTE_S;
  const [start, end] = [timeOf(input.StartTime) ?? 0, timeOf(input.EndTime) ?? 0];
  const read = await watch.reader([id], start - MINUTE_S * 1_000, end);
  const datapoints = periodsOf(start, end, period).flatMap((span) => {
    const points = read(id, span, period < MINUTE_S, textOf(input.Unit));
    const [first] = points;
    if (first === undefined) return [];
    const values = (names: unknown) =>
      Object.fromEntries(
        listOf<string>(names).flatMap((name) => {
          const value = statistic(points, name);
          return value === undefined ? [] : [[name, value]];
        }),
      );
    const extended = values(input.ExtendedStatistics);
    return [
      {
        Timestamp: new Date(span.from + 1),
        Unit: first.unit,
        ...values(input.Statistics),
        ...(Object.keys(extended).length > 0 && { ExtendedStatistics: extended }),
      },
    ];
  });
  return { Label: id.name, Datapoints: datapoints };
}

/** ListMetrics: the front's, and those that the emulator publishes by itself. */
export async function listMetrics({ input }: Call, watch: AlarmWatch): Promise<Input> {
  const theirs = await watch.listTheirs(input);
  const wanted = listOf(input.Dimensions);
  const own = watch.metrics
    .list()
    .filter(
      ({ namespace, name, dimensions }) =>
        (input.Namespace === undefined || namespace === input.Namespace) &&
        (input.MetricName === undefined || name === input.MetricName) &&
        wanted.every(({ Name, Value }) => {
          const value = dimensions[String(Name)];
          return value !== undefined && (Value === undefined || Value === null || value === Value);
        }),
    )
    .map(({ namespace, name, dimensions }) => ({
      Namespace: namespace,
      MetricName: name,
      Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    }));
  return { Metrics: [...theirs, ...own] };
}

/** Dimensions as one text, whatever their order. */
export function dimensionsKey(value: unknown): string {
  return JSON.stringify(Object.entries(dimensionsOf(value)).sort());
}
