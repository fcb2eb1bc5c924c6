import type { Input } from "../call";
import { type MetricQuery, queriesOf, type ReadPoints, type Span, valuesOf } from "../metrics/queries";
import { metricOf } from "../metrics/read";
import { percentileOf } from "../metrics/statistics";
import { numberOf, textOf } from "../rule";
import { type Datum, EXTRA_PERIODS, fewestSamples, type Judged } from "./judge";

/** A metric alarm as PutMetricAlarm was given it. */
export interface Alarm extends Judged {
  readonly name: string;
  /** Milliseconds. */
  readonly period: number;
  readonly queries: readonly MetricQuery[];
  /** The query whose values are compared with the threshold. */
  readonly watched: MetricQuery;
  /** Whether a percentile over few samples leaves the state as it is. */
  readonly ignoresFewSamples: boolean;
  /** All that was given, for DescribeAlarms. */
  readonly given: Input;
}

/** Reads what PutMetricAlarm was given. */
export function alarmOf(given: Input): Alarm {
  const unit = textOf(given.Unit);
  const single: MetricQuery = {
    id: "",
    label: "",
    returnData: true,
    period: numberOf(given.Period) ?? 60,
    of: {
      metric: metricOf(given),
      stat: textOf(given.ExtendedStatistic) ?? textOf(given.Statistic) ?? "Average",
      ...(unit !== undefined && { unit }),
    },
  };
  const queries = Array.isArray(given.Metrics) ? queriesOf(given.Metrics) : [single];
  const watched = queries.find(({ returnData }) => returnData) ?? single;
  const evaluationPeriods = numberOf(given.EvaluationPeriods) ?? 1;
  return {
    name: textOf(given.AlarmName) ?? "",
    threshold: numberOf(given.Threshold) ?? 0,
    comparison: textOf(given.ComparisonOperator) ?? "",
    evaluationPeriods,
    datapointsToAlarm: numberOf(given.DatapointsToAlarm) ?? evaluationPeriods,
    treatMissingData: textOf(given.TreatMissingData) ?? "missing",
    period: Math.max(...queries.map(({ period }) => period ?? 0), 1) * 1_000,
    queries,
    watched,
    ignoresFewSamples: given.EvaluateLowSampleCountPercentile === "ignore",
    given,
  };
}

/** How often CloudWatch evaluates an alarm by itself, in milliseconds. */
export function evaluatedEvery({ period }: Pick<Alarm, "period">): number {
  return period < 60_000 ? 10_000 : 60_000;
}

/** The periods of an alarm's evaluation range that ends now, oldest first: its window slides. */
export function rangeOf({ period, evaluationPeriods }: Alarm, now: number): readonly Span[] {
  const periods = evaluationPeriods + EXTRA_PERIODS;
  return Array.from({ length: periods }, (_, index) => {
    const to = now - (periods - 1 - index) * period;
    return { from: to - period, to };
  });
}

/** What an alarm sees in its range; undefined where it is to keep its state, since samples are too few. */
export function seenBy(alarm: Alarm, now: number, read: ReadPoints): readonly Datum[] | undefined {
  const spans = rangeOf(alarm, now);
  const fine = alarm.period < 60_000;
  const data = valuesOf(alarm.watched, alarm.queries, spans, fine, read);
  return alarm.ignoresFewSamples && tooFew(alarm, spans, read) ? undefined : data;
}

function tooFew(alarm: Alarm, spans: readonly Span[], read: ReadPoints): boolean {
  const { of } = alarm.watched;
  const share = of && percentileOf(of.stat);
  if (of === undefined || share === undefined) return false;
  const evaluated = spans.slice(-alarm.evaluationPeriods);
  const samples = evaluated
    .flatMap((span) => read(of.metric, span, alarm.period < 60_000, of.unit))
    .reduce((so, { count }) => so + count, 0);
  return samples > 0 && samples < fewestSamples(share);
}
