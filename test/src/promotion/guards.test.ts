import { describe, expect, test } from "vitest";
import type { Known } from "../../../src/aws/known";
import { listenersOf } from "../../../src/aws/topics";
import { codeDigest } from "../../../src/flags/acknowledged";
import type { LedgerEntry } from "../../../src/flags/ledger";
import { readGuards } from "../../../src/promotion/guards";
import { unarmed } from "../../../src/rollout/armed";
import type { AbortThreshold } from "../../../src/rollout/config/abortRow";
import type { Guarding } from "../../../src/rollout/guardFacts";
import { alarmOn } from "../../../src/rollout/signal";
import { entry, note, rollout } from "../../support/build";
import { json, pointAwsTo, standIn } from "../../support/standIn";
import { allowed, FUNCTION, row } from "../rollout/guards";

const ARN = "arn:aws:sns:eu-central-1:123456789012:";
const stage = { name: "stageB", abort: { XB1: row("Write5xx") } };
const LOGS = row("", {
  logs: { group: "/ecs/ops-view", pattern: "LOST", period: "1m" },
  metric: { namespace: "cutover/ops-view", name: "stageB-XL1", statistic: "Sum", period: "1m" },
} as Partial<AbortThreshold>);
const FILTER = {
  filterName: "ops-view-stageB-XB1",
  filterPattern: "LOST",
  logGroupName: "/ecs/ops-view",
  creationTime: 1,
  metricTransformations: [
    {
      metricNamespace: "cutover/ops-view",
      metricName: "stageB-XL1",
      metricValue: "1",
      defaultValue: 0,
      unit: "None",
    },
  ],
};
const standing: Guarding[] = [{ stage, standing: true, raised: true }];
const AT = {
  ...{ region: "eu-central-1", onCallArn: `${ARN}ops-view-on-call` },
  history: { ok: true, value: [] } as Known<readonly LedgerEntry[]>,
};

const {
  namespace,
  metricName,
  statistic,
  period,
  evaluationPeriods,
  threshold,
  comparisonOperator,
  treatMissingData,
} = alarmOn(row("Write5xx")) as unknown as Record<string, string>;
const ALARM = {
  AlarmName: "ops-view-stageB-XB1",
  ActionsEnabled: true,
  AlarmActions: [`${ARN}ops-view-on-call`, `${ARN}ops-view-stageB-abort`],
  ...{ Namespace: namespace, MetricName: metricName, Statistic: statistic, Period: period },
  ...{ EvaluationPeriods: evaluationPeriods, DatapointsToAlarm: 1, Threshold: threshold },
  ...{ ComparisonOperator: comparisonOperator, TreatMissingData: treatMissingData },
};

type Answers = Record<string, (input: Record<string, string>) => object | string>;

/** AWS as its own protocols answer: JSON by target, XML by action, and Lambda by path. */
async function aws(more: Answers = {}): Promise<readonly string[]> {
  const asked: string[] = [];
  const answers: Answers = {
    DescribeAlarms: () => ({ MetricAlarms: [ALARM] }),
    GetMetricData: () => ({
      MetricDataResults: [
        { Id: "m0", StatusCode: "Complete", Timestamps: [Date.now() / 1_000 - 60], Values: [3] },
      ],
    }),
    ListMetrics: () => ({ Metrics: [] }),
    ListSubscriptionsByTopic: ({ TopicArn = "" }) =>
      TopicArn.endsWith("on-call")
        ? subscriptions(["https", "https://pager.example/key", `${TopicArn}:1`])
        : subscriptions(["lambda", FUNCTION, `${TopicArn}:2`]),
    GetSubscriptionAttributes: () => attributes("{}"),
    GetTopicAttributes: () => topic({}),
    GetFunction: () => ({
      Configuration: { FunctionArn: FUNCTION, State: "Active", LastUpdateStatus: "Successful" },
      Concurrency: { ReservedConcurrentExecutions: 5 },
    }),
    GetPolicy: () => ({
      Policy: JSON.stringify({ Statement: [allowed({}, `${ARN}ops-view-stageB-abort`)] }),
    }),
    DescribeMetricFilters: () => ({ metricFilters: [FILTER] }),
    GetQueueUrl: () => ({ QueueUrl: "http://queue.example/1/ops-view-stageB-abort-dlq" }),
    GetQueueAttributes: () => ({ Attributes: { ApproximateNumberOfMessages: "0" } }),
    ...more,
  };
  const { url } = await standIn(({ headers, path, body }, response) => {
    asked.push(path);
    const target = String(headers["x-amz-target"] ?? "").split(".")[1];
    const form = new URLSearchParams(target ? "" : body);
    const operation =
      target ??
      form.get("Action") ??
      (/\/functions\/[^/]+\/policy/.test(path)
        ? "GetPolicy"
        : path.includes("/functions/")
          ? "GetFunction"
          : "");
    const reply = answers[operation]?.(target ? JSON.parse(body) : Object.fromEntries(form)) ?? {};
    if (typeof reply === "string")
      return response
        .writeHead(reply.includes("<Error>") ? 400 : 200, { "content-type": "text/xml" })
        .end(reply);
    return json(response, reply, "__type" in reply ? 400 : 200);
  });
  pointAwsTo(url);
  return asked;
}

function subscriptions(...list: (readonly [protocol: string, endpoint: string, arn: string])[]): string {
  const members = list.map(
    ([protocol, endpoint, arn]) =>
      `<member><SubscriptionArn>${arn}</SubscriptionArn><Protocol>${protocol}</Protocol><Endpoint>${endpoint}</Endpoint></member>`,
  );
  return `<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>${members.join("")}</Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`;
}

const attributes = (policy: string) =>
  `<GetSubscriptionAttributesResponse><GetSubscriptionAttributesResult><Attributes><entry><key>FilterPolicy</key><value>${policy}</value></entry></Attributes></GetSubscriptionAttributesResult></GetSubscriptionAttributesResponse>`;

const NOT_FOUND = "<ErrorResponse><Error><Code>NotFound</Code><Message>no</Message></Error></ErrorResponse>";

/** What SNS says of a topic, with the policy that AWS makes with it unless another one is given. */
function topic(more: Readonly<Record<string, string>>): string {
  const made = {
    Effect: "Allow",
    Principal: { AWS: "*" },
    Action: ["SNS:Publish"],
    Resource: "*",
    Condition: { StringEquals: { "AWS:SourceOwner": "123456789012" } },
  };
  const entries = Object.entries({ Policy: JSON.stringify({ Statement: [made] }), ...more }).map(
    ([key, value]) => `<entry><key>${key}</key><value>${value.replaceAll('"', "&quot;")}</value></entry>`,
  );
  return `<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes>${entries.join("")}</Attributes></GetTopicAttributesResult></GetTopicAttributesResponse>`;
}
const DENIED = JSON.stringify({
  Statement: { Effect: "Deny", Principal: { Service: "cloudwatch.amazonaws.com" }, Action: "sns:Publish" },
});
/** Only one of the topics is so. */
const only = (end: string, more: Readonly<Record<string, string>>): Answers => ({
  GetTopicAttributes: ({ TopicArn = "" }) => topic(TopicArn.endsWith(end) ? more : {}),
});
const KEY = "arn:aws:kms:eu-central-1:123456789012:key/1";
const keyed = (end: string, KeyState: string, ...services: string[]): Answers => ({
  ...only(end, { KmsMasterKeyId: "alias/pagers" }),
  DescribeKey: () => ({ KeyMetadata: { KeyId: "1", Arn: KEY, KeyState, KeyManager: "CUSTOMER" } }),
  GetKeyPolicy: ({ KeyId }) => ({
    Policy: JSON.stringify({
      Statement: {
        Effect: "Allow",
        Principal: { AWS: "123456789012", Service: services },
        Action: "kms:*",
        Resource: KeyId === KEY ? "*" : "an alias names no key",
      },
    }),
  }),
});

const guarded = { ...rollout(), stages: [{ ...stage, messages: {} }] };
const said = async (history = AT.history) =>
  unarmed(guarded, standing, await readGuards(guarded, standing, { ...AT, history })).map(({ what }) => what);

describe("where nobody is subscribed in person, pages count as the ledger that was read tells them", () => {
  const CODE = "K7QM2-XWD9F";
  const lately = (ms: number) => new Date(Date.now() - ms).toISOString();
  const page = note({ kind: "page", digest: codeDigest(note(), CODE) });
  const listeners = listenersOf(AT.onCallArn, [
    { protocol: "sqs", endpoint: "arn:aws:sqs:eu-central-1:1:pager", confirmed: true, filtered: false },
  ]);
  const paged = entry(4, { completedAt: lately(600_000), note: page });
  const answered = entry(5, {
    completedAt: lately(300_000),
    carries: true,
    note: note({ kind: "acknowledge", code: CODE, listeners }),
  });
  const queue = (TopicArn: string) =>
    subscriptions(["sqs", "arn:aws:sqs:eu-central-1:1:pager", `${TopicArn}:1`]);

  test.each<[string, Known<readonly LedgerEntry[]>, RegExp | undefined]>([
    ["with an answer, a person is reached", { ok: true, value: [paged, answered] }, undefined],
    ["without one, none is", { ok: true, value: [paged] }, /nobody has acknowledged a page to it/],
    [
      "unread, it is not known",
      { ok: false, why: "access denied", remedy: "Give it" },
      /not known whether a page/,
    ],
  ])("%s; AppConfig is not asked once more", async (_, history, expected) => {
    const asked = await aws({
      ListSubscriptionsByTopic: ({ TopicArn = "" }) =>
        TopicArn.endsWith("on-call") ? queue(TopicArn) : subscriptions(["lambda", FUNCTION, `${TopicArn}:2`]),
    });
    const found = await said(history);
    if (expected) expect(found).toEqual([expect.stringMatching(expected)]);
    else expect(found).toEqual([]);
    expect(asked.filter((path) => path.startsWith("/applications"))).toEqual([]);
  });
});

describe("what AWS answers", () => {
  test("of guards that work arms them", async () => {
    await aws();
    expect(await said()).toEqual([]);
  });

  test("of a switch whose key admits alarms arms it, whoever named that key", async () => {
    await aws(keyed("abort", "Enabled", "cloudwatch.amazonaws.com"));
    expect(await said()).toEqual([]);
  });

  test("of a subscription that went while it was looked at leaves that one out", async () => {
    await aws({
      ListSubscriptionsByTopic: ({ TopicArn = "" }) =>
        TopicArn.endsWith("on-call")
          ? subscriptions(
              ["https", "https://gone.example/key", `${TopicArn}:0`],
              ["https", "https://pager.example/key", `${TopicArn}:1`],
            )
          : subscriptions(["lambda", FUNCTION, `${TopicArn}:2`]),
      GetSubscriptionAttributes: ({ SubscriptionArn = "" }) =>
        SubscriptionArn.endsWith(":0") ? NOT_FOUND : attributes("{}"),
    });
    expect(await said()).toEqual([]);
  });

  test.each<[string, Answers, RegExp]>([
    [
      "disabled actions",
      { DescribeAlarms: () => ({ MetricAlarms: [{ ...ALARM, ActionsEnabled: false }] }) },
      /actions of its alarm .* are disabled/,
    ],
    [
      "an alarm on a later page",
      {
        DescribeAlarms: ({ NextToken }) =>
          NextToken ? { MetricAlarms: [{ ...ALARM, Threshold: 7 }] } : { MetricAlarms: [], NextToken: "t" },
      },
      /threshold is 7, declared is 0/,
    ],
    ["no alarm", { DescribeAlarms: () => ({ MetricAlarms: [] }) }, /is not there/],
    [
      "no data, and no such metric",
      { GetMetricData: () => ({ MetricDataResults: [] }) },
      /has never had data/,
    ],
    [
      "no data of a metric with other dimensions",
      {
        GetMetricData: () => ({ MetricDataResults: [] }),
        ListMetrics: () => ({
          Metrics: [{ MetricName: "Write5xx", Dimensions: [{ Name: "Host", Value: "a" }] }],
        }),
      },
      /only with other dimensions than none/,
    ],
    [
      "data that it failed to gather",
      { GetMetricData: () => ({ MetricDataResults: [{ Id: "m0", StatusCode: "InternalError" }] }) },
      /not known whether OpsView Write5xx has data/,
    ],
    [
      "a pending subscription",
      {
        ListSubscriptionsByTopic: ({ TopicArn = "" }) =>
          TopicArn.endsWith("on-call")
            ? subscriptions(["email", "ada@example.com", "PendingConfirmation"])
            : subscriptions(["lambda", FUNCTION, `${TopicArn}:2`]),
      },
      /no subscription of ops-view-on-call is confirmed/,
    ],
    [
      "a deleted subscription",
      {
        ListSubscriptionsByTopic: ({ TopicArn = "" }) =>
          TopicArn.endsWith("on-call")
            ? subscriptions(["email", "ada@example.com", "Deleted"])
            : subscriptions(["lambda", FUNCTION, `${TopicArn}:2`]),
      },
      /has no subscription: nobody would be paged/,
    ],
    ...(
      [
        ["on-call:1", /every confirmed subscription of ops-view-on-call has a filter policy/],
        ["abort:2", /subscription of the function ops-view-stageB-abort has a filter policy/],
      ] as const
    ).map(([arn, what]): [string, Answers, RegExp] => [
      `a filter policy on ${arn}`,
      {
        GetSubscriptionAttributes: ({ SubscriptionArn = "" }) =>
          attributes(SubscriptionArn.endsWith(arn) ? '{"kind":["none"]}' : ""),
      },
      what,
    ]),
    [
      "no topic",
      {
        ListSubscriptionsByTopic: ({ TopicArn = "" }) =>
          TopicArn.endsWith("on-call") ? subscriptions(["sms", "+49", `${TopicArn}:1`]) : NOT_FOUND,
      },
      /the topic ops-view-stageB-abort is not there/,
    ],
    ...(
      [
        ["on-call", { Policy: DENIED }, /^the policy of \S+:ops-view-on-call denies CloudWatch to publish/],
        ["abort", { Policy: DENIED }, /^the policy of \S+-stageB-abort denies CloudWatch to publish/],
        ["on-call", { KmsMasterKeyId: "alias/aws/sns" }, /^the topic ops-view-on-call is .* AWS's own key/],
        [
          "abort",
          { KmsMasterKeyId: "alias/aws/sns" },
          /^the topic ops-view-stageB-abort is .* AWS's own key/,
        ],
      ] as const
    ).map(([end, more, what]): [string, Answers, RegExp] => [
      `${Object.keys(more)} on ${end}`,
      only(end, more),
      what,
    ]),
    [
      "a key that nobody declared, where functions page",
      keyed("on-call", "Enabled", "cloudwatch.amazonaws.com"),
      /on-call is encrypted with alias\/pagers, which is not the key that config names/,
    ],
    [
      "a key that does not admit alarms",
      keyed("abort", "Enabled", "events.amazonaws.com"),
      /the policy of \S+key\/1 does not admit CloudWatch, whose alarms would reach nobody$/,
    ],
    [
      "a key that is disabled",
      keyed("abort", "Disabled", "cloudwatch.amazonaws.com"),
      /the key \S+key\/1 is not enabled but Disabled/,
    ],
    [
      "a key that cannot be read",
      {
        ...keyed("abort", "Enabled"),
        DescribeKey: () => ({ __type: "AccessDeniedException", message: "no" }),
      },
      /not known whether the key of the topic ops-view-stageB-abort \(alias\/pagers\) admits CloudWatch/,
    ],
    [
      "topics' attributes that cannot be read",
      {
        GetTopicAttributes: ({ TopicArn = "" }) =>
          TopicArn.endsWith("abort")
            ? "<ErrorResponse><Error><Code>AuthorizationError</Code><Message>no</Message></Error></ErrorResponse>"
            : topic({}),
      },
      /not known whether the topic ops-view-stageB-abort takes what alarms tell it/,
    ],
    [
      "a concurrency of 0",
      {
        GetFunction: () => ({
          Configuration: { FunctionArn: FUNCTION, State: "Active", LastUpdateStatus: "Successful" },
          Concurrency: { ReservedConcurrentExecutions: 0 },
        }),
      },
      /reserved concurrency is 0/,
    ],
    [
      "a failed update",
      {
        GetFunction: () => ({
          Configuration: { FunctionArn: FUNCTION, State: "Active", LastUpdateStatus: "Failed" },
        }),
      },
      /last update .* is not successful but Failed/,
    ],
    [
      "no policy of the function",
      { GetPolicy: () => ({ __type: "ResourceNotFoundException", message: "no policy" }) },
      /topic ops-view-stageB-abort may not call its function/,
    ],
    [
      "a policy that may not be read",
      { GetPolicy: () => ({ __type: "AccessDeniedException", message: "no" }) },
      /not known whether the topic ops-view-stageB-abort may call its function: access denied/,
    ],
    [
      "messages nobody has read",
      {
        GetQueueAttributes: () => ({
          Attributes: { ApproximateNumberOfMessages: "1", ApproximateNumberOfMessagesNotVisible: "1" },
        }),
      },
      /2 messages lie in the dead-letter queue/,
    ],
    [
      "no queue",
      { GetQueueUrl: () => ({ __type: "com.amazonaws.sqs#QueueDoesNotExist", message: "no" }) },
      /dead-letter queue .* is not there/,
    ],
    [
      "refusals",
      { DescribeAlarms: () => ({ __type: "AccessDeniedException", message: "no" }) },
      /not known how its alarm .*: access denied/,
    ],
  ])("%s", async (_, more, what) => {
    await aws(more);
    expect(await said()).toEqual([expect.stringMatching(what)]);
  });
});

describe("of a row that counts lines", () => {
  const onLogs: Guarding[] = [
    { stage: { name: "stageB", abort: { XB1: LOGS } }, standing: true, raised: true },
  ];
  const filterFaults = async () =>
    unarmed(rollout(), onLogs, await readGuards(rollout(), onLogs, AT)).flatMap(({ what }) =>
      /metric filter|log group/.test(what) ? [what] : [],
    );
  const named = (filterName: string, more: object = {}) => ({ ...FILTER, filterName, ...more });

  test.each<[string, (input: Record<string, string>) => object, RegExp[]]>([
    ["its filter", () => ({ metricFilters: [FILTER] }), []],
    [
      "its filter on a later page",
      ({ nextToken }) =>
        nextToken
          ? { metricFilters: [FILTER] }
          : { metricFilters: [named("ops-view-stageB-XB10")], nextToken: "t" },
      [],
    ],
    ["another filter alone", () => ({ metricFilters: [named("ops-view-stageB-XB10")] }), [/is not there/]],
    [
      "its filter with another pattern",
      () => ({ metricFilters: [{ ...FILTER, filterPattern: "X" }] }),
      [/is not as declared: pattern is X, declared is LOST/],
    ],
    [
      "no group",
      () => ({ __type: "ResourceNotFoundException", message: "no group" }),
      [/the log group \/ecs\/ops-view is not there/],
    ],
    [
      "a refusal",
      () => ({ __type: "AccessDeniedException", message: "no" }),
      [/not known how .*: access denied/],
    ],
  ])("%s", async (_, DescribeMetricFilters, what) => {
    await aws({ DescribeMetricFilters });
    expect(await filterFaults()).toEqual(what.map((one) => expect.stringMatching(one)));
  });
});
