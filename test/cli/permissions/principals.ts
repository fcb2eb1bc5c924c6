import { type Asked, ROLES } from "../../../cli/permissions/asked";
import { statementsOf } from "../../../cli/permissions/policy";
import { rolePolicyOf } from "../../../components/permissions/abortSwitch";
import { channelsPolicyOf } from "../../../components/permissions/channels";
import { deliveryPolicyOf } from "../../../components/permissions/delivery";
import { measurePolicyOf } from "../../../components/permissions/measure";
import { messagesPolicyOf, schedulerPolicyOf } from "../../../components/permissions/messages";
import { probePolicyOf } from "../../../components/permissions/probe";
import type { Statement } from "../../../components/permissions/statement";
import {
  channelsName,
  deliveriesName,
  deliveryName,
  functionRole,
  measureName,
  partName,
  roleName,
  type StagePart,
  switchName,
} from "../../../src/aws/names";
import type { DeliveryMap } from "../../../src/delivery/registry";
import { loadRollout } from "../../../src/rollout/load";
import { allowed } from "./iam";

const own = loadRollout(`${__dirname}/../../..`);
export const DELIVERY: DeliveryMap = {
  web: {
    ...{ kind: "render", service: "srv-cabc123456789", secret: "ops-view/render" },
    url: "https://api.render.com/v1",
  },
  tasks: { kind: "ssm", path: "/ops-view/flags", ecs: [{ cluster: "ops", service: "worker" }] },
};
export const asked: Asked = {
  ...{ partition: "aws", region: "eu-central-1", account: "123456789012", application: "abc1234" },
  stateBucket: "state",
  stateKey: "arn:aws:kms:eu-central-1:123456789012:key/1",
  rollout: {
    ...own,
    channels: { chat: { kind: "amazonQ", topics: ["ops"] } },
    delivery: DELIVERY,
    measure: { vpc: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] }, timeout: "5m" },
    // Each stage has all that one can have.
    stages: own.stages.map((stage, index) =>
      index === 0
        ? stage
        : {
            ...stage,
            messages: { C3: { title: "Later", to: ["ops"], when: { after: "3d" } } },
            abort: {
              ...stage.abort,
              T1: { title: "Asks", action: "page", threshold: { gt: 0 }, remind: { after: "1h" } },
              T2: { title: "Probed", action: "page", threshold: { gt: 0 }, probe: { query: "select 1" } },
            },
          },
    ),
  } as never,
};
export const STAGES = own.stages.slice(1).map(({ name }) => name);
export const at = (service: string, name: string) => `arn:aws:${service}:eu-central-1:123456789012:${name}`;
export const role = (name: string) => `arn:aws:iam::123456789012:role/${name}`;

/** Somebody with rights: of a person or a job, or of a function, whose code they lie with. */
export interface Principal {
  readonly name: string;
  readonly statements: readonly Statement[];
  readonly role?: string;
  readonly runs?: string;
}

const parsed = (policy: string) => (JSON.parse(policy) as { Statement: Statement[] }).Statement;
const store = {
  applicationId: "abc1234",
  environmentId: "env1234",
  profileId: "pro1234",
  region: "eu-central-1",
};
const [logsArn, deadLetterQueueArn, sentArn] = [
  at("logs", "log-group:x"),
  at("sqs", "dlq"),
  at("logs", "log-group:y"),
];
const topics = [at("sns", "ops-view-on-call")];

function ofStage(stage: string): Principal[] {
  const named = (part: StagePart) => role(roleName("ops-view", stage, part, "eu-central-1"));
  const fn = (part: StagePart) => at("lambda", `function:${partName("ops-view", stage, part)}`);
  const secretArn = at("secretsmanager", "secret:cutover/ops-view/gate-AbCdEf");
  const reminders = {
    group: partName("ops-view", stage, "reminders"),
    roleArn: named("reminders"),
  };
  return [
    {
      ...{ name: `switch of ${stage}`, role: named("abort"), runs: fn("abort") },
      statements: parsed(
        rolePolicyOf({
          ...{ topics, deadLetterQueueArn, logsArn, reminders, decisionsArn: sentArn },
          store: { ...store, strategyId: "str1234" },
          topicArn: at("sns", switchName("ops-view", stage)),
          restart: [{ cluster: "ops", service: "web" }],
          deliveries: Object.keys(DELIVERY).map((one) => deliveryName("ops-view", one)),
        }),
      ),
    },
    {
      ...{ name: `messages function of ${stage}`, role: named("messages"), runs: fn("messages") },
      statements: parsed(
        messagesPolicyOf({
          ...{ store, topics, secretArn, deadLetterQueueArn, logsArn, sentArn },
          ...{ looks: ["cloudwatch:GetMetricData", "ecs:ListTasks"], inVpc: "messages" },
        }),
      ),
    },
    {
      ...{ name: `probe of ${stage}`, role: named("probe"), runs: fn("probe") },
      statements: parsed(
        probePolicyOf({ namespace: "cutover/ops-view", logsIn: { secretArn }, logsArn, inVpc: "probe" }),
      ),
    },
    {
      ...{ name: `schedules of ${stage}`, role: named("scheduler") },
      statements: parsed(schedulerPolicyOf({ functionArn: fn("messages"), deadLetterQueueArn })),
    },
    {
      ...{ name: `reminders of ${stage}`, role: named("reminders") },
      statements: parsed(schedulerPolicyOf({ functionArn: fn("abort"), deadLetterQueueArn })),
    },
  ];
}

export const PRINTED = ROLES.map((name): Principal => ({ name, statements: statementsOf(name, asked) }));
export const MADE: readonly Principal[] = [
  ...STAGES.flatMap(ofStage),
  {
    ...{ name: "measuring function", role: role(functionRole(measureName("ops-view"), "eu-central-1")) },
    runs: at("lambda", `function:${measureName("ops-view")}`),
    statements: parsed(
      measurePolicyOf({
        ...{ secretArn: at("secretsmanager", "secret:x"), looks: ["ecs:ListTasks"], logsArn },
        functionName: measureName("ops-view"),
      }),
    ),
  },
  {
    ...{ name: "delivery", role: role(functionRole(deliveriesName("ops-view"), "eu-central-1")) },
    runs: at("lambda", `function:${deliveriesName("ops-view")}`),
    statements: parsed(
      deliveryPolicyOf({
        ...{ deliveries: DELIVERY, store, logsArn, keptArn: sentArn, deadLetterQueues: [deadLetterQueueArn] },
        queues: Object.keys(DELIVERY).map((one) => at("sqs", deliveryName("ops-view", one))),
      }),
    ),
  },
  {
    ...{ name: "channels", role: role(functionRole(channelsName("ops-view"), "eu-central-1")) },
    runs: at("lambda", `function:${channelsName("ops-view")}`),
    statements: parsed(
      channelsPolicyOf({
        ...{ queues: [at("sqs", "q")], deadLetterQueues: [deadLetterQueueArn], secrets: ["x"] },
        ...{ topics: [at("sns", "ops-view-chat-channel")], sentArn: sentArn, logsArn },
      }),
    ),
  },
];
export const ALL = [...PRINTED, ...MADE];
export const SWITCHES = STAGES.map((stage) => `switch of ${stage}`);
export const namesOf = (some: readonly Principal[]) => some.map(({ name }) => name);

export const may = ({ statements }: Principal, action: string, on: string, passedTo?: string) =>
  allowed(statements, { action, on: [on], ...(passedTo === undefined ? {} : { passedTo }) });
/** On anything at all. */
export const mayAnywhere = ({ statements }: Principal, ...actions: readonly string[]) =>
  statements.some(({ Effect, Action }) => Effect === "Allow" && Action.some((one) => actions.includes(one)));

/** What changes the flags. */
export const DEPLOYS = ["appconfig:StartDeployment", "appconfig:StopDeployment"];
export const ENVIRONMENT = at("appconfig", "application/abc1234/environment/env1234");
