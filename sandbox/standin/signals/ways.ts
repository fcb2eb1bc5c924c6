import { type MetricId, metricKey } from "../../../src/aws/metricId";
import { isMath, type MetricSource } from "../../../src/aws/metricSource";
import {
  contents,
  enough,
  FEW,
  MOST_TRIES,
  type Published,
  poolOf,
  SPANS_S,
  seenOf,
  touches,
  type Values,
  valuesOf,
} from "./values";
import { isBad, metricsRead, numbersOf, type Watched } from "./watched";

/** How many times more a bad value weighs than the good ones around it: whatever the app itself publishes. */
const WEIGHT = 100;
/** How many bad values a milder one is looked for among. */
const MOST_CHOICES = 2_000;

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
  const beside = rows.filter((one) => touches(one, row));
  const found = mildest(row, known, bad, (values) => discontent(values, beside, samples));
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

/** Of the values that are bad for a row, those with which the fewest other rows are discontent: a limit of theirs may be higher. */
function mildest(
  row: Watched,
  known: Values,
  bad: (values: Values) => boolean,
  weigh: (values: Values) => number,
): Values | undefined {
  const own = metricsRead(row);
  // By little: what an earlier stage takes for good as yet.
  const near = numbersOf(row).flatMap((value) => [value * 1.05, value * 0.95]);
  const pool = [...near, ...poolOf([row])].filter((value) => value >= 0);
  let best: { readonly values: Values; readonly weight: number } | undefined;
  let tries = 0;
  // The fewer metrics change, the fewer other rows do.
  for (const changed of [...own.map((one) => [one]), own])
    for (const values of valuesOf(changed, pool, known)) {
      if (++tries > (best ? MOST_CHOICES : MOST_TRIES)) break;
      if (!bad(values)) continue;
      const weight = weigh(values);
      if (!best || weight < best.weight) best = { values, weight };
      // The row itself is discontent by all means.
      if (weight <= 1) return values;
    }
  return best?.values;
}

function discontent(values: Values, rows: readonly Watched[], samples: ReadonlyMap<string, number>): number {
  return rows.filter((row) => !contents(row, values, samples)).length;
}
