import { type MetricId, metricKey } from "../../../src/aws/metricId";
import { isMath, type MetricSource, type OneMetric } from "../../../src/aws/metricSource";
import { parseExpression } from "../../aws/front/alarms/math";
import { isBad, isGood, metricsRead, numbersOf, type Watched } from "./watched";

/** What is published of a metric each second: so many samples of one value. */
export interface Published {
  readonly metric: MetricId;
  readonly value: number;
  readonly samples: number;
}

/** Values by `metricKey`. */
type Values = ReadonlyMap<string, number>;

/** A row has to come out the same over any window between these, in seconds of publishing. */
const SPANS_S = [1, 3_600];

/** Samples a second where no row asks for more: enough for a percentile of any short window. */
const FEW = 20;
/** How many times more a bad value weighs than the good ones around it: whatever the app itself publishes. */
const WEIGHT = 100;
/** Values are tried up to here; a row with more metrics than fit says that none was found. */
const MOST_TRIES = 200_000;

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

/** One way to make a row come out badly. */
export interface Way {
  readonly kind: "burst" | "level" | "silence";
  /** As if it had been so from the beginning: a gate's window looks back, and by what was good in it the gate might pass. */
  readonly always: boolean;
  /** As if it had been so for this long, in ms: an alarm may want more than one period of it. */
  readonly lasted?: number;
  /** What is published in the place of the good values of its metrics: of a burst once, of a level each second. */
  readonly published: readonly Published[];
  /** The metrics of which nothing else is published meanwhile. */
  readonly metrics: readonly MetricId[];
  /** The other rows that come out badly with it. */
  readonly turned: readonly Watched[];
}

/**
 * The ways to make one row come out badly, the one that turns the fewest alarms and other rows first. None where no
 * value of its metrics does it.
 */
export function waysOf(row: Watched, rows: readonly Watched[], good: readonly Published[]): Way[] {
  const level = levelOf(row, rows, good);
  const others = rows.filter((one) => one !== row);
  // A smoke check sees what comes after the flip: what was bad once, before it, is over by then.
  if (row.section === "smoke")
    return [level ? wayOf("level", row, level, others, good) : silenceOf(row, others)];
  const burst = burstOf(row);
  const ways: Way[] = [
    ...(burst ? [wayOf("burst", row, [burst], others, good)] : []),
    ...(level ? [wayOf("level", row, level, others, good)] : []),
    ...(row.section !== "abort" || row.silenceIsBad ? [silenceOf(row, others)] : []),
  ];
  const weight = ({ turned }: Way) =>
    turned.filter(({ section }) => section === "abort").length * rows.length + turned.length;
  return ways.toSorted((a, b) => weight(a) - weight(b));
}

function wayOf(
  kind: "burst" | "level",
  { section, lasts, source }: Watched,
  published: readonly Published[],
  others: readonly Watched[],
  good: readonly Published[],
): Way {
  const metrics = published.map(({ metric }) => metric);
  const all = [...good, ...published];
  const values: Values = new Map(all.map(({ metric, value }) => [metricKey(metric), value]));
  const samples = new Map(all.map((one) => [metricKey(one.metric), one.samples]));
  const spans = kind === "burst" ? [1] : SPANS_S;
  const before: Values = new Map(good.map(({ metric, value }) => [metricKey(metric), value]));
  const turned = others.filter(
    (one) =>
      reads(one, metrics) &&
      spans.some((span) => isBad(one, seenOf(one.source, values, samples, span, before))),
  );
  // What compares the end of a window with its beginning finds nothing where all of it is bad.
  const always = kind === "level" && (section === "entry" || section === "exit") && !comparesParts(source);
  return { kind, always, published, metrics, turned, ...(lasts !== undefined && { lasted: lasts }) };
}

function comparesParts(source: MetricSource): boolean {
  return isMath(source) && Object.values(source.metrics).some(({ part }) => part !== undefined);
}

/** One value, once: the smallest sum that is bad. What watches the same metric with a higher limit stays as it is. */
function burstOf(row: Watched): Published | undefined {
  const { source, lasts } = row;
  if (isMath(source) || source.statistic !== "Sum" || lasts !== undefined) return undefined;
  const value = poolOf([row])
    .toSorted((a, b) => a - b)
    .find((one) => one > 0 && isBad(row, one));
  const { namespace, name, dimensions } = source;
  return value === undefined
    ? undefined
    : { metric: { namespace, name, ...(dimensions ? { dimensions } : {}) }, value, samples: 1 };
}

/** Nothing of its own metrics at all. */
function silenceOf(row: Watched, others: readonly Watched[]): Way {
  const metrics = metricsRead(row);
  const turned = others.filter((one) => reads(one, metrics) && (one.section !== "abort" || one.silenceIsBad));
  // Silence is no gap of a moment, but that nothing was ever published.
  return { kind: "silence", always: true, published: [], metrics, turned };
}

const reads = (row: Watched, metrics: readonly MetricId[]) => {
  const keys = metrics.map(metricKey);
  return metricsRead(row).some((metric) => keys.includes(metricKey(metric)));
};

/** Values that are published each second, and outweigh whatever the app itself publishes. */
function levelOf(
  row: Watched,
  rows: readonly Watched[],
  good: readonly Published[],
): Published[] | undefined {
  const samples = new Map(good.map((one) => [metricKey(one.metric), one.samples * WEIGHT]));
  const known: Values = new Map(good.map(({ metric, value }) => [metricKey(metric), value]));
  const own = metricsRead(row);
  const bad = (values: Values) =>
    SPANS_S.every((span) => isBad(row, seenOf(row.source, values, samples, span, known))) &&
    enough(row, values, samples);
  // The fewer metrics change, the fewer other rows do.
  const combinations = [...own.map((one) => [one]), own];
  const found = combinations
    .flatMap((changed) => assign(changed, poolOf([row]), known, bad) ?? [])
    .toSorted((a, b) => discontent(a, rows, samples) - discontent(b, rows, samples))[0];
  // All of its metrics, since what divides has to weigh as much as what is divided.
  return (
    found &&
    own.map((metric) => ({
      metric,
      value: found.get(metricKey(metric)) ?? 0,
      samples: samples.get(metricKey(metric)) ?? FEW * WEIGHT,
    }))
  );
}

function discontent(values: Values, rows: readonly Watched[], samples: ReadonlyMap<string, number>): number {
  return rows.filter((row) => !contents(row, values, samples)).length;
}

/** Whether a row is content, over a short window and over a long one. */
function contents(row: Watched, values: Values, samples: ReadonlyMap<string, number>): boolean {
  return (
    SPANS_S.every((span) => isGood(row, seenOf(row.source, values, samples, span))) &&
    enough(row, values, samples)
  );
}

function enough(
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
  const from = (index: number, values: Values): Values | undefined => {
    const metric = metrics[index];
    if (!metric) return ++tries <= MOST_TRIES && holds(values) ? values : undefined;
    for (const value of pool) {
      if (tries > MOST_TRIES) return undefined;
      const found = from(index + 1, new Map(values).set(metricKey(metric), value));
      if (found) return found;
    }
    return undefined;
  };
  return from(0, known);
}

/** Values worth trying: nothing, one, and what lies around every number that a row compares with. */
function poolOf(rows: readonly Watched[]): number[] {
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

function touches(one: Watched, other: Watched): boolean {
  const keys = metricsRead(other).map(metricKey);
  return metricsRead(one).some((metric) => keys.includes(metricKey(metric)));
}
