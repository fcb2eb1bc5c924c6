import {
  abortTopics,
  alarms,
  channelledTopics,
  countedLogs,
  dashboards,
  flags,
  functions,
  logs,
  ownTopics,
  probes,
  queues,
  rules,
  scheduleGroups,
  schedules,
  secrets,
  snapshots,
  unnamed,
} from "./arns";
import { CHANGES, each, type Grant, READS, REMOVES, SEEN, TAGS } from "./asked";
import { channelTopics, delivering, mappings, telling } from "./outside";
import { OF_STAGES, PROMOTER, RETIRING, resource } from "./resource";
import { ROLE_GRANTS } from "./roles";

const WITH_CHANNELS = "only where the rollout has channels";
const WITH_DELIVERIES = "only where the rollout has deliveries";
/** What `pulumi up` of a rollout's stacks declares. */
export const DECLARING: readonly Grant[] = [
  ...resource(
    "TheFlagStore",
    flags,
    {
      ...each(
        READS,
        "appconfig:GetApplication",
        "appconfig:GetEnvironment",
        "appconfig:GetConfigurationProfile",
      ),
      ...each(READS, "appconfig:GetDeploymentStrategy"),
      ...each(TAGS, "appconfig:ListTagsForResource"),
    },
    {
      ...each(SEEN, "appconfig:CreateConfigurationProfile", "appconfig:CreateEnvironment"),
      ...each(CHANGES, "appconfig:UpdateApplication", "appconfig:UpdateEnvironment"),
      ...each(CHANGES, "appconfig:UpdateConfigurationProfile", "appconfig:UpdateDeploymentStrategy"),
      ...each(TAGS, "appconfig:TagResource", "appconfig:UntagResource"),
    },
  ),
  {
    sid: "MakeRoomForVersions",
    for: PROMOTER,
    actions: each(
      "only where the flag document has many versions",
      "appconfig:DeleteHostedConfigurationVersion",
    ),
    on: flags,
  },
  {
    sid: "TakeTheFlagStoreAway",
    for: RETIRING,
    actions: each(
      SEEN,
      "appconfig:DeleteApplication",
      "appconfig:DeleteConfigurationProfile",
      "appconfig:DeleteDeploymentStrategy",
      "appconfig:DeleteEnvironment",
      "appconfig:DeleteHostedConfigurationVersion",
      "appconfig:ListHostedConfigurationVersions",
    ),
    on: flags,
  },
  {
    // What lets a topic or a queue be told is taken off it before it is deleted.
    sid: "TakePoliciesOffQueues",
    for: RETIRING,
    actions: each(SEEN, "sqs:SetQueueAttributes"),
    on: queues,
  },
  {
    sid: "TakePoliciesOffTopics",
    for: RETIRING,
    actions: each(
      "the AWS provider gives a topic its first policy back before it deletes it",
      "sns:SetTopicAttributes",
    ),
    on: (asked) => [...ownTopics(asked), ...channelTopics(asked)],
  },
  {
    sid: "MakeTheFlagStore",
    for: PROMOTER,
    actions: each(SEEN, "appconfig:CreateApplication", "appconfig:CreateDeploymentStrategy"),
    on: unnamed,
  },
  ...resource(
    "Topics",
    (asked) => [...ownTopics(asked), ...abortTopics(asked), ...channelTopics(asked)],
    { ...each(READS, "sns:GetTopicAttributes"), ...each(TAGS, "sns:ListTagsForResource") },
    {
      ...each(SEEN, "sns:CreateTopic", "sns:SetTopicAttributes", "sns:Subscribe"),
      ...each(REMOVES, "sns:DeleteTopic"),
      ...each(TAGS, "sns:TagResource", "sns:UntagResource"),
    },
  ),
  {
    sid: "SubscribeToExistingTopics",
    for: PROMOTER,
    actions: each(SEEN, "sns:Subscribe"),
    on: channelledTopics,
  },
  ...resource("Subscriptions", unnamed, each(READS, "sns:GetSubscriptionAttributes"), {
    ...each(CHANGES, "sns:SetSubscriptionAttributes"),
    ...each(REMOVES, "sns:Unsubscribe"),
  }),
  ...resource("Alarms", alarms, each(TAGS, "cloudwatch:ListTagsForResource"), {
    ...each(SEEN, "cloudwatch:PutMetricAlarm"),
    ...each("only where a row follows an alarm of others", "cloudwatch:PutCompositeAlarm"),
    ...each(REMOVES, "cloudwatch:DeleteAlarms"),
    ...each(TAGS, "cloudwatch:TagResource", "cloudwatch:UntagResource"),
  }),
  ...resource("Dashboards", dashboards, each(READS, "cloudwatch:GetDashboard"), {
    ...each(SEEN, "cloudwatch:PutDashboard"),
    ...each(REMOVES, "cloudwatch:DeleteDashboards"),
  }),
  ...resource("Logs", logs, each(TAGS, "logs:ListTagsForResource"), {
    ...each(SEEN, "logs:CreateLogGroup", "logs:PutRetentionPolicy"),
    ...each(CHANGES, "logs:DeleteRetentionPolicy"),
    ...each(REMOVES, "logs:DeleteLogGroup"),
    ...each(TAGS, "logs:TagResource", "logs:UntagResource"),
  }),
  {
    sid: "CountLinesOfLogs",
    for: PROMOTER,
    actions: each(
      "only where a row counts lines of a log",
      "logs:DeleteMetricFilter",
      "logs:PutMetricFilter",
    ),
    on: countedLogs,
  },
  ...resource("Queues", queues, each(TAGS, "sqs:ListQueueTags"), {
    ...each(SEEN, "sqs:CreateQueue", "sqs:SetQueueAttributes"),
    ...each(REMOVES, "sqs:DeleteQueue"),
    ...each(TAGS, "sqs:TagQueue", "sqs:UntagQueue"),
  }),
  ...resource(
    "Functions",
    functions,
    {
      ...each(READS, "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionConfiguration"),
      ...each(READS, "lambda:GetFunctionEventInvokeConfig", "lambda:ListVersionsByFunction"),
      ...each(TAGS, "lambda:ListTags"),
    },
    {
      ...each(SEEN, "lambda:AddPermission", "lambda:CreateFunction", "lambda:PutFunctionConcurrency"),
      ...each(CHANGES, "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"),
      ...each(CHANGES, "lambda:DeleteFunctionConcurrency"),
      ...each(REMOVES, "lambda:DeleteFunction", "lambda:RemovePermission"),
      ...each(TAGS, "lambda:TagResource", "lambda:UntagResource"),
    },
  ),
  {
    sid: "FeedChannels",
    for: PROMOTER,
    actions: each(WITH_CHANNELS, "lambda:CreateEventSourceMapping"),
    on: (asked) => (telling(asked).length > 0 ? unnamed() : []),
    when: (asked) => ({ ArnEquals: { "lambda:FunctionArn": String(telling(asked)[0]) } }),
  },
  {
    sid: "CallDelivery",
    for: PROMOTER,
    actions: each(WITH_DELIVERIES, "lambda:CreateEventSourceMapping"),
    on: (asked) => (delivering(asked).length > 0 ? unnamed() : []),
    when: (asked) => ({ ArnEquals: { "lambda:FunctionArn": String(delivering(asked)[0]) } }),
  },
  ...resource(
    "WhatFeedsFunctions",
    mappings,
    { ...each(READS, "lambda:GetEventSourceMapping"), ...each(TAGS, "lambda:ListTags") },
    {
      ...each(CHANGES, "lambda:UpdateEventSourceMapping"),
      ...each(REMOVES, "lambda:DeleteEventSourceMapping"),
      ...each(TAGS, "lambda:TagResource", "lambda:UntagResource"),
    },
  ),
  {
    sid: "RunTheProbe",
    for: PROMOTER,
    actions: {
      ...each(SEEN, "lambda:InvokeFunction", "lambda:PutFunctionEventInvokeConfig"),
      ...each(CHANGES, "lambda:UpdateFunctionEventInvokeConfig"),
      ...each(REMOVES, "lambda:DeleteFunctionEventInvokeConfig"),
    },
    on: probes,
  },
  ...ROLE_GRANTS,
  ...resource(
    "Rules",
    rules,
    {
      ...each(READS, "events:DescribeRule", "events:ListTargetsByRule"),
      ...each(TAGS, "events:ListTagsForResource"),
    },
    {
      ...each(SEEN, "events:PutRule", "events:PutTargets"),
      ...each(REMOVES, "events:DeleteRule", "events:RemoveTargets"),
      ...each(TAGS, "events:TagResource", "events:UntagResource"),
    },
    OF_STAGES,
  ),
  ...resource(
    "Schedules",
    schedules,
    each(READS, "scheduler:GetSchedule"),
    {
      ...each(SEEN, "scheduler:CreateSchedule"),
      ...each(CHANGES, "scheduler:UpdateSchedule"),
      ...each(REMOVES, "scheduler:DeleteSchedule"),
    },
    OF_STAGES,
  ),
  ...resource(
    "Reminders",
    scheduleGroups,
    { ...each(READS, "scheduler:GetScheduleGroup"), ...each(TAGS, "scheduler:ListTagsForResource") },
    {
      ...each("only where a row asks for a decision", "scheduler:CreateScheduleGroup"),
      ...each(REMOVES, "scheduler:DeleteScheduleGroup"),
      ...each(TAGS, "scheduler:TagResource", "scheduler:UntagResource"),
    },
    OF_STAGES,
  ),
  ...resource(
    "Secrets",
    secrets,
    each(READS, "secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"),
    {
      ...each(SEEN, "secretsmanager:CreateSecret", "secretsmanager:PutSecretValue"),
      ...each(CHANGES, "secretsmanager:UpdateSecret", "secretsmanager:UpdateSecretVersionStage"),
      ...each(REMOVES, "secretsmanager:DeleteSecret"),
      ...each(TAGS, "secretsmanager:TagResource", "secretsmanager:UntagResource"),
    },
  ),
  {
    sid: "ReadValuesOfSecrets",
    for: ["drift", "promote"],
    actions: each(READS, "secretsmanager:GetSecretValue"),
    on: secrets,
  },
  ...resource(
    "Snapshots",
    snapshots,
    {
      ...each(READS, "rds:DescribeDBClusterSnapshotAttributes", "rds:DescribeDBSnapshotAttributes"),
      ...each(TAGS, "rds:ListTagsForResource"),
    },
    {
      ...each(SEEN, "rds:CreateDBSnapshot"),
      ...each("only where the database is an Aurora cluster", "rds:CreateDBClusterSnapshot"),
      ...each(TAGS, "rds:AddTagsToResource", "rds:RemoveTagsFromResource"),
    },
    OF_STAGES,
  ),
];
