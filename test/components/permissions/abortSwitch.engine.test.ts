import { AppConfigClient } from "@aws-sdk/client-appconfig";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { ECS } from "@aws-sdk/client-ecs";
import { Scheduler } from "@aws-sdk/client-scheduler";
import { SNS } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { rolePolicyOf, topicPolicyOf } from "../../../components/permissions/abortSwitch";
import { lowerFlags } from "../../../src/abort/lower";
import { AppConfigStore } from "../../../src/flags/appConfigStore";
import { BOTH, CREDENTIALS, type FlagWorld, openFlags, READ, SPECS } from "../../src/abort/world";
import { type Enforced, openEnforced } from "./enforced";

/** The switch's role under the emulator's own IAM: it can do what an abort needs, and nothing in it is too much. */
const region = "us-east-1";
const GROUP = "ops-view-stageB-reminders";
const DECISIONS = "/cutover/ops-view/stageB/decisions";
let enforced: Enforced;
let flags: FlagWorld;
let policy: { Statement: { Sid: string; Action: string[]; Resource: string[] }[] };
let topicArn: string;

beforeAll(async () => {
  enforced = await openEnforced();
});
afterAll(async () => {
  await enforced?.stop();
});

beforeEach(async () => {
  await enforced.reset();
  flags = await openFlags(enforced.at.endpoint, region, "ops-view");
  await flags.promote(READ);
  await flags.promote(BOTH, { strategyId: await flags.slow({ duration: 10, bake: 0 }) });
  const { at } = enforced;
  topicArn = (await new SNS(at).createTopic({ Name: "ops-view-on-call" })).TopicArn ?? "";
  await new SNS(at).createTopic({ Name: "somebody-elses" });
  await new Scheduler(at).createScheduleGroup({ Name: GROUP });
  for (const logGroupName of [DECISIONS, "/somebody-elses"])
    await new CloudWatchLogs(at).createLogGroup({ logGroupName });
  policy = JSON.parse(
    rolePolicyOf({
      store: flags.ids,
      topics: [topicArn],
      topicArn,
      deadLetterQueueArn: "arn:aws:sqs:us-east-1:000000000000:dlq",
      logsArn: "arn:aws:logs:us-east-1:000000000000:log-group:x",
      decisionsArn: `arn:aws:logs:${region}:000000000000:log-group:${DECISIONS}`,
      restart: [{ cluster: "ops", service: "web" }],
      reminders: {
        group: GROUP,
        roleArn: "arn:aws:iam::000000000000:role/reminders",
      },
    }),
  );
});

/** Clients of somebody who has the switch's role, less some permission. */
async function role(without?: string) {
  const Statement = policy.Statement.map((one) => ({
    ...one,
    Effect: "Allow",
    // The emulator asks for a permission on the cluster, where AWS asks for one on the service; and it takes every
    // schedule for one of the default group.
    Resource: one.Resource.map((arn) =>
      arn.replace(/:service\/ops\/web$/, ":cluster/ops").replace(`:schedule/${GROUP}/`, ":schedule/default/"),
    ),
  }));
  const credentials = await enforced.as(Statement, without);
  const as = { endpoint: enforced.at.endpoint, region, credentials, maxAttempts: 1 };
  return {
    store: new AppConfigStore(new AppConfigClient(as), flags.ids, 1_000),
    sns: new SNS(as),
    ecs: new ECS(as),
    scheduler: new Scheduler(as),
    logs: new CloudWatchLogs(as),
  };
}

const abort = ({ store }: { store: AppConfigStore }) =>
  lowerFlags(store, {
    specs: SPECS,
    floor: READ,
    note: { rollout: "ops-view", stage: "stageB", attempt: 1, row: "XB1" },
  });

test("the role is enough for an abort, with a deployment under way", async () => {
  expect(await abort(await role())).toMatchObject({ after: READ, stopped: [3] });
  expect(await flags.live()).toEqual(READ);
});

describe("without one of its permissions", () => {
  test.each([
    "appconfig:ListDeployments",
    "appconfig:GetHostedConfigurationVersion",
    "appconfig:StopDeployment",
    "appconfig:CreateHostedConfigurationVersion",
    "appconfig:StartDeployment",
  ])("%s, an abort fails", async (action) => {
    await expect(abort(await role(action))).rejects.toThrow(/not authorized|denied|does not let/i);
  });

  test("appconfig:GetDeployment, it cannot tell its own deployment when it is called again", async () => {
    expect(await (await role()).store.entry(2)).toMatchObject({ note: { stage: "stageB" } });
    await expect((await role("appconfig:GetDeployment")).store.entry(2)).rejects.toThrow(
      /not authorized|denied|does not let/i,
    );
  });

  test("appconfig:GetConfigurationProfile, it cannot adapt to the store's own list, and goes by its own", async () => {
    expect(await abort(await role("appconfig:GetConfigurationProfile"))).toMatchObject({ after: READ });
    expect(await (await role()).store.schema()).toContain("OPS_VIEW_DB_READ");
    await expect((await role("appconfig:GetConfigurationProfile")).store.schema()).rejects.toThrow(
      /not authorized|denied|does not let/i,
    );
  });

  test("appconfig:ListHostedConfigurationVersions, it cannot reuse a version", async () => {
    expect(await (await role()).store.versions()).toHaveLength(3);
    await expect((await role("appconfig:ListHostedConfigurationVersions")).store.versions()).rejects.toThrow(
      /not authorized|denied|does not let/i,
    );
  });

  test("sns:Publish, nobody is paged", async () => {
    const page = async (without?: string, TopicArn = topicArn) =>
      (await role(without)).sns.publish({ TopicArn, Message: "down" });
    expect((await page()).MessageId).toBeDefined();
    await expect(page("sns:Publish")).rejects.toThrow(/not authorized|denied|does not let/i);
    // Nor on any other topic.
    await expect(page(undefined, topicArn.replace("ops-view-on-call", "somebody-elses"))).rejects.toThrow(
      /not authorized|denied|does not let/i,
    );
  });

  test("ecs:UpdateService, no server restarts", async () => {
    const restart = async (without?: string, cluster = "ops") =>
      (await role(without)).ecs.updateService({ cluster, service: "web", forceNewDeployment: true });
    // Past the permission: there is just no such cluster.
    await expect(restart()).rejects.toThrow(/not found/i);
    await expect(restart("ecs:UpdateService")).rejects.toThrow(/not authorized|denied|does not let/i);
    await expect(restart(undefined, "other")).rejects.toThrow(/not authorized|denied|does not let/i);
  });

  test("scheduler:CreateSchedule, nobody is reminded", async () => {
    const schedule = async (without?: string) =>
      (await role(without)).scheduler.createSchedule({
        GroupName: GROUP,
        Name: "T3-1",
        ScheduleExpression: "at(2096-11-21T10:00:00)",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: {
          Arn: `arn:aws:lambda:${region}:000000000000:function:ops-view-stageB-abort`,
          RoleArn: "arn:aws:iam::000000000000:role/reminders",
        },
      });
    expect((await schedule()).ScheduleArn).toContain(GROUP);
    await expect(schedule("scheduler:CreateSchedule")).rejects.toThrow(/not authorized|denied|does not let/i);
  });

  test.each(["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"])(
    "%s, it is not known what was decided",
    async (action) => {
      const keep = async (without?: string, logGroupName = DECISIONS) => {
        const { logs } = await role(without);
        const at = { logGroupName, logStreamName: `T3/dismissed/${Math.random()}` };
        await logs.createLogStream(at);
        await logs.putLogEvents({ ...at, logEvents: [{ timestamp: Date.now(), message: "x" }] });
        return (await logs.describeLogStreams({ logGroupName, logStreamNamePrefix: "T3/" })).logStreams;
      };
      expect(await keep()).toHaveLength(1);
      await expect(keep(action)).rejects.toThrow(/not authorized|denied|does not let/i);
      await expect(keep(undefined, "/somebody-elses")).rejects.toThrow(/not authorized|denied|does not let/i);
    },
  );
});

describe("the switch's topic", () => {
  const ALARMS = ["ops-view-stageB-XB1", "ops-view-stageB-drill"];

  /** The topic with this policy, and what somebody meets who may do everything with every topic. */
  async function topic(policyOf: (arn: string) => string) {
    const { at } = enforced;
    const { TopicArn = "" } = await new SNS(at).createTopic({ Name: "ops-view-stageB-abort" });
    await new SNS(at).setTopicAttributes({
      TopicArn,
      AttributeName: "Policy",
      AttributeValue: policyOf(TopicArn),
    });
    policy.Statement = [{ Sid: "AllTopics", Action: ["sns:*"], Resource: ["*"] }];
    const { sns } = await role();
    return { sns, TopicArn };
  }

  test("refuses everyone whose own policy allows to publish, also whoever owns it", async () => {
    const { sns, TopicArn } = await topic((arn) => topicPolicyOf(arn, ALARMS));
    await expect(sns.publish({ TopicArn, Message: "down" })).rejects.toThrow(
      /not authorized|denied|does not let/i,
    );
    const owner = new SNS({
      endpoint: enforced.at.endpoint,
      region,
      credentials: CREDENTIALS,
      maxAttempts: 1,
    });
    await expect(owner.publish({ TopicArn, Message: "down" })).rejects.toThrow(
      /not authorized|denied|does not let/i,
    );
  });

  test("would take it from them by its list of alarms alone", async () => {
    const { sns, TopicArn } = await topic((arn) => {
      const { Statement, ...rest } = JSON.parse(topicPolicyOf(arn, ALARMS)) as { Statement: State[] };
      return JSON.stringify({ ...rest, Statement: Statement.filter(({ Effect }) => Effect === "Allow") });
    });
    expect((await sns.publish({ TopicArn, Message: "down" })).MessageId).toBeDefined();
  });

  test("stays in its owner's hands", async () => {
    const { sns, TopicArn } = await topic((arn) => topicPolicyOf(arn, ALARMS));
    const { Attributes } = await sns.getTopicAttributes({ TopicArn });
    expect(Attributes?.Policy).toContain("NobodyElse");
    await sns.setTopicAttributes({
      TopicArn,
      AttributeName: "Policy",
      AttributeValue: topicPolicyOf(TopicArn, [...ALARMS, "ops-view-stageB-XB2"]),
    });
    await sns.deleteTopic({ TopicArn });
  });
});

interface State {
  readonly Effect: string;
}
