import {
  abortTopics,
  alarms,
  channelledTopics,
  channelTopics,
  countedLogs,
  dashboards,
  flags,
  functionRoles,
  functions,
  logs,
  mappings,
  ownTopics,
  probes,
  queues,
  rules,
  scheduleGroups,
  schedulerRoles,
  schedules,
  secrets,
  snapshots,
  telling,
  unnamed,
} from "./arns";
import { type Asked, CHANGES, each, type Grant, READS, REMOVES, type Role, SEEN, TAGS } from "./asked";

const PROMOTER: readonly Role[] = ["promote"];
const WITH_CHANNELS = "only where the rollout has channels";
/** Whoever compares what is deployed with the state. */
const READERS: readonly Role[] = ["drift", "promote"];

/** What one kind of resource takes to be read, and to be made, changed and removed. */
function resource(
  sid: string,
  on: Grant["on"],
  reads: Grant["actions"],
  writes: Grant["actions"],
): readonly Grant[] {
  return [
    { sid: `Read${sid}`, for: READERS, actions: reads, on },
    { sid: `Declare${sid}`, for: PROMOTER, actions: writes, on },
  ];
}

const allRoles = (asked: Asked) => [...new Set([...functionRoles(asked), ...schedulerRoles(asked)])];

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
  {
    sid: "ChangeSubscriptions",
    for: PROMOTER,
    actions: { ...each(CHANGES, "sns:SetSubscriptionAttributes"), ...each(REMOVES, "sns:Unsubscribe") },
    on: unnamed,
  },
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
  ...resource(
    "WhatFeedsChannels",
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
  ...resource(
    "Roles",
    allRoles,
    {
      ...each(READS, "iam:GetRole", "iam:GetRolePolicy"),
      ...each(TAGS, "iam:ListRoleTags"),
      ...each(READS, "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"),
    },
    {
      ...each(SEEN, "iam:PutRolePolicy"),
      ...each(CHANGES, "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription"),
      ...each(REMOVES, "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:ListInstanceProfilesForRole"),
      ...each(TAGS, "iam:TagRole", "iam:UntagRole"),
    },
  ),
  {
    sid: "MakeRoles",
    for: PROMOTER,
    actions: each(SEEN, "iam:CreateRole"),
    on: allRoles,
    when: ({ boundary }) =>
      boundary ? { StringEquals: { "iam:PermissionsBoundary": boundary } } : undefined,
  },
  {
    sid: "HandRolesToFunctions",
    for: PROMOTER,
    actions: each(SEEN, "iam:PassRole"),
    on: functionRoles,
    when: () => ({ StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } }),
  },
  {
    sid: "HandRolesToSchedules",
    for: PROMOTER,
    actions: each(SEEN, "iam:PassRole"),
    on: schedulerRoles,
    when: () => ({ StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } }),
  },
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
  ),
  ...resource("Schedules", schedules, each(READS, "scheduler:GetSchedule"), {
    ...each(SEEN, "scheduler:CreateSchedule"),
    ...each(CHANGES, "scheduler:UpdateSchedule"),
    ...each(REMOVES, "scheduler:DeleteSchedule"),
  }),
  ...resource(
    "Reminders",
    scheduleGroups,
    { ...each(READS, "scheduler:GetScheduleGroup"), ...each(TAGS, "scheduler:ListTagsForResource") },
    {
      ...each("only where a row asks for a decision", "scheduler:CreateScheduleGroup"),
      ...each(REMOVES, "scheduler:DeleteScheduleGroup"),
      ...each(TAGS, "scheduler:TagResource", "scheduler:UntagResource"),
    },
  ),
  ...resource(
    "Secrets",
    secrets,
    {
      ...each(
        READS,
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetResourcePolicy",
        "secretsmanager:GetSecretValue",
      ),
    },
    {
      ...each(SEEN, "secretsmanager:CreateSecret", "secretsmanager:PutSecretValue"),
      ...each(CHANGES, "secretsmanager:UpdateSecret", "secretsmanager:UpdateSecretVersionStage"),
      ...each(REMOVES, "secretsmanager:DeleteSecret"),
      ...each(TAGS, "secretsmanager:TagResource", "secretsmanager:UntagResource"),
    },
  ),
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
  ),
];
