import { z } from "zod";
import type { MetricId } from "../aws/metricId";
import { flooredQueriesOf, queriesOf } from "../aws/metricQuery";
import { isMath, type MetricSource, samplesOf, showSource } from "../aws/metricSource";
import { drillMetric } from "../aws/names";
import { showQuestion } from "../gates/elsewhere/question";
import { type Bound, boundsOf, showExpectation } from "../gates/expectation";
import { kindOf } from "../gates/gate";
import { milliseconds } from "../text/duration";
import type { AbortThreshold } from "./config/abortRow";
import { differencesOf } from "./config/reconcile";
import type { Stage } from "./rollout";

/** A limit as a horizontal line: a threshold of an abort row, or what a gate requires. */
export const limitSchema = z.strictObject({
  label: z.string(),
  value: z.number(),
  /** The side on which it is bad; absent where that is the number itself, or all others. */
  bad: z.enum(["above", "below"]).optional(),
});

type Limit = Readonly<z.infer<typeof limitSchema>>;

/** A metric that an abort row or a gate of a stage reads, with its limits: the same in every chart. */
export interface Signal {
  readonly row: string;
  readonly title: string;
  readonly kind: "abort" | "gate";
  readonly source: MetricSource;
  /** Seconds that the alarm looks at; absent for a gate, which judges its whole window. */
  readonly alarmPeriod?: number;
  /** What counts its samples, where a number of them is asked for. */
  readonly samples?: MetricSource | undefined;
  readonly limits: readonly Limit[];
}

/** Every signal of a stage with the limits that a chart of it draws: its abort rows, then its metric gates. */
export function signalsOf(stage: Pick<Stage, "abort" | "entry" | "smoke" | "exit">): Signal[] {
  const aborts = Object.entries(stage.abort).flatMap(([row, threshold]): Signal[] => {
    // Whoever declares the other alarm knows its metric and its limit.
    if (threshold.alarm !== undefined) return [];
    const { title, metric, action, minSamples, samplesFrom } = threshold;
    const does = action === "rollback" ? "rolls back" : "pages";
    const { period, ...source } = metric;
    return [
      {
        row,
        title,
        kind: "abort",
        source,
        alarmPeriod: milliseconds(period) / 1_000,
        ...(minSamples === undefined ? {} : { samples: samplesOf(source, samplesFrom) }),
        limits: boundsOf(threshold.threshold).map(({ sign, value, side }) =>
          limit(`${sign} ${value} ${does}`, value, side),
        ),
      },
    ];
  });
  const gates = Object.entries({ ...stage.entry, ...stage.smoke, ...stage.exit });
  return [
    ...aborts,
    ...gates.flatMap(([row, gate]): Signal[] => {
      const read = kindOf(gate).metric?.(gate);
      if (!read) return [];
      const { source, samplesFrom, expect } = read;
      const required = boundsOf(expect).map(({ sign, value, side }) =>
        limit(`required ${sign} ${value}`, value, side && OTHER[side]),
      );
      // A gate judges its whole window, not each period: a line through the periods of a sum would be another demand.
      const perPeriod = isMath(source) || (source.statistic !== "Sum" && source.statistic !== "SampleCount");
      const limits = perPeriod || required.every(({ value }) => value === 0) ? required : [];
      const samples = samplesFrom === undefined ? undefined : samplesOf(source, samplesFrom);
      return [{ row, title: gate.title, kind: "gate", source, samples, limits }];
    }),
  ];
}

/** What a gate requires is the good side, so that the other one is bad. */
const OTHER = { above: "below", below: "above" } as const;

function limit(label: string, value: number, bad: Bound["side"] | undefined): Limit {
  return { label, value, ...(bad ? { bad } : {}) };
}

/** What an alarm of ours watches, and when it fires: an abort row's, or a drill's. */
type Watched = Pick<
  Extract<AbortThreshold, { alarm?: undefined }>,
  | ("metric" | "probe" | "logs" | "threshold" | "datapoints" | "missingData")
  | ("minSamples" | "samplesFrom" | "evaluateLowSampleCountPercentiles")
>;

/** A drill's: it fires at one data point above zero. */
export function drillSignal(rollout: string, stage: string): Watched {
  return {
    metric: { ...drillMetric(rollout, stage), statistic: "Maximum", period: "10s" },
    threshold: { gt: 0 },
    datapoints: { of: 1, breaching: 1 },
    missingData: "notBreaching",
  };
}

const COMPARISON: Readonly<Record<string, string>> = {
  ">": "GreaterThanThreshold",
  "≥": "GreaterThanOrEqualToThreshold",
  "<": "LessThanThreshold",
  "≤": "LessThanOrEqualToThreshold",
};

/** A value just on the good side of a limit: what too few samples count as. */
const STEP: Readonly<Record<string, number>> = { ">": 0, "<": 0, "≥": -1, "≤": 1 };

/** The same in CloudWatch's words: a plain metric where that says it, and math where it does not. */
export function alarmOn({ threshold, datapoints, missingData, ...watched }: Watched) {
  const { sign = "", value = Number.NaN } = boundsOf(threshold)[0] ?? {};
  const comparisonOperator = COMPARISON[sign];
  if (comparisonOperator === undefined)
    throw new RangeError("an abort threshold has no bound: config parsing lets none through");
  return {
    ...watchedBy(watched, value + (STEP[sign] ?? 0)),
    evaluationPeriods: datapoints.of,
    datapointsToAlarm: datapoints.breaching,
    comparisonOperator,
    threshold: value,
    treatMissingData: missingData,
  };
}

/** What makes a row's alarm follow somebody else's. */
export const follows = (alarm: string) => ({ alarmRule: `ALARM("${alarm}")` });

/** @param otherwise a value that breaches nothing, which too few samples count as */
function watchedBy(watched: Omit<Watched, "threshold" | "datapoints" | "missingData">, otherwise: number) {
  const { metric, minSamples, samplesFrom, evaluateLowSampleCountPercentiles } = watched;
  const period = milliseconds(metric.period) / 1_000;
  const called = ({ namespace, name, dimensions }: MetricId) => ({
    namespace,
    metricName: name,
    ...(dimensions ? { dimensions } : {}),
    period,
  });
  if (minSamples === undefined && !isMath(metric))
    return {
      ...called(metric),
      ...(metric.statistic.startsWith("p")
        ? { extendedStatistic: metric.statistic }
        : { statistic: metric.statistic }),
      ...(evaluateLowSampleCountPercentiles ? { evaluateLowSampleCountPercentiles } : {}),
    };
  const queries =
    minSamples === undefined
      ? queriesOf(metric)
      : flooredQueriesOf(metric, { minSamples, samplesFrom, otherwise });
  return {
    metricQueries: queries.map(({ id, expression, metric: one, returnData }) => ({
      id,
      ...(expression === undefined ? {} : { expression }),
      ...(one === undefined ? {} : { metric: { ...called(one), stat: one.statistic } }),
      returnData,
    })),
  };
}

/** The same as every rendering words it: `Sum of Write5xx > 0 over 10s, 2 of 3 times, or silence`. */
export function firesWhen(
  row: AbortThreshold | (Watched & Partial<Record<"alarm" | "compares" | "reconcile", undefined>>),
): string {
  if (row.alarm !== undefined) return `the alarm ${row.alarm} fires, which decides by itself when`;
  const { metric, probe, logs, threshold, datapoints, missingData, minSamples, samplesFrom } = row;
  const what = row.compares
    ? differencesOf(row.compares, row.reconcile?.count)
    : probe && "from" in probe
      ? `${showQuestion(probe)}, asked every ${metric.period},`
      : probe
        ? "its query, asked every 10 s,"
        : logs
          ? `lines of ${logs.group} that match ${logs.pattern}`
          : showSource(metric);
  const times =
    datapoints.of === 1
      ? `over ${metric.period}`
      : `over ${metric.period}, ${datapoints.breaching} of ${datapoints.of} times`;
  const counted = samplesFrom === undefined ? "samples" : `samples (${samplesFrom})`;
  const enough = minSamples === undefined ? "" : `, from ${minSamples} ${counted} on`;
  const silence = missingData === "breaching" ? ", or silence" : "";
  return `${what} ${showExpectation(threshold)} ${times}${enough}${silence}`;
}
