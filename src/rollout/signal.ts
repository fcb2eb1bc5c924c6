import { z } from "zod";
import { isMath } from "../aws/metricSource";
import { drillMetric } from "../aws/names";
import { type Bound, boundsOf, showExpectation } from "../gates/expectation";
import { kindOf } from "../gates/gate";
import { milliseconds } from "../text/duration";
import type { AbortThreshold } from "./config/abortRow";
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
  readonly namespace: string;
  readonly metric: string;
  readonly statistic: string;
  /** Seconds that the alarm looks at; absent for a gate, which judges its whole window. */
  readonly alarmPeriod?: number;
  /** The metric that counts a gate's samples. */
  readonly samples?: string | undefined;
  readonly limits: readonly Limit[];
}

/** Every signal of a stage with the limits that a chart of it draws: its abort rows, then its metric gates. */
export function signalsOf(stage: Pick<Stage, "abort" | "entry" | "smoke" | "exit">): Signal[] {
  const aborts = Object.entries(stage.abort).map(([row, { title, metric, threshold, action }]): Signal => {
    const does = action === "rollback" ? "rolls back" : "pages";
    return {
      row,
      title,
      kind: "abort",
      namespace: metric.namespace,
      metric: metric.name,
      statistic: metric.statistic,
      alarmPeriod: milliseconds(metric.period) / 1_000,
      limits: boundsOf(threshold).map(({ sign, value, side }) =>
        limit(`${sign} ${value} ${does}`, value, side),
      ),
    };
  });
  const gates = Object.entries({ ...stage.entry, ...stage.smoke, ...stage.exit });
  return [
    ...aborts,
    ...gates.flatMap(([row, gate]): Signal[] => {
      const read = kindOf(gate).metric?.(gate);
      // A chart draws what CloudWatch keeps; of arithmetic a gate works out one number.
      if (!read || isMath(read.source)) return [];
      const { samplesFrom: samples, expect } = read;
      const { namespace, name: metric, statistic } = read.source;
      const required = boundsOf(expect).map(({ sign, value, side }) =>
        limit(`required ${sign} ${value}`, value, side && OTHER[side]),
      );
      // A gate judges its whole window, not each period: a line through the periods of a sum would be another demand.
      const perPeriod = statistic !== "Sum" && statistic !== "SampleCount";
      const limits = perPeriod || required.every(({ value }) => value === 0) ? required : [];
      return [{ row, title: gate.title, kind: "gate", namespace, metric, statistic, samples, limits }];
    }),
  ];
}

/** What a gate requires is the good side, so that the other one is bad. */
const OTHER = { above: "below", below: "above" } as const;

function limit(label: string, value: number, bad: Bound["side"] | undefined): Limit {
  return { label, value, ...(bad ? { bad } : {}) };
}

/** What an alarm watches, and when it fires: an abort row's, or a drill's. */
type Watched = Pick<AbortThreshold, "metric" | "probe" | "threshold" | "datapoints" | "missingData">;

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

/** The same in CloudWatch's words: one plain metric, no math, missing data decided by config. */
export function alarmOn({ metric, threshold, datapoints, missingData }: Watched) {
  const { sign = "", value = Number.NaN } = boundsOf(threshold)[0] ?? {};
  const comparisonOperator = COMPARISON[sign];
  if (comparisonOperator === undefined)
    throw new RangeError("an abort threshold has no bound: config parsing lets none through");
  return {
    namespace: metric.namespace,
    metricName: metric.name,
    ...(metric.statistic.startsWith("p")
      ? { extendedStatistic: metric.statistic }
      : { statistic: metric.statistic }),
    period: milliseconds(metric.period) / 1_000,
    evaluationPeriods: datapoints.of,
    datapointsToAlarm: datapoints.breaching,
    comparisonOperator,
    threshold: value,
    treatMissingData: missingData,
  };
}

/** The same as every rendering words it: `Sum of Write5xx > 0 over 10s, 2 of 3 times, or silence`. */
export function firesWhen({ metric, probe, threshold, datapoints, missingData }: Watched): string {
  const what = probe ? "its query, asked every 10 s," : `${metric.statistic} of ${metric.name}`;
  const times =
    datapoints.of === 1
      ? `over ${metric.period}`
      : `over ${metric.period}, ${datapoints.breaching} of ${datapoints.of} times`;
  const silence = missingData === "breaching" ? ", or silence" : "";
  return `${what} ${showExpectation(threshold)} ${times}${silence}`;
}
