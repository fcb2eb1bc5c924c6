import { type MetricId, metricKey } from "../../../src/aws/metricId";
import { isMath, type MetricSource, type OneMetric } from "../../../src/aws/metricSource";
import { parseExpression } from "../../aws/front/alarms/math";
import { isGood, metricsRead, numbersOf, type Watched } from "./watched";

/** What is published of a metric each second: so many samples of one value. */
export interface Published {
  readonly metric: MetricId;
  readonly value: number;
  readonly samples: number;
}

/** Values by `metricKey`. */
export type Values = ReadonlyMap<string, number>;

/** A row has to come out the same over any window between these, in seconds of publishing. */
export const SPANS_S = [1, 3_600];

/** Samples a second where no row asks for more: enough for a percentile of any short window. */
export const FEW = 20;
/** Values are tried up to here; a row with more metrics than fit says that none was found. */
export const MOST_TRIES = 200_000;

/** What was found, or the rows for which nothing was. */
export type Found<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly rows: readonly Watched[] };

/** Values of every metric with which every row is content at once. Names the rows that stand against each other. */
export function goodValues(rows: readonly Watched[]): Found<Published[]> {
  const metrics = metricsOf(rows);
  const samples = samplesFor(rows);
  const open = rows.toSorted((a, b) => metricsRead(a).length - metricsRead(b).length);
  let chosen: Values = new Map();
  const failed: Watched[] = [];
  for (const row of open) {
    const settled = open.slice(0, open.indexOf(row)).filter((one) => !failed.includes(one));
    const found = assign(metricsRead(row), poolOf(rows), chosen, (values) =>
      [row, ...settled].every((one) => !touches(one, row) || contents(one, values, samples)),
    );
    if (found) chosen = found;
    else failed.push(row);
  }
  if (failed.length > 0) return { ok: false, rows: failed };
  return {
    ok: true,
    value: metrics.map((metric) => ({
      metric,
      value: chosen.get(metricKey(metric)) ?? 0,
      samples: samples.get(metricKey(metric)) ?? FEW,
    })),
  };
}

/** Whether a row is content, over a short window and over a long one. */
export function contents(row: Watched, values: Values, samples: ReadonlyMap<string, number>): boolean {
  return (
    SPANS_S.every((span) => isGood(row, seenOf(row.source, values, samples, span))) &&
    enough(row, values, samples)
  );
}

export function enough(
  { samples: counted, minSamples }: Watched,
  values: Values,
  samples: ReadonlyMap<string, number>,
) {
  if (counted === undefined) return true;
  const key = metricKey(counted);
  return (values.get(key) ?? 0) * (samples.get(key) ?? FEW) >= minSamples;
}

/**
 * A row's value where its metrics are published so for a number of seconds. NaN where it has none.
 *
 * @param earlier what was published before: in the first quarter of a window whose last one is compared with it
 */
export function seenOf(
  source: MetricSource,
  values: Values,
  samples: ReadonlyMap<string, number>,
  seconds: number,
  earlier: Values = values,
): number {
  const one = (metric: OneMetric) => {
    const key = metricKey(metric);
    const count = (samples.get(key) ?? FEW) * seconds;
    const value = (metric.part === "first quarter" ? earlier : values).get(key) ?? 0;
    return metric.statistic === "Sum" ? value * count : metric.statistic === "SampleCount" ? count : value;
  };
  if (!isMath(source)) return one(source);
  const series = Object.values(source.metrics).map((metric) => [one(metric)]);
  const ids = Object.keys(source.metrics);
  const value = parseExpression(source.expression).evaluate(
    (id) => series[ids.indexOf(id)],
    1,
    () => series,
  );
  if (typeof value === "number") return value;
  return "all" in value ? Number.NaN : (value[0] ?? Number.NaN);
}

/** Tries values of some metrics, one after the other, until they hold; those of the others stay. */
function assign(
  metrics: readonly MetricId[],
  pool: readonly number[],
  known: Values,
  holds: (values: Values) => boolean,
): Values | undefined {
  if (holds(known)) return known;
  let tries = 0;
  for (const values of valuesOf(metrics, pool, known)) {
    if (++tries > MOST_TRIES) return undefined;
    if (holds(values)) return values;
  }
  return undefined;
}

/** Every way to give some metrics values of a pool; those of the others stay. */
export function* valuesOf(
  [metric, ...others]: readonly MetricId[],
  pool: readonly number[],
  known: Values,
): Generator<Values> {
  if (!metric) yield known;
  else for (const value of pool) yield* valuesOf(others, pool, new Map(known).set(metricKey(metric), value));
}

/** Values worth trying: nothing, one, and what lies around every number that a row compares with. */
export function poolOf(rows: readonly Watched[]): number[] {
  const numbers = rows.flatMap(numbersOf);
  const around = numbers.flatMap((value) => [
    value,
    value + 1,
    value - 1,
    value / 2,
    value * 2,
    value * 10,
    value + (100 - value) / 2,
  ]);
  return [
    ...new Set([0, 1, ...around, 100, 1_000_000].filter((value) => value >= 0 && Number.isFinite(value))),
  ];
}

function samplesFor(rows: readonly Watched[]): Map<string, number> {
  const wanted = new Map<string, number>();
  for (const row of rows)
    for (const metric of metricsRead(row)) {
      const key = metricKey(metric);
      wanted.set(key, Math.max(wanted.get(key) ?? FEW, row.minSamples));
    }
  return wanted;
}

function metricsOf(rows: readonly Watched[]): MetricId[] {
  const all = rows.flatMap(metricsRead);
  return [...new Map(all.map((metric) => [metricKey(metric), metric])).values()];
}

export function touches(one: Watched, other: Watched): boolean {
  const keys = metricsRead(other).map(metricKey);
  return metricsRead(one).some((metric) => keys.includes(metricKey(metric)));
}
