import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { alarmName } from "../src/aws/names";
import type { AbortThreshold } from "../src/rollout/config/abortRow";
import { milliseconds } from "../src/text/duration";

/** What `abortAlarm` needs beside the row's own config. */
export interface AbortAlarmArgs {
  readonly rollout: string;
  readonly stage: string;
  /** The row id, such as XA1. */
  readonly row: string;
  readonly threshold: AbortThreshold;
  /** Who is paged. */
  readonly onCallTopicArn: pulumi.Input<string>;
  /** Where the abort switch listens: it pages in full, and lowers the flags where the row says so. */
  readonly abortTopicArn: pulumi.Input<string>;
}

const OPERATORS = {
  gt: "GreaterThanThreshold",
  gte: "GreaterThanOrEqualToThreshold",
  lt: "LessThanThreshold",
  lte: "LessThanOrEqualToThreshold",
} as const;

/** The alarm of one abort row: one plain metric, no math, missing data decided by config, on-call paged both ways. */
export function abortAlarm(
  name: string,
  args: AbortAlarmArgs,
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm {
  const { metric, datapoints } = args.threshold;
  const percentile = metric.statistic.startsWith("p");
  const { operator, bound } = boundOf(args.threshold);
  return new aws.cloudwatch.MetricAlarm(
    name,
    {
      name: alarmName(args.rollout, args.stage, args.row),
      alarmDescription: describe(args),
      namespace: metric.namespace,
      metricName: metric.name,
      ...(percentile ? { extendedStatistic: metric.statistic } : { statistic: metric.statistic }),
      period: milliseconds(metric.period) / 1_000,
      evaluationPeriods: datapoints.of,
      datapointsToAlarm: datapoints.breaching,
      comparisonOperator: operator,
      threshold: bound,
      treatMissingData: args.threshold.missingData,
      alarmActions: [args.onCallTopicArn, args.abortTopicArn],
      okActions: [args.onCallTopicArn],
    },
    opts,
  );
}

function boundOf({ threshold }: AbortThreshold): { operator: string; bound: number } {
  for (const [key, operator] of Object.entries(OPERATORS) as [keyof typeof OPERATORS, string][]) {
    const bound = threshold[key];
    if (bound !== undefined) return { operator, bound };
  }
  throw new RangeError("an abort threshold has no bound: config parsing lets none through");
}

/** What on-call reads first. CloudWatch takes 1,024 characters. */
function describe({ rollout, stage, row, threshold }: AbortAlarmArgs): string {
  return [`${rollout} ${stage} ${row}: ${threshold.title}.`, threshold.runbook && `${threshold.runbook}.`]
    .filter(Boolean)
    .join(" ")
    .slice(0, 1024);
}
