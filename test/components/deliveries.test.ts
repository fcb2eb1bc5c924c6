import { beforeAll, expect, test } from "vitest";
import { Deliveries } from "../../components/deliveries";
import { deliveryMap } from "../../src/delivery/registry";
import type { DeliverySettings } from "../../src/lambda/deliverySettings";
import { awsOutputs } from "./aws";
import { type Declared, declare, filesOf } from "./engine";

const AT = "eu-central-1:123456789012";
const ON_CALL = `arn:aws:sns:${AT}:search-on-call`;
const STORE = { applicationId: "app", environmentId: "env", profileId: "pro", strategyId: "str" };
const FLAGS = { READ: { kind: "boolean" as const, off: false, requires: [], writes: false } };

let declared: Declared;
beforeAll(async () => {
  declared = await declare(() => {
    new Deliveries("search-delivery", {
      ...{ rollout: "search", region: "eu-central-1", flags: FLAGS, store: STORE, onCall: ON_CALL },
      deliveries: deliveryMap.parse({
        web: { kind: "vercel", project: "prj_1", secret: "search/vercel" },
        tasks: {
          kind: "ssm",
          path: "/search/flags",
          ecs: [{ cluster: "production", service: "search" }],
          within: "3m",
        },
      }),
    });
    return {};
  }, awsOutputs);
});

test("declares exactly these resources", () => {
  expect([...declared.labels].sort()).toEqual(
    [
      "Deliveries search-delivery",
      "Function search-delivery",
      "Role search-delivery",
      "RolePolicy search-delivery",
      "LogGroup search-delivery-logs",
      "LogGroup search-delivery-kept",
      "MetricAlarm search-delivery-errors",
      ...["web", "tasks"].flatMap((name) => [
        `Queue search-delivery-${name}`,
        `Queue search-delivery-${name}-dlq`,
        `EventSourceMapping search-delivery-${name}`,
        `MetricAlarm search-delivery-${name}-late`,
        `MetricAlarm search-delivery-${name}-dlq`,
      ]),
    ].sort(),
  );
});

test("pages on-call once a platform needs longer than it may", () => {
  const late = declared.one("MetricAlarm search-delivery-tasks-late").inputs;
  const held = (id: string, metricName: string) => ({
    id,
    // AWS takes one alone that does.
    returnData: false,
    metric: {
      ...{ namespace: "AWS/SQS", metricName, stat: "Average", period: 60 },
      dimensions: { QueueName: "search-tasks-delivery" },
    },
  });
  expect(late).toMatchObject({
    name: "search-tasks-delivery.late",
    // The age of the oldest message leaves out what was received three times, and so each that is tried again.
    metricQueries: [
      held("waiting", "ApproximateNumberOfMessagesVisible"),
      held("taken", "ApproximateNumberOfMessagesNotVisible"),
      { id: "held", expression: "waiting + taken", returnData: true },
    ],
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0.99,
    evaluationPeriods: 4,
    datapointsToAlarm: 4,
    treatMissingData: "notBreaching",
    alarmActions: [ON_CALL],
    alarmDescription: expect.stringContaining("servers there go on with those of before for longer than 3m"),
  });
  expect(late.period).toBeUndefined();
  expect(declared.one("MetricAlarm search-delivery-web-late").inputs.evaluationPeriods).toBe(16);
});

test("may change these parameters and services, read this token, and no more", () => {
  const policy = JSON.parse(String(declared.one("RolePolicy search-delivery").inputs.policy)) as {
    Statement: { Sid: string; Action: string[]; Resource: string[] }[];
  };
  const of = (sid: string) => policy.Statement.find(({ Sid }) => Sid === sid);
  expect(of("KeepParameters")).toMatchObject({
    Action: ["ssm:GetParameters", "ssm:PutParameter"],
    Resource: [`arn:aws:ssm:${AT}:parameter/search/flags/*`],
  });
  expect(of("RestartServers")?.Resource).toEqual([`arn:aws:ecs:${AT}:service/production/search`]);
  expect(of("ReadTokens")?.Resource).toEqual([`arn:aws:secretsmanager:${AT}:secret:search/vercel-??????`]);
  const actions = policy.Statement.flatMap(({ Action }) => Action);
  expect(actions.filter((action) => /appconfig:(Start|Stop|Create)/.test(action))).toEqual([]);
  expect(policy.Statement.flatMap(({ Resource }) => Resource)).not.toContain("*");
});

test("its function knows what is delivered where, and no secret", async () => {
  const files = await filesOf(declared.one("Function search-delivery"));
  const settings = JSON.parse(files["config.json"] ?? "") as DeliverySettings;
  expect(settings.queues).toEqual(
    ["web", "tasks"].map((name) => ({
      name,
      queueArn: `arn:aws:sqs:${AT}:search-${name}-delivery`,
      queueUrl: `https://sqs/search-${name}-delivery`,
      deadLetterQueueUrl: `https://sqs/search-${name}-delivery-dlq`,
    })),
  );
  expect(settings).toMatchObject({ rollout: "search", specs: FLAGS, store: STORE });
});
