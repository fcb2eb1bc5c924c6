import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { alarmName } from "../src/aws/names";
import type { AbortThreshold } from "../src/rollout/config/abortRow";
import { alarmOn } from "../src/rollout/signal";

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

/** The alarm of one abort row: on-call paged both ways. */
export function abortAlarm(
  name: string,
  args: AbortAlarmArgs,
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.MetricAlarm {
  return new aws.cloudwatch.MetricAlarm(
    name,
    {
      name: alarmName(args.rollout, args.stage, args.row),
      alarmDescription: describe(args),
      ...alarmOn(args.threshold),
      alarmActions: [args.onCallTopicArn, args.abortTopicArn],
      okActions: [args.onCallTopicArn],
    },
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
