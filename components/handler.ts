import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { CODE_FILE, CONFIG_FILE, configFile, HANDLER } from "../src/lambda/bundle";
import { functionFile } from "../src/lambda/functions";
import { RUNTIME } from "../src/lambda/runtime";
import type { ProbeVpc } from "../src/rollout/config/probe";

/** What every function of a stage runs on. */
export const HANDLER_RUNTIME = {
  runtime: RUNTIME.name,
  architectures: ["arm64"],
  handler: HANDLER,
};

/** How long a function's log is kept. */
const LOG_DAYS = 90;
/** How long what a function was given in vain waits for somebody, in s: the longest that SQS has. */
const DEAD_LETTER_SECONDS = 14 * 86_400;

/** With Amazon's own authorities, RDS's among them: since Node 20, Lambda no longer loads them by itself. */
const AMAZON_AUTHORITIES = { NODE_EXTRA_CA_CERTS: "/var/runtime/ca-cert.pem" };

/** What a function needs to reach a database: whom it trusts, and the network that it is reached from. */
export function reaching(
  database: { readonly ssl: string } | undefined,
  vpc: ProbeVpc | undefined,
): Pick<aws.lambda.FunctionArgs, "environment" | "vpcConfig"> {
  return {
    ...(database?.ssl === "verify-full" ? { environment: { variables: AMAZON_AUTHORITIES } } : {}),
    ...(vpc ? { vpcConfig: { subnetIds: vpc.subnetIds, securityGroupIds: vpc.securityGroupIds } } : {}),
  };
}

/** The log of a function, as Lambda names it: declared, so that it is kept for a stated time. */
export function functionLogs(
  name: string,
  functionName: string,
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.LogGroup {
  return new aws.cloudwatch.LogGroup(
    `${name}-logs`,
    { name: `/aws/lambda/${functionName}`, retentionInDays: LOG_DAYS },
    opts,
  );
}

/** Where what a function was given in vain waits for somebody. */
export function declareDeadLetterQueue(
  name: string,
  queueName: string,
  opts: pulumi.CustomResourceOptions,
): aws.sqs.Queue {
  return new aws.sqs.Queue(
    `${name}-dlq`,
    { name: queueName, messageRetentionSeconds: DEAD_LETTER_SECONDS },
    opts,
  );
}

/** A function's code, with its configuration beside it. */
export function handlerCode(
  of: Parameters<typeof functionFile>[0],
  config: pulumi.Input<object>,
): pulumi.Output<pulumi.asset.AssetArchive> {
  return pulumi.all([functionFile(of), config]).apply(
    ([file, plain]) =>
      new pulumi.asset.AssetArchive({
        [CODE_FILE]: new pulumi.asset.FileAsset(file),
        [CONFIG_FILE]: new pulumi.asset.StringAsset(configFile(plain)),
      }),
  );
}

const MINUTE_S = 60;

/** What an alarm on a function watches, and what it says. */
export type Watched = Required<Pick<aws.cloudwatch.MetricAlarmArgs, "name" | "alarmDescription">> &
  Pick<
    aws.cloudwatch.MetricAlarmArgs,
    "namespace" | "metricName" | "dimensions" | "statistic" | "treatMissingData" | "metricQueries"
  >;

/**
 * Pages on-call within a minute of anything above zero: a function that fails in silence is worse than none.
 *
 * @param above what else it may be, and for how many minutes in a row it has to be above that. Default: 0, for 1 minute
 */
export function watchAlarm(
  resourceName: string,
  watched: Watched,
  onCallTopicArn: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
  { threshold = 0, minutes = 1 }: { readonly threshold?: number; readonly minutes?: number } = {},
): aws.cloudwatch.MetricAlarm {
  return new aws.cloudwatch.MetricAlarm(
    resourceName,
    {
      treatMissingData: "notBreaching",
      ...watched,
      // Each metric of a calculation says its own.
      ...(watched.metricQueries === undefined ? { period: MINUTE_S } : {}),
      evaluationPeriods: minutes,
      datapointsToAlarm: minutes,
      comparisonOperator: "GreaterThanThreshold",
      threshold,
      alarmActions: [onCallTopicArn],
      okActions: [onCallTopicArn],
    },
    opts,
  );
}

/** A function's failed runs. */
export function errorsOf(fn: aws.lambda.Function) {
  return {
    namespace: "AWS/Lambda",
    metricName: "Errors",
    dimensions: { FunctionName: fn.name },
    statistic: "Sum",
  };
}

/** What was given up on, and lies in a dead-letter queue. */
export function messagesIn(queue: aws.sqs.Queue) {
  return {
    namespace: "AWS/SQS",
    metricName: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName: queue.name },
    statistic: "Maximum",
  };
}

/**
 * What a queue holds, also what is being worked on or waits to be tried again: over a minute at least 1 on average where it
 * was never empty. In its place the age of the oldest message would say nothing: SQS leaves out of it what was received three
 * times.
 */
export function allMessagesIn(queue: aws.sqs.Queue) {
  const of = (id: string, metricName: string) => ({
    id,
    returnData: false,
    metric: {
      ...{ namespace: "AWS/SQS", metricName, stat: "Average", period: MINUTE_S },
      dimensions: { QueueName: queue.name },
    },
  });
  return {
    metricQueries: [
      of("waiting", "ApproximateNumberOfMessagesVisible"),
      of("taken", "ApproximateNumberOfMessagesNotVisible"),
      { id: "held", expression: "waiting + taken", label: "Messages", returnData: true },
    ],
  };
}
