import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { KMS } from "@aws-sdk/client-kms";
import { SNS } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCutover } from "../../cli/rehearse/command";
import { emulated } from "../../sandbox/aws/emulated";
import { Ground, OFF, outcome, READ, type TestRollout, until } from "./harness";
import { publishOnce } from "./publish";

const ACCOUNT = "000000000000";
const CLOUDWATCH = { Service: "cloudwatch.amazonaws.com" };
const ALARMS = {
  Sid: "CloudWatchAlarms",
  Effect: "Allow",
  Principal: CLOUDWATCH,
  Action: ["kms:Decrypt", "kms:GenerateDataKey"],
  Resource: "*",
  Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } },
};
const ROOT = {
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
  Action: "kms:*",
  Resource: "*",
};

/** The account has a topic of its own for whoever is on call, encrypted and subscribed to. Each test leans on those before it. */
describe("a topic that is there already", () => {
  let ground: Ground;
  let rollout: TestRollout;
  let sns: SNS;
  let kms: KMS;
  let TopicArn: string;
  let KeyId: string;

  beforeAll(async () => {
    ground = await Ground.open();
    const aws = emulated(ground.sandbox.aws);
    [sns, kms] = [new SNS(aws), new KMS(aws)];
    KeyId = (await kms.createKey({ Policy: JSON.stringify({ Statement: [ROOT] }) })).KeyMetadata?.Arn ?? "";
    TopicArn =
      (await sns.createTopic({ Name: "pagers", Attributes: { KmsMasterKeyId: KeyId } })).TopicArn ?? "";
    await sns.subscribe({ TopicArn, Protocol: "http", Endpoint: `${ground.webhook.url}/pagers` });
    rollout = await ground.rollout("borrowed", { abortSwitch: true });
    await rollout.edit("baseline", ["cutover:rollout", "topics", "onCall"], { arn: TopicArn, kmsKey: KeyId });
  });
  afterAll(async () => {
    for (const client of [sns, kms]) client?.destroy();
    await ground?.close();
  });

  const keyAdmits = (...statements: object[]) =>
    kms.putKeyPolicy({ KeyId, PolicyName: "default", Policy: JSON.stringify({ Statement: statements }) });
  const paged = () => ground.webhook.delivered.filter(({ topic }) => topic === "pagers");
  const ringing = async () => {
    const client = new CloudWatch(emulated(ground.sandbox.aws));
    const { MetricAlarms = [] } = await client.describeAlarms({ StateValue: "ALARM" });
    client.destroy();
    return MetricAlarms;
  };
  const ring = (value: number) => publishOnce(ground.sandbox, ["Queue5xx"], { value });

  it("whose key does not admit CloudWatch carries nothing: no foundation is laid, and doctor says so", async () => {
    const run = await rollout.up("baseline");
    expect(run.code).not.toBe(0);
    expect(run.output).toContain("topics.onCall.kmsKey");
    expect(run.output).toContain("does not admit CloudWatch, whose alarms would reach nobody");
    const world = { sandbox: ground.sandbox, project: rollout.project };
    const { stdout } = await runCutover(world, ["doctor"]);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      "does not admit CloudWatch, whose alarms would reach nobody",
    );
    await keyAdmits(ROOT, ALARMS);
  });

  it("carries a stage: it is neither made nor changed, and every alarm pages through it", async () => {
    const before = await sns.getTopicAttributes({ TopicArn });
    for (const stack of ["baseline", "stageA"] as const)
      expect(await outcome(rollout.up(stack))).toBe("promoted");
    const { Topics = [] } = await sns.listTopics({});
    const names = Topics.map((topic) => topic.TopicArn?.split(":").at(-1));
    expect(names).not.toContain("borrowed-on-call");
    expect(names).toContain("borrowed-ops");
    expect(await sns.getTopicAttributes({ TopicArn })).toMatchObject({ Attributes: before.Attributes });
    await ring(1);
    await until(
      "the flags are down",
      async () => JSON.stringify(await rollout.liveFlags()) === JSON.stringify(OFF),
    );
    await until("on-call is told", () =>
      ["borrowed-stageA-XA1", "Rolled back"].every((words) =>
        paged().some(({ subject = "", message }) => `${subject} ${message}`.includes(words)),
      ),
    );
    await ring(0);
    // An alarm that rings already would never act: no stage is raised under it.
    await until("no alarm rings", async () => (await ringing()).length === 0);
  });

  it.each<[string, () => Promise<unknown>, () => Promise<unknown>, RegExp]>([
    [
      "whose policy comes to deny it",
      () => sns.setTopicAttributes({ TopicArn, AttributeName: "Policy", AttributeValue: policy("Deny") }),
      () => sns.setTopicAttributes({ TopicArn, AttributeName: "Policy", AttributeValue: policy() }),
      /denies CloudWatch to publish/,
    ],
    [
      "whose policy decides by what nobody here knows",
      () =>
        sns.setTopicAttributes({
          TopicArn,
          AttributeName: "Policy",
          AttributeValue: policy("Deny", { StringEquals: { "aws:SourceVpce": "vpce-1" } }),
        }),
      () => sns.setTopicAttributes({ TopicArn, AttributeName: "Policy", AttributeValue: policy() }),
      /denies publishing under conditions of which it cannot be told whether these alarms meet them/,
    ],
    [
      "whose key comes to admit it no more",
      () => keyAdmits(ROOT),
      () => keyAdmits(ROOT, ALARMS),
      /does not admit CloudWatch/,
    ],
  ])("%s lets nothing be raised over it", async (_, breaks, mends, why) => {
    await rollout.edit("stageA", ["cutover:stage", "attempt"], 2);
    await breaks();
    const run = await rollout.up("stageA");
    expect(run.outcome, run.output).toBe("blocked");
    expect(run.output.replaceAll(/\s+/g, " ")).toMatch(why);
    expect(await rollout.liveFlags()).toEqual(OFF);
    await mends();
  });

  it("carries the next attempt once all of that is mended", async () => {
    const run = await rollout.up("stageA");
    expect(run.outcome, run.output).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(READ);
    expect(await outcome(rollout.up("baseline"))).toBe("unchanged");
  });

  it("whose key comes to admit CloudWatch no more hears no alarm, as on AWS: the flags go down all the same", async () => {
    // The switch, a function of this account, says by its own role what it did.
    const alarms = () => paged().filter(({ message }) => message.includes('"NewStateValue"')).length;
    const before = [alarms(), paged().length];
    await keyAdmits(ROOT);
    await ring(1);
    await until("on-call is told of the abort", () => paged().length > (before[1] ?? 0));
    expect(await rollout.liveFlags()).toEqual(OFF);
    expect(alarms()).toBe(before[0]);
  });

  function policy(effect?: "Deny", Condition: object = {}): string {
    const to = { Principal: "*", Action: "sns:Publish", Resource: TopicArn };
    const allowed = { Effect: "Allow", ...to, Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } } };
    const denied = effect ? [{ Effect: effect, ...to, Condition }] : [];
    return JSON.stringify({ Version: "2012-10-17", Statement: [allowed, ...denied] });
  }
});
