import { arnOf, type Cases } from "./case";

const TOPIC = "aws:sns/topic:Topic";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const GROUP = "aws:cloudwatch/logGroup:LogGroup";

const policy = (resource: string, sid: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: sid,
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: resource,
      },
    ],
  });

const part = (id: string, metricName: string) => ({
  id,
  metric: { namespace: "ops-view", metricName, period: 60, stat: "Sum", dimensions: { stage: "stageB" } },
  returnData: false,
});
const RATIO = [
  part("errors", "errors.write"),
  part("requests", "requests.write"),
  { id: "value", expression: "100 * errors / requests", returnData: true },
];

export const signals: Cases = {
  [TOPIC]: () => ({
    inputs: { displayName: "On-call", tags: { team: "ops" } },
    updates: [{ displayName: "Stakeholders" }, { tags: {} }, { kmsMasterKeyId: "alias/x" }],
    replaces: { name: "other", fifoTopic: true },
  }),

  "aws:sns/topicSubscription:TopicSubscription": async (world) => {
    const queue = await world.has("aws:sqs/queue:Queue", {});
    return {
      inputs: { topic: arnOf(await world.has(TOPIC, {})), protocol: "sqs", endpoint: arnOf(queue) },
      updates: [{ rawMessageDelivery: true }, { filterPolicy: '{"stage":["stageB"]}' }],
      replaces: { topic: "arn:other", protocol: "email", endpoint: "a@example.com" },
    };
  },

  "aws:sns/topicPolicy:TopicPolicy": async (world) => {
    const arn = arnOf(await world.has(TOPIC, {}));
    return {
      inputs: { arn, policy: policy(arn, "one") },
      updates: [{ policy: policy(arn, "two") }],
      replaces: { arn: "arn:other" },
      stays: true,
    };
  },

  [ALARM]: async (world) => ({
    inputs: {
      alarmDescription: "XB1",
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      namespace: "ops-view",
      metricName: "errors.write",
      dimensions: { stage: "stageB" },
      period: 10,
      statistic: "Sum",
      treatMissingData: "notBreaching",
      alarmActions: [arnOf(await world.has(TOPIC, {}))],
      tags: { row: "XB1" },
    },
    updates: [
      { threshold: 2 },
      { treatMissingData: "breaching", actionsEnabled: false },
      { statistic: undefined, extendedStatistic: "p95" },
      { alarmActions: [], okActions: ["arn:aws:sns:us-east-1:000000000000:x"] },
      { dimensions: undefined },
      { tags: { row: "XB2" } },
      {
        ...{ namespace: undefined, metricName: undefined, period: undefined, extendedStatistic: undefined },
        metricQueries: RATIO,
      },
    ],
    replaces: { name: "other" },
  }),

  "aws:cloudwatch/compositeAlarm:CompositeAlarm": async (world) => {
    const watched = {
      ...{ comparisonOperator: "GreaterThanThreshold", threshold: 1, evaluationPeriods: 1 },
      ...{ namespace: "ops-view", metricName: "lag", period: 60, statistic: "Maximum" },
    };
    // An alarm that is not there is nothing to follow.
    const named = (name: string) => world.has(ALARM, { ...watched, name });
    const [lag, other] = [await named("ops-view-lag"), await named("ops-view-other")];
    return {
      inputs: {
        alarmName: "ops-view-stageA-XA9",
        alarmDescription: "XA9",
        alarmRule: `ALARM("${lag.id}")`,
        alarmActions: [arnOf(await world.has(TOPIC, {}))],
        tags: { row: "XA9" },
      },
      updates: [
        { alarmRule: `ALARM("${other.id}")` },
        { alarmDescription: "XA10" },
        { alarmActions: [], okActions: ["arn:aws:sns:us-east-1:000000000000:x"] },
        { tags: { row: "XA10" } },
      ],
      replaces: { alarmName: "other", actionsEnabled: false },
    };
  },

  "aws:cloudwatch/dashboard:Dashboard": () => ({
    inputs: { dashboardName: "ops-view", dashboardBody: '{"widgets": []}' },
    updates: [{ dashboardBody: '{"widgets":[{"type":"text","properties":{"markdown":"x"}}]}' }],
    replaces: { dashboardName: "other" },
  }),

  [GROUP]: () => ({
    inputs: { retentionInDays: 14, tags: { a: "b" } },
    updates: [{ retentionInDays: 30 }, { retentionInDays: undefined }, { tags: undefined }],
    replaces: { name: "other", logGroupClass: "INFREQUENT_ACCESS" },
  }),

  "aws:cloudwatch/logMetricFilter:LogMetricFilter": async (world) => ({
    inputs: {
      logGroupName: (await world.has(GROUP, {})).id,
      pattern: "{ $.status >= 500 }",
      metricTransformation: { name: "errors", namespace: "ops-view", value: "1", defaultValue: "0" },
    },
    updates: [
      { pattern: "" },
      { metricTransformation: { name: "other", namespace: "ops-view", value: "$.n" } },
    ],
    replaces: { name: "other", logGroupName: "other" },
    importId: ({ id, state }) => `${state.logGroupName}:${id}`,
  }),
};
