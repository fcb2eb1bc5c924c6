import { placeIn } from "../../src/aws/arn";
import { type FlagStoreIds, PREDEFINED_STRATEGY } from "../../src/flags/appConfigStore";
import type { EcsService } from "../../src/flags/restart";
import { allow, passedTo, policyOf } from "./statement";

/** Lambda alone takes the role. */
export const ASSUME_ROLE = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

/**
 * Only the stage's own alarms may publish, its drill's among them: any other message could bring the flags down. To
 * allow them alone would not do, since within an account any identity policy may allow as much; so everyone else is
 * denied. Where a person or another service publishes, `aws:SourceArn` is another or not there, and either way it is
 * "not equal". Nothing but publishing is denied: the topic's owner goes on managing it.
 */
export function topicPolicyOf(topicArn: string, alarms: readonly string[]): string {
  const { partition, region, account } = placeIn(topicArn);
  const own = [...alarms]
    .sort()
    .map((alarm) => `arn:${partition}:cloudwatch:${region}:${account}:alarm:${alarm}`);
  const publish = { Action: "sns:Publish", Resource: topicArn };
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "AlarmsOfThisStage",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        ...publish,
        Condition: {
          StringEquals: { "aws:SourceAccount": account },
          ArnEquals: { "aws:SourceArn": own },
        },
      },
      {
        Sid: "NobodyElse",
        Effect: "Deny",
        Principal: "*",
        ...publish,
        Condition: { ArnNotEquals: { "aws:SourceArn": own } },
      },
    ],
  });
}

/** Topics put messages into a queue: what they could not deliver, or what somebody takes from there. */
export function queuePolicyOf(queueArn: string, topicArn: string | readonly string[]): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "FromTopics",
        Effect: "Allow",
        Principal: { Service: "sns.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queueArn,
        Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
      },
    ],
  });
}

/** What an abort calls, on what it calls it on. A number at the end of an ARN is not known beforehand. */
export function rolePolicyOf(on: {
  readonly store: FlagStoreIds;
  readonly topics: readonly string[];
  /** Tells partition, region and account. */
  readonly topicArn: string;
  readonly deadLetterQueueArn: string;
  readonly logsArn: string;
  readonly restart: readonly EcsService[];
  /** Names of queues by which deliveries are called. */
  readonly deliveries?: readonly string[] | undefined;
  /** The log group of pages, and of what was decided about them. */
  readonly decisionsArn: string;
  /** Where some row asks for a decision: the group of its reminders, and their role. */
  readonly reminders?: { readonly group: string; readonly roleArn: string } | undefined;
}): string {
  const { partition, region, account } = placeIn(on.topicArn);
  const { applicationId, environmentId, profileId, strategyId } = on.store;
  const appconfig = (path: string) => `arn:${partition}:appconfig:${region}:${account}:${path}`;
  const application = appconfig(`application/${applicationId}`);
  const environment = `${application}/environment/${environmentId}`;
  const profile = `${application}/configurationprofile/${profileId}`;
  const deployments = `${environment}/deployment/*`;
  const versions = `${profile}/hostedconfigurationversion/*`;
  return JSON.stringify(
    policyOf([
      allow("SeeDeployments", ["appconfig:ListDeployments"], [application, environment]),
      allow(
        "StopDeployments",
        ["appconfig:GetDeployment", "appconfig:StopDeployment"],
        [application, environment, deployments],
      ),
      allow(
        "KeepVersions",
        [
          "appconfig:CreateHostedConfigurationVersion",
          "appconfig:GetConfigurationProfile",
          "appconfig:GetHostedConfigurationVersion",
          "appconfig:ListHostedConfigurationVersions",
        ],
        [application, profile, versions],
      ),
      allow(
        "StartDeployments",
        ["appconfig:StartDeployment"],
        [
          application,
          environment,
          profile,
          deployments,
          versions,
          appconfig(`deploymentstrategy/${strategyId}`),
          appconfig(`deploymentstrategy/${PREDEFINED_STRATEGY}`),
        ],
      ),
      allow("TellPeople", ["sns:Publish"], [...on.topics].sort()),
      // Metrics are no resources: AWS takes no narrower one.
      allow("KnowHowLongItTakes", ["cloudwatch:GetMetricStatistics"], ["*"]),
      ...(on.deliveries && on.deliveries.length > 0
        ? [
            allow(
              "CallDeliveries",
              ["sqs:GetQueueUrl", "sqs:SendMessage"],
              on.deliveries.map((queue) => `arn:${partition}:sqs:${region}:${account}:${queue}`).sort(),
            ),
          ]
        : []),
      ...(on.restart.length > 0
        ? [
            allow(
              "RestartServers",
              ["ecs:UpdateService"],
              on.restart.map(
                ({ cluster, service }) =>
                  `arn:${partition}:ecs:${region}:${account}:service/${cluster}/${service}`,
              ),
            ),
          ]
        : []),
      ...(on.reminders
        ? [
            allow(
              "Remind",
              ["scheduler:CreateSchedule"],
              [`arn:${partition}:scheduler:${region}:${account}:schedule/${on.reminders.group}/*`],
            ),
            allow("RemindAs", ["iam:PassRole"], [on.reminders.roleArn], passedTo("scheduler.amazonaws.com")),
          ]
        : []),
      allow(
        "KnowWhatWasDecided",
        ["logs:CreateLogStream", ...(on.reminders ? ["logs:DescribeLogStreams"] : []), "logs:PutLogEvents"],
        [on.decisionsArn, `${on.decisionsArn}:*`],
      ),
      allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], [`${on.logsArn}:*`]),
      allow("KeepWhatFailed", ["sqs:SendMessage"], [on.deadLetterQueueArn]),
    ]),
  );
}
