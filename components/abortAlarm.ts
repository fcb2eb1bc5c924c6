import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { alarmName } from "../src/aws/names";
import type { AbortThreshold } from "../src/rollout/config/abortRow";
import { type LineCount, lineCountOf } from "../src/rollout/lineCount";
import { alarmOn, follows } from "../src/rollout/signal";

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
  /** Runs before the alarm is made or changed, and keeps it from that where it throws. */
  readonly before?: pulumi.ResourceHook | undefined;
}

/** What stands for one abort row in the cloud. */
interface RowAlarm {
  /** What pages, and pulls the switch. */
  readonly alarm: aws.cloudwatch.MetricAlarm | aws.cloudwatch.CompositeAlarm;
  /** What counts the lines of a log, for a row that watches one. */
  readonly filter?: aws.cloudwatch.LogMetricFilter;
}

/**
 * The alarm of one abort row: on-call paged both ways. A row that names somebody else's alarm follows it with one of
 * ours, so that the other one's actions stay its owner's.
 */
export function abortAlarm(name: string, args: AbortAlarmArgs, opts: pulumi.CustomResourceOptions): RowAlarm {
  const { rollout, stage, row, threshold } = args;
  const common = {
    alarmDescription: describe(args),
    alarmActions: [args.onCallTopicArn, args.abortTopicArn],
    okActions: [args.onCallTopicArn],
  };
  const called = alarmName(rollout, stage, row);
  if (threshold.alarm !== undefined) {
    const args = { alarmName: called, ...follows(threshold.alarm), ...common };
    return { alarm: new aws.cloudwatch.CompositeAlarm(name, args, opts) };
  }
  const counted = lineCountOf(threshold);
  const filter = counted && lineFilter(name, called, counted, opts);
  const { before } = args;
  return {
    alarm: new aws.cloudwatch.MetricAlarm(
      name,
      { name: called, ...alarmOn(threshold), ...common },
      pulumi.mergeOptions(opts, {
        // What is waited for before the alarm is what the filter counts.
        ...(filter ? { dependsOn: filter } : {}),
        ...(before ? { hooks: { beforeCreate: [before], beforeUpdate: [before] } } : {}),
      }),
    ),
    ...(filter ? { filter } : {}),
  };
}

/** Counts the lines of a log that match. */
function lineFilter(
  name: string,
  called: string,
  { group, pattern, to }: LineCount,
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.LogMetricFilter {
  return new aws.cloudwatch.LogMetricFilter(
    `${name}-lines`,
    { name: called, logGroupName: group, pattern, metricTransformation: to },
    opts,
  );
}

/** What on-call reads first. CloudWatch takes 1,024 characters. */
function describe({ rollout, stage, row, threshold }: AbortAlarmArgs): string {
  return [`${rollout} ${stage} ${row}: ${threshold.title}.`, threshold.runbook && `${threshold.runbook}.`]
    .filter(Boolean)
    .join(" ")
    .slice(0, 1024);
}
