import { z } from "zod";
import { dimensions, metricName, namespace } from "../../aws/metricNames";
import {
  awsOwn,
  expression,
  isMath,
  type MetricSource,
  mathMetrics,
  type SourceError,
  samplesErrors,
  sourceErrors,
  sourceOf,
  statistic,
} from "../../aws/metricSource";
import { milliseconds } from "../../text/duration";
import { tellWhere } from "../../text/problem";
import { tooLongToFill } from "./filling";
import { logGroup, logPattern } from "./logs";
import { PROBE_PERIOD } from "./probe";
import { type Acting, reachErrors } from "./rowReach";

const PERIODS = ["10s", "30s", "1m", "5m", "10m", "15m", "1h"] as const;

/** What an abort row's alarm looks at, and how often. */
export type RowMetric = MetricSource & { readonly period: (typeof PERIODS)[number] };

/** `abort.<row>.metric`: one metric, or math over several. */
export const rowMetric = z
  .strictObject({
    namespace: namespace.optional().meta({
      description: "CloudWatch namespace that the app publishes to.",
    }),
    name: metricName.optional().meta({
      description: "Metric name. One of its own per signal, zero-filled by the app.",
    }),
    dimensions: dimensions.optional(),
    statistic: statistic.optional(),
    metrics: mathMetrics.optional(),
    expression: expression.optional(),
    period: z.enum(PERIODS).default("10s").meta({
      description: "10s and 30s need high-resolution metrics (StorageResolution 1), which AWS's own are not.",
    }),
  })
  .transform((given, context): RowMetric => {
    for (const error of sourceErrors(given)) context.addIssue(issueOf(error));
    const source = sourceOf(given);
    if (!source) return z.NEVER;
    const [own] = awsOwn(source);
    if (own && milliseconds(given.period) < 60_000)
      context.addIssue(
        issueOf({
          path: ["period"],
          what: `is ${given.period}, and AWS publishes ${own.name} of ${own.namespace} once a minute`,
          remedy: "Write period: 1m, or a longer one",
        }),
      );
    return { ...source, period: given.period };
  });

/** `abort.<row>.logs`: a pattern in a log group, counted by a metric filter of ours. */
export const rowLogs = z
  .strictObject({
    group: logGroup.meta({
      description: "The log group, which must be there already.",
      examples: ["/ecs/ops-view"],
    }),
    pattern: logPattern.meta({
      description: "CloudWatch's filter pattern. Each line that it matches counts as one.",
      examples: ['"could not write the audit event"'],
    }),
    period: z.enum(["1m", "5m", "15m", "1h"]).default("1m").meta({
      description: "Metric filters publish once a minute at the finest.",
    }),
  })
  .meta({
    description:
      "Lines of a log, counted by a metric filter, for the alarm to watch. Where the group has no line at all there is no count: silence does not breach, unless missingData says so.",
  });

export type RowLogs = z.infer<typeof rowLogs>;

/** `abort.<row>.alarm`: an alarm that somebody else declares. */
export const rowAlarm = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^"\\]*$/, "a name without quotes and backslashes")
  .regex(/^(?!arn:)(?=.*\S)/, "the name of an alarm, which is what its ARN ends with")
  .meta({
    description:
      "An alarm that is there already, of this account and region. The row's own alarm follows its state; its own actions, threshold and missing data stay its owner's.",
    examples: ["ops-db-replica-lag"],
  });

/** What only one kind of signal takes, as a row gives it. */
interface Given extends Acting {
  readonly metric?: RowMetric | undefined;
  readonly elsewhere?:
    | { readonly every: (typeof PERIODS)[number]; readonly value?: string | undefined }
    | undefined;
  readonly logs?: RowLogs | undefined;
  readonly alarm?: string | undefined;
  readonly datapoints: { readonly of: number; readonly breaching: number };
  readonly minSamples?: number | undefined;
  readonly samplesFrom?: string | undefined;
  readonly evaluateLowSampleCountPercentiles?: string | undefined;
}

const SIGNALS = ["metric", "probe", "elsewhere", "reconcile", "logs", "alarm"] as const;

/** For `superRefine` of an abort row: it watches one thing, and says of it what there is to say, and no more. */
export function oneSignal(row: Given, context: z.core.$RefinementCtx<unknown>): void {
  const issue = (path: string[], message: string) => context.addIssue({ code: "custom", path, message });
  if (SIGNALS.filter((key) => row[key] !== undefined).length !== 1) {
    issue([], `exactly one of ${SIGNALS.join(", ")}`);
    return;
  }
  if (row.metric !== undefined && row.missingData === undefined)
    issue(["missingData"], "breaching, notBreaching, ignore or missing: what silence of the metric means");
  if (isProbed(row) && row.missingData !== undefined && row.missingData !== "breaching")
    issue(["missingData"], "breaching, or nothing: the silence of a probe is a fault");
  for (const key of ["dataWithin", "silentUntilFlip"] as const)
    if (row.metric === undefined && row[key] !== undefined)
      issue([key], "nothing: it is said of a metric that the app publishes by itself");
  for (const error of [
    ...ofAlarm(row),
    ...ofSamples(row),
    ...ofSpan(row),
    ...ofFilling(row),
    ...reachErrors(row),
  ])
    context.addIssue(issueOf(error));
}

function ofAlarm({ alarm, threshold, missingData, datapoints }: Given): SourceError[] {
  if (alarm === undefined)
    return tellWhere(threshold === undefined, {
      path: ["threshold"],
      what: "is missing",
      remedy: 'Write it like threshold: {"gt":0}',
    });
  const said = [
    ...(threshold === undefined ? [] : ["threshold"]),
    ...(missingData === undefined ? [] : ["missingData"]),
    ...(datapoints.of === 1 ? [] : ["datapoints"]),
  ];
  return said.map((key) => ({
    path: [key],
    what: "means nothing here: the alarm that is named decides when it fires",
    remedy: "Take it out, or watch the metric itself",
  }));
}

function ofSamples(row: Given): SourceError[] {
  const { metric, minSamples, samplesFrom, evaluateLowSampleCountPercentiles: low } = row;
  const error = (path: string, what: string, remedy: string): SourceError => ({ path: [path], what, remedy });
  const errors: SourceError[] = [];
  if (minSamples !== undefined && !metric)
    errors.push(
      error("minSamples", "means nothing without a metric", "Let the query count, or watch a metric"),
    );
  if (minSamples === undefined && samplesFrom !== undefined)
    errors.push(error("samplesFrom", "means nothing without minSamples", "Add minSamples, or take it out"));
  if (minSamples !== undefined && metric) errors.push(...samplesErrors(metric, samplesFrom));
  if (low !== undefined && (!metric || isMath(metric) || !metric.statistic.startsWith("p")))
    errors.push(
      error(
        "evaluateLowSampleCountPercentiles",
        "means nothing here: CloudWatch looks at it for a percentile of one metric alone",
        "Take it out, or write minSamples",
      ),
    );
  else if (low !== undefined && minSamples !== undefined)
    errors.push(
      error(
        "evaluateLowSampleCountPercentiles",
        "means nothing beside minSamples, which says it more exactly",
        "Take one of the two out",
      ),
    );
  return errors;
}

const DAY_S = 86_400;

/** CloudWatch looks back a day at most, and a week where a period is an hour or longer. Source: PutMetricAlarm. */
function ofSpan(row: Given): SourceError[] {
  const { datapoints } = row;
  const period = periodOf(row);
  if (period === undefined) return [];
  const seconds = milliseconds(period) / 1_000;
  const most = seconds < 3_600 ? DAY_S : 7 * DAY_S;
  return tellWhere(seconds * datapoints.of > most, {
    path: ["datapoints", "of"],
    what: `times ${period} is longer than CloudWatch looks back: ${most / DAY_S} d`,
    remedy: `Write at most of: ${most / seconds}`,
  });
}

/** A metric that comes into being with its alarm has no data yet: where silence breaches, it is waited for. */
function ofFilling(row: Given): SourceError[] {
  const silenceBreaches = isProbed(row) || (row.logs && row.missingData === "breaching");
  const period = periodOf(row);
  const error = silenceBreaches && period !== undefined && tooLongToFill(row.datapoints, period);
  return error ? [error] : [];
}

function periodOf(row: Given): string | undefined {
  return (
    row.metric?.period ??
    row.logs?.period ??
    (isProbed(row) ? (row.elsewhere?.every ?? PROBE_PERIOD) : undefined)
  );
}

/** Whether the probe publishes what its alarm watches. */
const isProbed = ({ probe, elsewhere, reconcile }: Pick<Given, "probe" | "elsewhere" | "reconcile">) =>
  probe !== undefined || elsewhere !== undefined || reconcile !== undefined;

/** An error as zod carries it: `problems.ts` takes its words as they are. */
function issueOf({ path, what, remedy }: SourceError) {
  return { code: "custom" as const, path, message: what, params: { what, remedy } };
}
