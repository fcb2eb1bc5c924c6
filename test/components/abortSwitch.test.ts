import { beforeAll, describe, expect, test } from "vitest";
import { AbortSwitch, type AbortSwitchArgs } from "../../components/abortSwitch";
import { rolePolicyOf } from "../../components/permissions/abortSwitch";
import { abortRows, drillRow } from "../../src/abort/abortRows";
import type { AbortConfig, AbortRow } from "../../src/abort/switchConfig";
import { switchName } from "../../src/aws/names";
import { withSignals } from "../../src/rollout/config/signal";
import { stageConfig } from "../../src/rollout/config/stackFile";
import { flags, rollout, stageB } from "../support/build";
import { awsOutputs } from "./aws";
import { type Declared, declare, filesOf, type State } from "./engine";

const AT = "eu-central-1:123456789012";
const TOPIC = `arn:aws:sns:${AT}:ops-view-stageB-abort`;
const alarms: Record<string, AbortRow> = {
  "ops-view-stageB-XB1": { row: "XB1", title: "Writes fail", action: "rollback", limit: "Write5xx Sum > 0" },
  "ops-view-stageB-XB4": { row: "XB4", title: "No audit", action: "page", limit: "MissingAudit > 0" },
};
const args: AbortSwitchArgs = {
  rollout: "ops-view",
  stage: "stageB",
  region: "eu-central-1",
  attempt: 2,
  specs: {
    READ: { kind: "boolean", off: false, requires: [], writes: false },
    WRITE: { kind: "boolean", off: false, requires: ["READ"], writes: true },
  },
  floor: { READ: true, WRITE: false },
  alarms,
  restart: [{ cluster: "ops", service: "web" }],
  deliver: ["render"],
  applicationId: "app1",
  environmentId: "env1",
  profileId: "prof1",
  strategyId: "strat1",
  topics: {
    onCall: `arn:aws:sns:${AT}:ops-view-on-call`,
    ops: `arn:aws:sns:${AT}:ops-view-ops`,
    stakeholders: `arn:aws:sns:${AT}:ops-view-stakeholders`,
  },
};

const found = (changes: Partial<AbortSwitchArgs> = {}) =>
  declare(() => {
    const { topicArn, functionName, deadLetterQueueUrl } = new AbortSwitch("stageB-abort", {
      ...args,
      ...changes,
    });
    return { topicArn, functionName, deadLetterQueueUrl };
  }, awsOutputs);

let declared: Declared;
beforeAll(async () => {
  declared = await found();
});

test("declares exactly these resources, all of them its own", () => {
  expect([...declared.labels].sort()).toEqual(
    [
      "AbortSwitch stageB-abort",
      "Topic stageB-abort",
      "TopicPolicy stageB-abort-topic",
      "Queue stageB-abort-dlq",
      "QueuePolicy stageB-abort-dlq",
      "LogGroup stageB-abort-logs",
      "LogGroup stageB-abort-decisions",
      "Role stageB-abort-role",
      "RolePolicy stageB-abort-permissions",
      "Function stageB-abort-function",
      "Permission stageB-abort-topic",
      "TopicSubscription stageB-abort-topic",
      "MetricAlarm stageB-abort-errors",
      "MetricAlarm stageB-abort-throttles",
      "MetricAlarm stageB-abort-dlq",
      "MetricAlarm stageB-abort-drill",
    ].sort(),
  );
  const children = declared.all.filter(({ label }) => label !== "AbortSwitch stageB-abort");
  expect(new Set(children.map(({ parent }) => parent))).toEqual(new Set(["AbortSwitch stageB-abort"]));
  expect(declared.outputs).toEqual({
    topicArn: TOPIC,
    functionName: "ops-view-stageB-abort",
    deadLetterQueueUrl: "https://sqs/ops-view-stageB-abort-dlq",
  });
});

test("tells policies what it goes by", () => {
  const { inputs, type } = declared.one("AbortSwitch stageB-abort");
  expect(type).toBe("cutover:index:AbortSwitch");
  expect(inputs).toEqual({ rollout: "ops-view", stage: "stageB", floor: args.floor, alarms });
});

describe("the function", () => {
  test("is called by the stage's topic only, and keeps what failed", () => {
    const { code: _, ...inputs } = declared.one("Function stageB-abort-function").inputs;
    expect(inputs).toEqual({
      name: "ops-view-stageB-abort",
      description: "Lowers the flags of ops-view to below stageB",
      role: "arn:aws:iam::123456789012:role/ops-view-stageB-abort-eu-central-1",
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      handler: "index.handler",
      memorySize: 1024,
      timeout: 60,
      reservedConcurrentExecutions: 5,
      deadLetterConfig: { targetArn: `arn:aws:sqs:${AT}:ops-view-stageB-abort-dlq` },
    });
    expect(declared.one("Permission stageB-abort-topic").inputs).toEqual({
      function: "ops-view-stageB-abort",
      action: "lambda:InvokeFunction",
      principal: "sns.amazonaws.com",
      sourceArn: TOPIC,
    });
    expect(declared.one("TopicSubscription stageB-abort-topic").inputs).toEqual({
      topic: TOPIC,
      protocol: "lambda",
      endpoint: `arn:aws:lambda:${AT}:function:ops-view-stageB-abort`,
      redrivePolicy: JSON.stringify({ deadLetterTargetArn: `arn:aws:sqs:${AT}:ops-view-stageB-abort-dlq` }),
    });
  });

  test("has its configuration beside its code, with no value that could change from run to run", async () => {
    const again = await found();
    const code = await textOf(declared, "index.js");
    expect(code?.length).toBeGreaterThan(10_000);
    expect(code?.length).toBeLessThanOrEqual(1_500_000);
    expect(await textOf(again, "index.js")).toBe(code);
    expect(await textOf(again, "config.json")).toBe(await textOf(declared, "config.json"));
    expect(JSON.parse((await textOf(declared, "config.json")) ?? "") as AbortConfig).toEqual({
      rollout: "ops-view",
      stage: "stageB",
      attempt: 2,
      specs: args.specs,
      floor: args.floor,
      alarms: { ...alarms, ...drillRow("ops-view", "stageB") },
      restart: args.restart,
      deliver: args.deliver,
      store: { applicationId: "app1", environmentId: "env1", profileId: "prof1", strategyId: "strat1" },
      topics: args.topics,
      topicArn: TOPIC,
    });
  });

  test("waits for its permissions and its log group", () => {
    expect(declared.one("Function stageB-abort-function").dependsOn).toEqual(
      expect.arrayContaining([
        "RolePolicy stageB-abort-permissions",
        "LogGroup stageB-abort-logs",
        "LogGroup stageB-abort-decisions",
      ]),
    );
    expect(declared.one("LogGroup stageB-abort-logs").inputs).toEqual({
      name: "/aws/lambda/ops-view-stageB-abort",
      retentionInDays: 90,
    });
    expect(declared.one("LogGroup stageB-abort-decisions").inputs).toEqual({
      name: "/cutover/ops-view/stageB/decisions",
      retentionInDays: 731,
    });
  });

  test("may have nothing reserved for it", async () => {
    const { inputs } = (await found({ reservedConcurrency: -1 })).one("Function stageB-abort-function");
    expect(inputs.reservedConcurrentExecutions).toBe(-1);
  });
});

const DECISIONS = `arn:aws:logs:${AT}:log-group:/cutover/ops-view/stageB/decisions`;

describe("permissions", () => {
  test("are on exact ARNs, and no more than an abort needs", () => {
    const policy = JSON.parse(declared.one("RolePolicy stageB-abort-permissions").inputs.policy as string);
    const app = `arn:aws:appconfig:${AT}:application/app1`;
    const [environment, profile] = [`${app}/environment/env1`, `${app}/configurationprofile/prof1`];
    expect(
      Object.fromEntries(policy.Statement.map((one: State) => [one.Sid, [one.Action, one.Resource]])),
    ).toEqual({
      SeeDeployments: [["appconfig:ListDeployments"], [app, environment]],
      StopDeployments: [
        ["appconfig:GetDeployment", "appconfig:StopDeployment"],
        [app, environment, `${environment}/deployment/*`],
      ],
      KeepVersions: [
        [
          "appconfig:CreateHostedConfigurationVersion",
          "appconfig:GetConfigurationProfile",
          "appconfig:GetHostedConfigurationVersion",
          "appconfig:ListHostedConfigurationVersions",
        ],
        [app, profile, `${profile}/hostedconfigurationversion/*`],
      ],
      StartDeployments: [
        ["appconfig:StartDeployment"],
        [
          app,
          environment,
          profile,
          `${environment}/deployment/*`,
          `${profile}/hostedconfigurationversion/*`,
          `arn:aws:appconfig:${AT}:deploymentstrategy/strat1`,
          `arn:aws:appconfig:${AT}:deploymentstrategy/AppConfig.AllAtOnce`,
        ],
      ],
      TellPeople: [["sns:Publish"], Object.values(args.topics).sort()],
      KnowHowLongItTakes: [["cloudwatch:GetMetricStatistics"], ["*"]],
      CallDeliveries: [
        ["sqs:GetQueueUrl", "sqs:SendMessage"],
        [`arn:aws:sqs:${AT}:ops-view-render-delivery`],
      ],
      RestartServers: [["ecs:UpdateService"], [`arn:aws:ecs:${AT}:service/ops/web`]],
      KnowWhatWasDecided: [
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        [DECISIONS, `${DECISIONS}:*`],
      ],
      Log: [
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        [`arn:aws:logs:${AT}:log-group:/aws/lambda/ops-view-stageB-abort:*`],
      ],
      KeepWhatFailed: [["sqs:SendMessage"], [`arn:aws:sqs:${AT}:ops-view-stageB-abort-dlq`]],
    });
  });

  test("name neither ECS nor a delivery where nothing is restarted or delivered", () => {
    const policy = rolePolicyOf({
      store: { applicationId: "a", environmentId: "e", profileId: "p", strategyId: "s" },
      topics: [],
      topicArn: TOPIC,
      deadLetterQueueArn: "queue",
      logsArn: "logs",
      decisionsArn: "decisions",
      restart: [],
    });
    expect(policy).not.toContain("ecs:");
    expect(policy).not.toContain("CallDeliveries");
  });

  test("to publish are the stage's own alarms', and nobody else's, whatever an identity policy says", () => {
    const policy = JSON.parse(declared.one("TopicPolicy stageB-abort-topic").inputs.policy as string);
    const own = ["ops-view-stageB-XB1", "ops-view-stageB-XB4", "ops-view-stageB-drill"].map(
      (name) => `arn:aws:cloudwatch:${AT}:alarm:${name}`,
    );
    expect(policy).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "AlarmsOfThisStage",
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: "sns:Publish",
          Resource: TOPIC,
          Condition: {
            StringEquals: { "aws:SourceAccount": "123456789012" },
            ArnEquals: { "aws:SourceArn": own },
          },
        },
        {
          Sid: "NobodyElse",
          Effect: "Deny",
          Principal: "*",
          // Nothing but this: whoever owns the topic goes on managing it.
          Action: "sns:Publish",
          Resource: TOPIC,
          Condition: { ArnNotEquals: { "aws:SourceArn": own } },
        },
      ],
    });
  });

  test("to keep what could not be delivered are the topic's", () => {
    const queue = JSON.parse(declared.one("QueuePolicy stageB-abort-dlq").inputs.policy as string);
    expect(queue.Statement[0]).toMatchObject({
      Principal: { Service: "sns.amazonaws.com" },
      Action: "sqs:SendMessage",
      Condition: { ArnEquals: { "aws:SourceArn": TOPIC } },
    });
  });
});

test.each([
  ["errors", "AWS/Lambda", "Errors", "Sum", { FunctionName: "ops-view-stageB-abort" }],
  ["throttles", "AWS/Lambda", "Throttles", "Sum", { FunctionName: "ops-view-stageB-abort" }],
  [
    "dlq",
    "AWS/SQS",
    "ApproximateNumberOfMessagesVisible",
    "Maximum",
    { QueueName: "ops-view-stageB-abort-dlq" },
  ],
])("its own %s page on-call", (part, namespace, metricName, statistic, dimensions) => {
  const { inputs } = declared.one(`MetricAlarm stageB-abort-${part}`);
  expect(inputs).toEqual({
    name: `ops-view-stageB-abort.${part}`,
    alarmDescription: expect.stringContaining("abort --rollout ops-view -s stageB"),
    namespace,
    metricName,
    dimensions,
    statistic,
    period: 60,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    treatMissingData: "notBreaching",
    alarmActions: [`arn:aws:sns:${AT}:ops-view-on-call`],
    okActions: [`arn:aws:sns:${AT}:ops-view-on-call`],
  });
});

test("its drill's alarm tells the switch, and nobody else: the switch says that it is a drill", () => {
  const { inputs, dependsOn } = declared.one("MetricAlarm stageB-abort-drill");
  expect(inputs).toEqual({
    name: "ops-view-stageB-drill",
    alarmDescription: expect.stringContaining("a drill of the alarm path"),
    namespace: "cutover/ops-view",
    metricName: "Drill-stageB",
    statistic: "Maximum",
    period: 10,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    treatMissingData: "notBreaching",
    alarmActions: [TOPIC],
  });
  expect(dependsOn).toEqual(
    expect.arrayContaining(["TopicPolicy stageB-abort-topic", "TopicSubscription stageB-abort-topic"]),
  );
});

test("a row cannot be named like the drill: their alarms would be one", () => {
  const alarm = {
    title: "Writes fail",
    metric: { namespace: "OpsView", name: "Write5xx", statistic: "Sum" },
    threshold: { gt: 0 },
    missingData: "notBreaching",
    action: "page",
  };
  expect(stageConfig.safeParse({ flags: {}, abort: { drill: alarm } }).error?.issues).toMatchObject([
    { path: ["abort", "drill"], message: expect.stringContaining("the stage's own drill") },
  ]);
  expect(stageConfig.safeParse({ flags: {}, abort: { drills: alarm } }).success).toBe(true);
});

test("a stage's rows are told by its alarms' names, and roll back unless they say otherwise", () => {
  const threshold = (changes: object) =>
    withSignals(
      "ops-view",
      stageConfig.parse({
        flags: {},
        abort: {
          XB1: {
            title: "Writes fail",
            metric: { namespace: "OpsView", name: "Write5xx", statistic: "Sum" },
            threshold: { gte: 1 },
            missingData: "notBreaching",
            action: "rollback",
            ...changes,
          },
        },
      }).abort,
    );
  expect(abortRows(rollout(), { ...stageB, abort: threshold({ runbook: "Look" }) })).toEqual({
    "ops-view-stageB-XB1": {
      row: "XB1",
      title: "Writes fail",
      action: "rollback",
      limit: "Sum of Write5xx ≥ 1 over 10s",
      runbook: "Look",
    },
  });
  const asks = threshold({ action: "page", remind: { after: "1h" }, incident: true });
  expect(abortRows(rollout(), { ...stageB, abort: asks }, 60)["ops-view-stageB-XB1"]).toMatchObject({
    remind: { after: "1h", afterMs: 60_000 },
    incident: ["ops", "stakeholders"],
  });
  const further = abortRows(rollout(), { ...stageB, abort: threshold({ to: "off" }) });
  expect(further["ops-view-stageB-XB1"]?.floor).toEqual(flags(false, false));
  const back = { ...stageB, abortTo: "off" as const, abort: threshold({ to: "predecessor" }) };
  expect(abortRows(rollout(), back)["ops-view-stageB-XB1"]?.floor).toEqual(flags(true, false));
  const paging = { XB1: { ...threshold({}).XB1, action: "page" } } as unknown as ReturnType<typeof threshold>;
  expect(abortRows(rollout(), { ...stageB, abort: paging })["ops-view-stageB-XB1"]?.action).toBe("page");
});

describe("with a row that needs a decision", () => {
  const deciding: Record<string, AbortRow> = {
    ...alarms,
    "ops-view-stageB-XB4": {
      ...(alarms["ops-view-stageB-XB4"] as AbortRow),
      remind: { after: "1h", afterMs: 3_600_000 },
    },
  };

  test("a group of schedules and their role come on top, before the flags", async () => {
    const more = await found({ alarms: deciding });
    const own = more.labels.filter((label) => !declared.labels.includes(label));
    expect([...own].sort()).toEqual([
      "Role stageB-abort-reminders",
      "RolePolicy stageB-abort-reminders",
      "ScheduleGroup stageB-abort-reminders",
    ]);
    expect(more.one("ScheduleGroup stageB-abort-reminders").inputs).toEqual({
      name: "ops-view-stageB-reminders",
    });
  });

  test("the switch knows them, and may do just what it needs", async () => {
    const more = await found({ alarms: deciding });
    const { reminders } = JSON.parse((await textOf(more, "config.json")) ?? "") as AbortConfig;
    const roleArn = "arn:aws:iam::123456789012:role/ops-view-stageB-reminders-eu-central-1";
    expect(reminders).toEqual({
      group: "ops-view-stageB-reminders",
      roleArn,
      deadLetterQueueArn: `arn:aws:sqs:${AT}:ops-view-stageB-abort-dlq`,
      functionArn: `arn:aws:lambda:${AT}:function:ops-view-stageB-abort`,
    });
    const statements = (of: Declared, label: string) =>
      JSON.parse(of.one(label).inputs.policy as string).Statement as { Sid: string; Resource: string[] }[];
    const known = statements(declared, "RolePolicy stageB-abort-permissions").map(({ Sid }) => Sid);
    const added = statements(more, "RolePolicy stageB-abort-permissions").filter(
      ({ Sid }) => !known.includes(Sid),
    );
    expect(added).toEqual([
      {
        Sid: "Remind",
        Effect: "Allow",
        Action: ["scheduler:CreateSchedule"],
        Resource: [`arn:aws:scheduler:${AT}:schedule/ops-view-stageB-reminders/*`],
      },
      {
        Sid: "RemindAs",
        Effect: "Allow",
        Action: ["iam:PassRole"],
        Resource: [roleArn],
        Condition: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } },
      },
    ]);
    expect(
      statements(more, "RolePolicy stageB-abort-permissions").find(({ Sid }) => Sid === "KnowWhatWasDecided"),
    ).toEqual({
      Sid: "KnowWhatWasDecided",
      Effect: "Allow",
      Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      Resource: [DECISIONS, `${DECISIONS}:*`],
    });
    expect(statements(more, "RolePolicy stageB-abort-reminders").map(({ Resource }) => Resource)).toEqual([
      [`arn:aws:lambda:${AT}:function:ops-view-stageB-abort`],
      [`arn:aws:sqs:${AT}:ops-view-stageB-abort-dlq`],
    ]);
    const trust = JSON.parse(more.one("Role stageB-abort-reminders").inputs.assumeRolePolicy as string);
    expect(trust.Statement[0].Condition.StringEquals["aws:SourceArn"]).toBe(
      `arn:aws:scheduler:${AT}:schedule-group/ops-view-stageB-reminders`,
    );
  });
});

test("names fit into what AWS takes, and stay apart", () => {
  const [long, other] = ["a", "b"].map((end) => switchName("r".repeat(32), `${"s".repeat(31)}${end}`));
  expect(long).toHaveLength(64);
  expect(other).not.toBe(long);
  expect(switchName("ops-view", "stageB")).toBe("ops-view-stageB-abort");
});

/** What the archive holds under a name. */
async function textOf(from: Declared, file: string): Promise<string | undefined> {
  return (await filesOf(from.one("Function stageB-abort-function")))[file];
}
