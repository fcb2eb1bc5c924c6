import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SNS } from "@aws-sdk/client-sns";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { messagesPolicyOf } from "../../../components/permissions/messages";
import { messagesSecretText } from "../../../src/lambda/messagesSecret";
import type { MessagesSettings } from "../../../src/lambda/messagesSettings";
import { awsWorld } from "../../../src/lambda/messagesWorld";
import { sendDue } from "../../../src/messages/sendDue";
import { openFlags, READ, SPECS } from "../../src/abort/world";
import { written } from "../../src/messages/topicMessages";
import { gateOf, sqlGate } from "../../support/build";
import { type Enforced, openEnforced } from "./enforced";

/** The messages function's role under the emulator's own IAM: enough for what it does, and nothing in it is too much. */
const region = "us-east-1";
const NOBODY = { host: "127.0.0.1", port: 1, database: "ops", ssl: "disable", schema: "public" } as const;
const AT = `${region}:000000000000`;
let enforced: Enforced;
let config: MessagesSettings;
let policy: { Statement: { Action: string[] }[] };
let call: object;

beforeAll(async () => {
  enforced = await openEnforced();
  vi.stubEnv("AWS_ENDPOINT_URL", enforced.at.endpoint);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await enforced?.stop();
});
afterEach(() => vi.stubEnv("AWS_SESSION_TOKEN", undefined));

beforeEach(async () => {
  await enforced.reset();
  const { at } = enforced;
  const flags = await openFlags(enforced.at.endpoint, region, "ops-view");
  const deployment = await flags.promote(READ, { note: { stage: "stageA" } });
  call = { cutover: 1, row: "C2", stage: "stageA", attempt: 1, deployment };
  const { TopicArn = "" } = await new SNS(at).createTopic({ Name: "ops-view-ops" });
  // A window begins with the first whole second after the flip.
  await sleep(1_100);
  await new CloudWatch(at).putMetricData({
    Namespace: "OpsView",
    MetricData: [{ MetricName: "Read5xx", Value: 0 }],
  });
  const login = { user: "gate", password: "s3cret" };
  const { ARN: secretArn = "" } = await new SecretsManager(at).createSecret({
    Name: "cutover/ops-view/stageA/messages",
    SecretString: messagesSecretText({ login, tokens: {} }),
  });
  const sentGroup = "/cutover/ops-view/stageA/sent";
  await new CloudWatchLogs(at).createLogGroup({ logGroupName: sentGroup });
  config = {
    of: { rollout: "ops-view", name: "stageA", specs: SPECS, flags: READ, before: [] },
    store: { ...flags.ids, region },
    topics: { onCall: `${TopicArn}-x`, ops: TopicArn, stakeholders: `${TopicArn}-y` },
    messages: { C2: written({ title: "Reads have soaked", when: { after: "1ms" }, soakSummary: true }) },
    gates: [
      gateOf("E1", {
        source: "metric",
        namespace: "OpsView",
        name: "Read5xx",
        statistic: "Sum",
        window: "soak",
        // One datum is all that there is.
        every: "1s",
        gaps: { atMost: "100%" },
        minSamples: 1,
        expect: { gte: 0 },
      }),
      // Nobody listens there: what counts is whether it comes as far as that.
      sqlGate("E2"),
    ],
    attempt: 1,
    sentGroup,
    timeScale: 1,
    sources: { promoted: { name: "stageB", signOffs: {} }, parameters: {}, database: NOBODY, secretArn },
  };
  policy = JSON.parse(
    messagesPolicyOf({
      store: flags.ids,
      topics: [TopicArn],
      looks: ["cloudwatch:GetMetricData"],
      secretArn,
      deadLetterQueueArn: `arn:aws:sqs:${AT}:dlq`,
      logsArn: `arn:aws:logs:${AT}:log-group:/aws/lambda/messages`,
      sentArn: `arn:aws:logs:${AT}:log-group:${sentGroup}`,
    }),
  );
});

/** Runs the messages function with its role, less some permission. What it logged, and what the topic took. */
async function run(without?: string) {
  const credentials = await enforced.as(policy.Statement, without);
  vi.stubEnv("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
  vi.stubEnv("AWS_SESSION_TOKEN", credentials.sessionToken);
  const logged: string[] = [];
  const told: string[] = [];
  const world = awsWorld(config, (entry) => logged.push(JSON.stringify(entry)));
  const publish: typeof world.publish = async (topicArn, notice) => {
    await world.publish(topicArn, notice);
    told.push(notice.text);
  };
  await sendDue(call, config, { ...world, publish });
  return { logged: logged.join("\n"), told: told.join("\n") };
}

test("the role is enough to say what is due, with figures, and to keep that it was said", async () => {
  const { logged, told } = await run();
  expect(told).toContain("1 of 2 exit gates pass");
  expect(told).toMatch(/E2 INCONCLUSIVE[\s\S]*unreachable/);
  expect(logged).toContain('"unkept":[]');
  expect((await run()).logged).toContain('"told":[]');
});

describe("without one of its permissions", () => {
  test.each([
    "appconfig:ListDeployments",
    "appconfig:GetDeployment",
    "appconfig:GetHostedConfigurationVersion",
  ])("%s, it does not know what is true", async (action) => {
    await expect(run(action)).rejects.toThrow(
      /ledger cannot be read[\s\S]*(not authorized|denied|does not let)/i,
    );
  });

  test("sns:Publish, nobody is told", async () => {
    await expect(run("sns:Publish")).rejects.toThrow(/not authorized|denied|does not let/i);
  });

  test("cloudwatch:GetMetricData, there are no figures, and it says so", async () => {
    expect((await run("cloudwatch:GetMetricData")).told).toMatch(
      /E1 INCONCLUSIVE[\s\S]*(not authorized|denied|does not let)/i,
    );
  });

  test("secretsmanager:GetSecretValue, it does not read the database, and says so", async () => {
    expect((await run("secretsmanager:GetSecretValue")).told).toMatch(
      /E1 PASS[\s\S]*E2 INCONCLUSIVE[\s\S]*the login cannot be read: .*(not authorized|denied|does not let)/i,
    );
  });

  test("logs:DescribeLogStreams, it tells people twice", async () => {
    expect((await run("logs:DescribeLogStreams")).logged).toContain("unknown-what-was-sent");
  });

  test.each(["logs:CreateLogStream", "logs:PutLogEvents"])(
    "%s, it cannot keep what was told",
    async (action) => {
      const { logged, told } = await run(action);
      expect(told).toContain("Reads have soaked");
      expect(logged).toMatch(/"unkept":\[\{"key":"attempt-1\/C2\/ops"/);
    },
  );
});
