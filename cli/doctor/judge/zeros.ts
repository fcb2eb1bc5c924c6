import type { Known } from "../../../src/aws/known";
import { metricKey } from "../../../src/aws/metricId";
import {
  awsOwn,
  isMath,
  type MetricSource,
  metricsOf,
  type OneMetric,
  samplesOf,
} from "../../../src/aws/metricSource";
import { kindOf } from "../../../src/gates/gate";
import type { AbortThreshold } from "../../../src/rollout/config/abortRow";
import { publishing } from "../../../src/rollout/publishing";
import type { Rollout } from "../../../src/rollout/rollout";
import { counted } from "../../../src/text/counted";
import { milliseconds, showDuration } from "../../../src/text/duration";
import type { Locate } from "../../../src/text/problem";
import { type Finding, finder } from "../finding";
import { gatesOf } from "./gates";

/** How far back it is looked for gaps, in ms. */
export const LOOKED_BACK_MS = 3 * 3_600_000;
/** Of longer periods too few are looked at to tell anything, in seconds. */
const LONGEST_S = 900;
/** CloudWatch may tell what was published a moment ago only later: the newest periods say nothing, in ms. */
const LATE_MS = 120_000;
/** One gap may be an app that was down; from so many on, and never a zero, nobody publishes zeros. */
const GAPS = 2;

/** A metric that counts, and has to be there in silence, too; who reads it, and what a gap leads to. */
export interface Counting {
  readonly group: "Abort rows" | "Gates";
  readonly name: string;
  readonly stage: string;
  readonly where: string;
  readonly metric: OneMetric;
  /** How finely it is read, in seconds, a minute at least. */
  readonly period: number;
  readonly quiet: string;
}

/** What CloudWatch has of a metric. */
export interface Pulse {
  /** The beginnings of the periods with data, in ms since the epoch. */
  readonly at: readonly number[];
  /** Whether zero was published in any of them. */
  readonly zero: boolean;
}

/** Of metrics by `pulseKey`; one without any data is left out. */
export type Pulses = Known<ReadonlyMap<string, Pulse>>;

/** A metric as it is read in periods of one length. */
export const pulseKey = ({ metric, period }: Pick<Counting, "metric" | "period">): string =>
  `${period} ${metricKey(metric)}`;

/**
 * Every metric that counts events, for each row and gate that reads it. None of AWS's own, and none of which the stack file
 * says how seldom it comes. Pure.
 *
 * @param raised the stages whose flags are up
 */
export function countingOf(rollout: Rollout, raised: readonly string[], locate: Locate): Counting[] {
  const rows = rollout.stages.flatMap((stage) =>
    Object.entries(stage.abort).flatMap(([row, one]): Counting[] =>
      rowCounts(one, raised.includes(stage.name)).map((metric) => ({
        group: "Abort rows",
        name: `${stage.name} ${row}`,
        stage: stage.name,
        where: locate(stage.name, ["cutover:stage", "abort", row]),
        metric,
        period: periodOf(one.metric?.period),
        quiet: IN_SILENCE[one.missingData ?? "missing"] ?? "",
      })),
    ),
  );
  const gates = gatesOf(rollout).flatMap(({ gate, promoted }): Counting[] => {
    const reading = kindOf(gate.definition).metric?.(gate.definition);
    if (!reading || reading.saysGaps) return [];
    return countersOf(reading.source, reading.samplesFrom).map((metric) => ({
      group: "Gates",
      name: `${gate.stage} ${gate.id}`,
      stage: promoted.name,
      where: locate(gate.stage, ["cutover:stage", gate.phase, gate.id]),
      metric,
      period: periodOf(reading.every),
      quiet: "a quiet time is a gap in the gate's window, which keeps it from passing",
    }));
  });
  return [...rows, ...gates].filter(({ period }) => period <= LONGEST_S);
}

/** What a quiet period leads to, by what a row says of missing data. */
const IN_SILENCE: Readonly<Record<string, string>> = {
  breaching: "the first quiet period sets its alarm off",
  missing: "its alarm has insufficient data in each quiet period",
  ignore: "its alarm keeps whatever state it had for as long as it is quiet",
  notBreaching:
    "an app that is down looks like one without errors, and after 3 quiet hours the row is not armed",
};

function rowCounts(row: AbortThreshold, raised: boolean): OneMetric[] {
  const { metric, probe, logs, alarm, dataWithin, silentUntilFlip, minSamples, samplesFrom } = row;
  if (!metric || probe || logs || alarm !== undefined || dataWithin !== undefined) return [];
  if (silentUntilFlip && !raised) return [];
  return countersOf(metric, minSamples === undefined ? undefined : samplesFrom);
}

/** Counters alone: in silence a level is told by whoever sets it, and a latency has no value. */
function countersOf(source: MetricSource, samplesFrom: string | undefined): OneMetric[] {
  // Math that fills its gaps by itself needs no zeros.
  if (isMath(source) && source.expression.includes("FILL(")) return [];
  const samples = samplesFrom === undefined ? undefined : samplesOf(source, samplesFrom);
  const counters = [...metricsOf(source), ...(samples ? [samples] : [])].filter(
    (one) => ["Sum", "SampleCount"].includes(one.statistic) && awsOwn(one).length === 0,
  );
  return [...new Map(counters.map((one) => [metricKey(one), one])).values()];
}

const periodOf = (period = "1m"): number => Math.max(60, milliseconds(period) / 1_000);

/**
 * Which metrics are published, but not in silence: their data have gaps, and never was it a zero. A metric without gaps,
 * and one with a zero anywhere, may well be filled; one without data is told by whoever reads it. Pure.
 *
 * @param now when it was looked, in ms since the epoch
 * @param due the stages that matter now
 */
export function judgeZeros(
  counting: readonly Counting[],
  pulses: Pulses,
  { now, due }: { readonly now: number; readonly due: readonly string[] },
): Finding[] {
  if (counting.length === 0) return [];
  if (!pulses.ok)
    return [
      finder("Abort rows").unknown(
        "zeros",
        `it is not known whether metrics are published in silence, too: ${pulses.why}`,
        pulses.remedy,
      ),
    ];
  return counting.flatMap((one): Finding[] => {
    const pulse = pulses.value.get(pulseKey(one));
    const told = pulse && unfilled(pulse, one.period, now);
    if (!told) return [];
    const { group, name, stage, where, metric, quiet } = one;
    const what = `${metric.namespace} ${metric.name} is published, but not zero-filled: within ${showDuration(LOOKED_BACK_MS)} it had data in ${told}, and never a zero; ${quiet}`;
    return due.includes(stage)
      ? [finder(group).fault(name, what, `${publishing(metric)}. ${SELDOM[group]}`, { where })]
      : [finder(group).later(name, `${what}; it has to be so before ${stage} goes up`, { where })];
  });
}

const SELDOM = {
  "Abort rows": "If it cannot be, say how seldom it comes: dataWithin",
  Gates: "If it cannot be, say which metric shows that the app is alive: gaps",
} as const;

/** In how many periods there were data, in words, where it is sure that nobody publishes zeros. */
function unfilled({ at, zero }: Pulse, period: number, now: number): string | undefined {
  if (zero) return undefined;
  const length = period * 1_000;
  const told = [...new Set(at)].filter((time) => time + length <= now - LATE_MS).sort((a, b) => a - b);
  const gaps = told.filter((time, index) => index > 0 && time - (told[index - 1] ?? time) > length);
  if (gaps.length < GAPS) return undefined;
  const all = ((told.at(-1) ?? 0) - (told[0] ?? 0)) / length + 1;
  return `${told.length} of ${counted(Math.round(all), "period")} of ${showDuration(length)}`;
}
