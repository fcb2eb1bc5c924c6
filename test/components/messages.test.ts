import { beforeAll, describe, expect, test, vi } from "vitest";
import { Messages } from "../../components/messages";
import type { MessagesArgs } from "../../components/messagesArgs";
import type { MessagesSettings } from "../../src/lambda/messagesSettings";
import { messageMap } from "../../src/rollout/config/messages";
import { stageNamed } from "../../src/rollout/rollout";
import { type Declared, declare, filesOf, type State } from "./engine";
import { rollout } from "./rollout";

const AT = "eu-central-1:123456789012";
const TOPICS = {
  onCall: `arn:aws:sns:${AT}:ops-view-on-call`,
  ops: `arn:aws:sns:${AT}:ops-view-ops`,
  stakeholders: `arn:aws:sns:${AT}:ops-view-stakeholders`,
};
const LETTERS = `arn:aws:sqs:${AT}:ops-view-stageB-messages-dlq`;
/** Far enough away that no schedule is due while tests run. */
const FLIP = "2096-11-21T12:00:00.250Z";

const C3 = { title: "Writes are about to go to the database", to: ["ops", "stakeholders"], when: "before" };
const C4 = {
  title: "Fully enabled",
  to: ["onCall", "ops", "stakeholders"],
  when: { after: "48h" },
  soakSummary: true,
};

/** What AWS would put out. */
const provider = (type: string, inputs: State): State => {
  const service = type.split(":")[1]?.split("/")[0];
  if (service === "sqs") return { arn: `arn:aws:sqs:${AT}:${inputs.name}` };
  if (service === "iam") return { arn: `arn:aws:iam::123456789012:role/${inputs.name}` };
  if (service === "lambda") return { arn: `arn:aws:lambda:${AT}:function:${inputs.name}` };
  return { arn: `arn:aws:logs:${AT}:log-group:${inputs.name}` };
};

interface Run extends Partial<Omit<MessagesArgs, "messages">> {
  readonly messages?: object;
  readonly attempt?: number;
  readonly completedAt?: string;
  readonly slow?: Slow;
}

/** What passes while a service makes something. */
interface Slow {
  readonly type: string;
  made(): void;
}

function found({ messages = { C3, C4 }, attempt = 2, completedAt = FLIP, slow, ...changes }: Run = {}) {
  const exit = {
    F1: {
      source: "metric",
      title: "Writes do not fail",
      namespace: "OpsView",
      name: "Write5xx",
      statistic: "Sum",
      window: "48h",
      minSamples: 10,
      expect: { eq: 0 },
    },
  };
  const spec = rollout({}, { stageB: { attempt, exit, abort: {} } });
  const stage = stageNamed(spec, "stageB");
  if (!stage) throw new Error("no stageB in the fixture");
  return declare(
    () => {
      const component = new Messages("stageB-messages", {
        rollout: spec,
        stage,
        messages: messageMap.parse(messages),
        applicationId: "app1",
        environmentId: "env1",
        profileId: "prof1",
        region: "eu-central-1",
        topics: TOPICS,
        ...changes,
      });
      component.schedule({ deployment: 7, completedAt });
      return { ready: component.ready.map(({ urn }) => urn) };
    },
    (type, inputs) => {
      if (slow && type.includes(`:${slow.type}/function`)) slow.made();
      return provider(type, inputs);
    },
  );
}

let declared: Declared;
beforeAll(async () => {
  declared = await found();
});

const SCHEDULE = "Schedule stageB-messages-C4-attempt-2";
const WATCHES = ["MetricAlarm stageB-messages-errors", "MetricAlarm stageB-messages-dlq"];
const BEFORE_THE_FLIP = [
  "LogGroup stageB-messages-sent",
  "Function stageB-messages-messages",
  "RolePolicy stageB-messages-scheduler",
  ...WATCHES,
];

describe("declares", () => {
  test("exactly these resources, all of them its own", () => {
    expect([...declared.labels].sort()).toEqual(
      [
        "Messages stageB-messages",
        ...BEFORE_THE_FLIP,
        "LogGroup stageB-messages-logs",
        "Queue stageB-messages-dlq",
        "Role stageB-messages-messages",
        "RolePolicy stageB-messages-messages",
        "Role stageB-messages-scheduler",
        SCHEDULE,
      ].sort(),
    );
    const children = declared.all.filter(({ label }) => label !== "Messages stageB-messages");
    expect(new Set(children.map(({ parent }) => parent))).toEqual(new Set(["Messages stageB-messages"]));
  });

  test("what the flip has to wait for, and no schedule among it", () => {
    const ready = (declared.outputs.ready as string[]).map((urn) => urn.split("::").at(-1));
    expect(ready.sort()).toEqual(BEFORE_THE_FLIP.map((label) => label.split(" ")[1]).sort());
  });

  test("no messages function where every message comes before the flip", async () => {
    const { labels } = await found({ messages: { C3 } });
    expect([...labels].sort()).toEqual(["LogGroup stageB-messages-sent", "Messages stageB-messages"]);
  });

  test("nothing where there is no message", async () => {
    expect((await found({ messages: {} })).labels).toEqual(["Messages stageB-messages"]);
  });
});

test("tells policies what people will be told", () => {
  const { inputs, type } = declared.one("Messages stageB-messages");
  expect(type).toBe("cutover:index:Messages");
  expect(inputs).toEqual({
    rollout: "ops-view",
    stage: "stageB",
    messages: { C3: { ...C3, soakSummary: false }, C4 },
  });
});

describe("a schedule", () => {
  test("fires once, so long after the flip, for this very flip", () => {
    const schedule = declared.one(SCHEDULE);
    expect(schedule.inputs).toEqual({
      name: "ops-view-stageB-C4-attempt-2",
      description: "C4 of stageB, attempt 2",
      scheduleExpression: "at(2096-11-23T12:00:01)",
      scheduleExpressionTimezone: "UTC",
      flexibleTimeWindow: { mode: "OFF" },
      actionAfterCompletion: "NONE",
      target: {
        arn: `arn:aws:lambda:${AT}:function:ops-view-stageB-messages`,
        roleArn: "arn:aws:iam::123456789012:role/ops-view-stageB-scheduler-eu-central-1",
        input: JSON.stringify({ cutover: 1, row: "C4", stage: "stageB", attempt: 2, deployment: 7 }),
        deadLetterConfig: { arn: LETTERS },
        retryPolicy: { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 },
      },
    });
  });

  test("keeps its time whatever becomes of the config, and is the next attempt's no more", async () => {
    expect(declared.one(SCHEDULE).ignoreChanges).toEqual(["scheduleExpression", "startDate"]);
    expect((await found()).one(SCHEDULE).inputs).toEqual(declared.one(SCHEDULE).inputs);
    const next = await found({ attempt: 3 });
    const { name } = next.one("Schedule stageB-messages-C4-attempt-3").inputs;
    expect(name).toBe("ops-view-stageB-C4-attempt-3");
    expect(next.labels).not.toContain(SCHEDULE);
  });

  test("again and again, first so long after the flip, where the message says so", async () => {
    const checks = { S1: { ...C4, title: "Hourly check", when: { every: "1h" } } };
    const again = await found({ messages: checks });
    expect(again.one("Schedule stageB-messages-S1-attempt-2").inputs).toMatchObject({
      name: "ops-view-stageB-S1-attempt-2",
      scheduleExpression: "rate(60 minutes)",
      startDate: "2096-11-21T13:00:01Z",
      actionAfterCompletion: "NONE",
    });
    expect(again.labels).toContain("Function stageB-messages-messages");
  });

  test("comes sooner where time is scaled", async () => {
    const { inputs } = (await found({ timeScale: 2_880 })).one(SCHEDULE);
    expect(inputs.scheduleExpression).toBe("at(2096-11-21T12:01:01)");
  });

  test.each([
    ["once", { after: "48h" }, "C4"],
    ["again and again", { every: "1h" }, "C4"],
  ])(
    "%s that is over already comes at once, however long the messages function took to be made",
    async (_, when, row) => {
      // AWS takes its time for queues, roles and functions, and refuses a time that is past by then.
      let now = Date.parse("2096-11-28T12:00:00.000Z");
      const clock = vi.spyOn(Date, "now").mockImplementation(() => now);
      const slow: Slow = {
        type: "lambda",
        made: () => {
          now += 180_000;
        },
      };
      const messages = { [row]: { ...C4, when } };
      const { inputs } = (await found({ messages, slow })).one(SCHEDULE);
      clock.mockRestore();
      const { startDate, scheduleExpression } = inputs as { startDate?: string; scheduleExpression: string };
      const at = startDate ?? `${/^at\((.*)\)$/.exec(scheduleExpression)?.[1]}Z`;
      expect(at).toBe("2096-11-28T12:05:00Z");
    },
  );

  test("waits for all that it needs, and its alarms", () => {
    expect(declared.one(SCHEDULE).dependsOn).toEqual(
      expect.arrayContaining(BEFORE_THE_FLIP.filter((label) => !label.startsWith("LogGroup"))),
    );
  });
});

describe("the messages function", () => {
  test("is a small function that keeps what failed", () => {
    const { code: _, ...inputs } = declared.one("Function stageB-messages-messages").inputs;
    expect(inputs).toEqual({
      name: "ops-view-stageB-messages",
      description: "Sends the timed messages of stageB of ops-view",
      role: "arn:aws:iam::123456789012:role/ops-view-stageB-messages-eu-central-1",
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      handler: "index.handler",
      memorySize: 512,
      timeout: 120,
      deadLetterConfig: { targetArn: LETTERS },
    });
    expect(declared.one("Function stageB-messages-messages").dependsOn).toEqual(
      expect.arrayContaining(["LogGroup stageB-messages-logs", "RolePolicy stageB-messages-messages"]),
    );
    expect(declared.one("LogGroup stageB-messages-logs").inputs).toEqual({
      name: "/aws/lambda/ops-view-stageB-messages",
      retentionInDays: 90,
    });
    expect(declared.one("LogGroup stageB-messages-sent").inputs).toEqual({
      name: "/cutover/ops-view/stageB/sent",
      retentionInDays: 731,
    });
    expect(declared.one("Queue stageB-messages-dlq").inputs).toEqual({
      name: "ops-view-stageB-messages-dlq",
      messageRetentionSeconds: 1_209_600,
    });
  });

  test("has its configuration beside its code, with no value that could change from run to run", async () => {
    const again = await found();
    const code = await textOf(declared, "index.js");
    expect(code?.length).toBeLessThanOrEqual(2_500_000);
    expect(await textOf(again, "index.js")).toBe(code);
    expect(await textOf(again, "config.json")).toBe(await textOf(declared, "config.json"));
    const config = JSON.parse((await textOf(declared, "config.json")) ?? "") as MessagesSettings;
    expect(config).toMatchObject({
      of: { rollout: "ops-view", name: "stageB" },
      store: { applicationId: "app1", environmentId: "env1", profileId: "prof1", region: "eu-central-1" },
      topics: TOPICS,
      messages: { C4 },
      gates: [{ id: "F1", phase: "exit", definition: { source: "metric", name: "Write5xx" } }],
      sentGroup: "/cutover/ops-view/stageB/sent",
      timeScale: 1,
    });
    expect(Object.keys(config.messages)).toEqual(["C4"]);
    expect(Object.keys(config.of.specs)).toEqual(["READ", "WRITE"]);
  });

  test("may do no more than it needs, on exact ARNs", () => {
    const app = `arn:aws:appconfig:${AT}:application/app1`;
    const told = `arn:aws:logs:${AT}:log-group:/cutover/ops-view/stageB/sent`;
    expect(statements(declared, "RolePolicy stageB-messages-messages")).toEqual({
      ReadTheLedger: [
        ["appconfig:GetDeployment", "appconfig:ListDeployments"],
        [app, `${app}/environment/env1`, `${app}/environment/env1/deployment/*`],
      ],
      ReadTheFlags: [
        ["appconfig:GetHostedConfigurationVersion"],
        [
          app,
          `${app}/configurationprofile/prof1`,
          `${app}/configurationprofile/prof1/hostedconfigurationversion/*`,
        ],
      ],
      LookAtGates: [["cloudwatch:GetMetricData"], ["*"]],
      TellPeople: [["sns:Publish"], Object.values(TOPICS).sort()],
      KeepWhatWasSent: [
        ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        [told, `${told}:*`],
      ],
      Log: [
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        [`arn:aws:logs:${AT}:log-group:/aws/lambda/ops-view-stageB-messages:*`],
      ],
      KeepWhatFailed: [["sqs:SendMessage"], [LETTERS]],
    });
  });

  test("may tell only whom its own messages are for, and read metrics only where they show any", async () => {
    const plainer = await found({ messages: { C3, C4: { ...C4, to: ["ops"], soakSummary: false } } });
    const given = statements(plainer, "RolePolicy stageB-messages-messages");
    expect(given.TellPeople).toEqual([["sns:Publish"], [TOPICS.ops]]);
    expect(given).not.toHaveProperty("LookAtGates");
  });

  test("is called by the account's own schedules alone", () => {
    const trust = JSON.parse(
      declared.one("Role stageB-messages-scheduler").inputs.assumeRolePolicy as string,
    );
    expect(trust.Statement).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "scheduler.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: {
          StringEquals: {
            "aws:SourceAccount": "123456789012",
            "aws:SourceArn": `arn:aws:scheduler:${AT}:schedule-group/default`,
          },
        },
      },
    ]);
    expect(statements(declared, "RolePolicy stageB-messages-scheduler")).toEqual({
      CallTheMessagesFunction: [
        ["lambda:InvokeFunction"],
        [`arn:aws:lambda:${AT}:function:ops-view-stageB-messages`],
      ],
      KeepWhatFailed: [["sqs:SendMessage"], [LETTERS]],
    });
  });

  test.each([
    ["errors", "AWS/Lambda", "Errors", "Sum", { FunctionName: "ops-view-stageB-messages" }],
    [
      "dlq",
      "AWS/SQS",
      "ApproximateNumberOfMessagesVisible",
      "Maximum",
      { QueueName: "ops-view-stageB-messages-dlq" },
    ],
  ])("pages on-call by its %s", (part, namespace, metricName, statistic, dimensions) => {
    expect(declared.one(`MetricAlarm stageB-messages-${part}`).inputs).toEqual({
      name: `ops-view-stageB-messages.${part}`,
      alarmDescription: expect.stringContaining("/aws/lambda/ops-view-stageB-messages"),
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
      alarmActions: [TOPICS.onCall],
      okActions: [TOPICS.onCall],
    });
  });
});

function statements(from: Declared, label: string): Record<string, unknown> {
  const policy = JSON.parse(from.one(label).inputs.policy as string);
  return Object.fromEntries(policy.Statement.map((one: State) => [one.Sid, [one.Action, one.Resource]]));
}

/** What the archive holds under a name. */
async function textOf(from: Declared, file: string): Promise<string | undefined> {
  return (await filesOf(from.one("Function stageB-messages-messages")))[file];
}
