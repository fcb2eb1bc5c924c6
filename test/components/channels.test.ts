import { beforeAll, describe, expect, test } from "vitest";
import { Channels } from "../../components/channels";
import { channelsPolicyOf } from "../../components/permissions/channels";
import { channelMap } from "../../src/channels/registry";
import type { ChannelsSettings } from "../../src/lambda/channelsSettings";
import { awsOutputs } from "./aws";
import { type Declared, declare, filesOf } from "./engine";

const AT = "eu-central-1:123456789012";
const TOPICS = {
  onCall: `arn:aws:sns:${AT}:search-on-call`,
  ops: `arn:aws:sns:${AT}:search-ops`,
  stakeholders: `arn:aws:sns:${AT}:search-stakeholders`,
};

let declared: Declared;
beforeAll(async () => {
  declared = await declare(() => {
    new Channels("search-channels", {
      ...{ rollout: "search", region: "eu-central-1", topics: TOPICS },
      channels: channelMap.parse({
        pager: { kind: "pagerduty", topics: ["onCall"], secret: "search/pagerduty" },
        teams: { kind: "amazonQ", topics: ["ops", "stakeholders"] },
      }),
    });
    return {};
  }, awsOutputs);
});

test("declares exactly these resources", () => {
  expect([...declared.labels].sort()).toEqual(
    [
      "Channels search-channels",
      "Function search-channels",
      "Role search-channels",
      "RolePolicy search-channels",
      "LogGroup search-channels-logs",
      "LogGroup search-channels-sent",
      "MetricAlarm search-channels-errors",
      ...["pager", "teams"].flatMap((name) => [
        `Queue search-channels-${name}`,
        `Queue search-channels-${name}-dlq`,
        `QueuePolicy search-channels-${name}`,
        `EventSourceMapping search-channels-${name}`,
        `MetricAlarm search-channels-${name}-stuck`,
        `MetricAlarm search-channels-${name}-dlq`,
      ]),
      "TopicSubscription search-channels-pager-onCall",
      "TopicSubscription search-channels-teams-ops",
      "TopicSubscription search-channels-teams-stakeholders",
      "Topic search-channels-teams",
    ].sort(),
  );
});

describe("an existing topic for two uses", () => {
  const pagers = `arn:aws:sns:${AT}:pagers`;
  const chat = (topics: readonly string[]) =>
    declare(() => {
      new Channels("search-channels", {
        ...{ rollout: "search", region: "eu-central-1", topics: { ...TOPICS, onCall: pagers, ops: pagers } },
        existing: { onCall: pagers, ops: pagers },
        channels: channelMap.parse({ chat: { kind: "slack", topics, secret: "search/slack" } }),
      });
      return {};
    }, awsOutputs);
  const subscriptions = ({ labels }: Declared) =>
    [...labels].filter((label) => label.startsWith("TopicSubscription"));

  // SNS answers a second Subscribe with the first's ARN, and whoever deletes either unsubscribes both.
  test("is subscribed once, and stays so under that name where a use is taken out", async () => {
    const both = await chat(["onCall", "ops", "stakeholders"]);
    expect(subscriptions(both).sort()).toEqual([
      "TopicSubscription search-channels-chat-stakeholders",
      "TopicSubscription search-channels-chat-topic-pagers",
    ]);
    for (const one of ["onCall", "ops"])
      expect(subscriptions(await chat([one]))).toEqual([
        "TopicSubscription search-channels-chat-topic-pagers",
      ]);
    expect(both.one("TopicSubscription search-channels-chat-topic-pagers").inputs).toMatchObject({
      topic: pagers,
    });
    const policy = JSON.parse(String(both.one("QueuePolicy search-channels-chat").inputs.policy));
    expect(policy.Statement[0].Condition.ArnEquals["aws:SourceArn"]).toEqual([pagers, TOPICS.stakeholders]);
  });
});

test("each channel waits in a queue of its own, which holds up nobody else", () => {
  const { inputs } = declared.one("Queue search-channels-pager");
  expect(inputs).toMatchObject({ name: "search-pager-channel", visibilityTimeoutSeconds: 180 });
  expect(JSON.parse(String(inputs.redrivePolicy))).toEqual({
    deadLetterTargetArn: `arn:aws:sqs:${AT}:search-pager-channel-dlq`,
    maxReceiveCount: 80,
  });
  expect(declared.one("EventSourceMapping search-channels-pager").inputs).toEqual({
    eventSourceArn: `arn:aws:sqs:${AT}:search-pager-channel`,
    functionName: `arn:aws:lambda:${AT}:function:search-channels`,
    batchSize: 1,
    functionResponseTypes: ["ReportBatchItemFailures"],
    scalingConfig: { maximumConcurrency: 2 },
  });
});

test("its topics alone may put messages there", () => {
  const policy = JSON.parse(String(declared.one("QueuePolicy search-channels-teams").inputs.policy));
  expect(policy.Statement).toEqual([
    expect.objectContaining({
      Action: "sqs:SendMessage",
      Resource: `arn:aws:sqs:${AT}:search-teams-channel`,
      Condition: { ArnEquals: { "aws:SourceArn": [TOPICS.ops, TOPICS.stakeholders] } },
    }),
  ]);
});

test("the function may read its own keys, publish to its own topics, and no others", () => {
  const policy = JSON.parse(String(declared.one("RolePolicy search-channels").inputs.policy)) as {
    Statement: { Sid: string; Resource: string[] }[];
  };
  const on = Object.fromEntries(policy.Statement.map(({ Sid, Resource }) => [Sid, Resource]));
  expect(on.ReadKeys).toEqual([`arn:aws:secretsmanager:${AT}:secret:search/pagerduty-??????`]);
  expect(on.TellByTopic).toEqual([`arn:aws:sns:${AT}:search-teams-channel`]);
  expect(on.KeepWhatIsRefused).toEqual(
    ["pager", "teams"].map((name) => `arn:aws:sqs:${AT}:search-${name}-channel-dlq`),
  );
});

test("it knows its channels by their queues", async () => {
  const files = await filesOf(declared.one("Function search-channels"));
  const settings = JSON.parse(files["config.json"] ?? "") as ChannelsSettings;
  expect(settings.channels.map(({ name, queueArn, topicArn }) => [name, queueArn, topicArn])).toEqual([
    ["pager", `arn:aws:sqs:${AT}:search-pager-channel`, undefined],
    ["teams", `arn:aws:sqs:${AT}:search-teams-channel`, `arn:aws:sns:${AT}:search-teams-channel`],
  ]);
});

test("a channel that is stuck for five minutes, or refuses a message, is told to on-call", () => {
  const stuck = declared.one("MetricAlarm search-channels-pager-stuck").inputs;
  expect(stuck).toMatchObject({
    ...{ metricName: "ApproximateNumberOfMessagesNotVisible", statistic: "Minimum" },
    ...{ period: 60, evaluationPeriods: 5, datapointsToAlarm: 5, threshold: 0 },
    alarmActions: [TOPICS.onCall],
  });
  expect(declared.one("MetricAlarm search-channels-pager-dlq").inputs).toMatchObject({
    ...{ metricName: "ApproximateNumberOfMessagesVisible", evaluationPeriods: 1 },
    dimensions: { QueueName: "search-pager-channel-dlq" },
  });
});

test("its function decrypts these secrets whatever key encrypts them, and by way of Secrets Manager alone", () => {
  const policy = JSON.parse(
    channelsPolicyOf({
      ...{ queues: [], deadLetterQueues: [], topics: [], secrets: ["search/pagerduty", "search/pagerduty"] },
      sentArn: `arn:aws-cn:logs:cn-north-1:123456789012:log-group:x`,
      logsArn: "l",
    }),
  ) as { Statement: { Sid: string }[] };
  expect(policy.Statement.find(({ Sid }) => Sid === "DecryptKeys")).toEqual({
    Sid: "DecryptKeys",
    Effect: "Allow",
    Action: ["kms:Decrypt"],
    Resource: ["arn:aws-cn:kms:cn-north-1:123456789012:key/*"],
    Condition: {
      StringEquals: { "kms:ViaService": "secretsmanager.cn-north-1.amazonaws.com.cn" },
      ArnLike: {
        "kms:EncryptionContext:SecretARN": [
          "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:search/pagerduty-??????",
        ],
      },
    },
  });
});
