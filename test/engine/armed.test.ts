import { CloudWatchClient, DisableAlarmActionsCommand } from "@aws-sdk/client-cloudwatch";
import { LambdaClient, PutFunctionConcurrencyCommand } from "@aws-sdk/client-lambda";
import {
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCutover } from "../../cli/rehearse/command";
import { emulated } from "../../sandbox/aws/emulated";
import { QueueClient } from "../../src/aws/queues";
import { FAST, Ground, OFF, READ, type TestRollout } from "./harness";
import { worldOf } from "./listing";
import { publishOnce } from "./publish";

const CLOUDWATCH = { Service: "cloudwatch.amazonaws.com" };

/** A guard counts by its effect: each of these is declared, and could not act. */
describe("a guard that could not act", () => {
  let ground: Ground;
  let rollout: TestRollout;

  beforeAll(async () => {
    ground = await Ground.open();
    rollout = await ground.rollout("armed", { scale: FAST, abortSwitch: true });
    await rollout.bringUp("baseline");
  });
  afterAll(() => ground?.close());

  it("dead-1: a row on a misspelt metric promotes nothing, and the refusal names it", async () => {
    const metric = ["cutover:stage", "abort", "XA1", "metric", "name"];
    await rollout.edit("stageA", metric, "Queue5xy");
    const before = await worldOf(rollout);
    const run = await rollout.up("stageA");
    expect(run.outcome).toBe("blocked");
    expect(run.output).toContain("stageA XA1: not armed: OpsView Queue5xy has never had data");
    expect(run.output).toContain("Did you mean Queue5xx?");
    expect(await worldOf(rollout)).toEqual(before);
    expect(await rollout.liveFlags()).toEqual(OFF);
    await rollout.edit("stageA", metric, "Queue5xx");
  });

  it("dead-3: topics without anybody on call are refused, where a row rolls back", async () => {
    const onCall = [{ protocol: "http", endpoint: `${ground.webhook.url}/on-call` }];
    await rollout.edit("baseline", ["cutover:rollout", "topics"], {});
    const run = await rollout.up("stageA");
    expect(run.code).not.toBe(0);
    expect(run.output).toMatch(
      /names nobody, and XA1, .* would page on-call and roll back: nobody is reached/,
    );
    expect(await rollout.liveFlags()).toEqual(OFF);
    await rollout.edit("baseline", ["cutover:rollout", "topics"], { onCall });
  });

  it("and one whose guards work is promoted", async () => {
    const run = await rollout.up("stageA");
    expect(run.output).not.toContain("not armed");
    expect(run.outcome).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(READ);
  });

  it("a queue alone reaches nobody, until a person acknowledges the page that came through it", async () => {
    const sns = new SNSClient(emulated(ground.sandbox.aws));
    const sqs = new QueueClient(emulated(ground.sandbox.aws));
    const type = (...words: string[]) =>
      runCutover({ sandbox: ground.sandbox, project: rollout.project }, words);
    const status = async () =>
      (await runCutover({ sandbox: ground.sandbox, project: rollout.project }, ["status"])).stdout.replaceAll(
        /\s+/g,
        " ",
      );
    // A part that does not answer within ten seconds is unknown, as it may be on a busy machine: it is asked again.
    const says = (words: string) => expect.poll(status, { timeout: 120_000, interval: 250 }).toContain(words);
    /** The code of the page; other mail may come before it. */
    const codeIn = async (QueueUrl: string | undefined) => {
      for (const ends = Date.now() + 60_000; Date.now() < ends; ) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 10 }),
        );
        for (const { Body = "" } of Messages) {
          const code = / ack [^"]*?([0-9A-Z]{5}-[0-9A-Z]{5})/.exec(Body)?.[1];
          if (code !== undefined) return code;
        }
      }
      return "";
    };
    try {
      const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
      const TopicArn = Topics.find((one) => one.TopicArn?.endsWith(":armed-on-call"))?.TopicArn;
      const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
      for (const { SubscriptionArn } of Subscriptions)
        await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "pager" }));
      const Endpoint = TopicArn?.replace(":sns:", ":sqs:").replace("armed-on-call", "pager");
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint }));
      await says("nobody has acknowledged a page");

      const paged = await type("drill", "-s", "baseline", "--page");
      expect(paged.stdout).toContain("on-call was paged");
      const code = await codeIn(QueueUrl);
      expect(code).not.toBe("");
      expect(paged.stdout).not.toContain(code);

      const wrong = await type("ack", "00000-00000");
      expect(wrong.code).not.toBe(0);
      expect(wrong.stdout + wrong.stderr).toContain("is the code of no page of armed");
      await says("nobody has acknowledged a page");

      const right = await type("ack", code.toLowerCase());
      expect(right.stdout).toContain("was acknowledged");
      expect(right.code).toBe(0);
      const told = await status();
      expect(told).not.toContain("acknowledged a");
      expect(told).toMatch(
        /LAST PAGE of a page to on-call for baseline \(deployment \d+\): seen by arn:aws:\S+ after/,
      );
      expect(await rollout.liveFlags()).toEqual(READ);
    } finally {
      sns.destroy();
      sqs.destroy();
    }
  });

  it("dead-4: disabled actions, a function that may not run and topics that take no alarm block the next stage, and status shows it", async () => {
    const cloudwatch = new CloudWatchClient(emulated(ground.sandbox.aws));
    const lambda = new LambdaClient(emulated(ground.sandbox.aws));
    await cloudwatch.send(new DisableAlarmActionsCommand({ AlarmNames: ["armed-stageA-XA1"] }));
    await lambda.send(
      new PutFunctionConcurrencyCommand({
        FunctionName: "armed-stageA-abort",
        ReservedConcurrentExecutions: 0,
      }),
    );
    // As a job does that switches encryption on everywhere, and one that narrows policies.
    const sns = new SNSClient(emulated(ground.sandbox.aws));
    const topic = (name: string) => `arn:aws:sns:us-east-1:000000000000:${name}`;
    const aws = { AttributeName: "KmsMasterKeyId", AttributeValue: "alias/aws/sns" };
    const deny = { Effect: "Deny", Principal: CLOUDWATCH, Action: "sns:Publish", Resource: "*" };
    const denied = { AttributeName: "Policy", AttributeValue: JSON.stringify({ Statement: deny }) };
    await sns.send(new SetTopicAttributesCommand({ TopicArn: topic("armed-stageA-abort"), ...aws }));
    await sns.send(new SetTopicAttributesCommand({ TopicArn: topic("armed-on-call"), ...denied }));
    for (const client of [cloudwatch, lambda, sns]) client.destroy();
    await publishOnce(ground.sandbox, ["Queue5xx"]);
    const run = await rollout.up("stageB");
    expect(run.outcome).toBe("blocked");
    expect(run.output).toContain("the actions of its alarm armed-stageA-XA1 are disabled");
    expect(run.output).toContain(
      "the function armed-stageA-abort may not run: its reserved concurrency is 0",
    );
    const words = run.output.replaceAll(/\s+/g, " ");
    expect(words).toContain(
      "armed-stageA-abort is encrypted with AWS's own key, which CloudWatch may not use",
    );
    expect(words).toContain(`the policy of ${topic("armed-on-call")} denies CloudWatch to publish`);
    expect(run.output).toContain("pulumi refresh -s stageA");
    expect(await rollout.liveFlags()).toEqual(READ);
    const { stdout } = await runCutover({ sandbox: ground.sandbox, project: rollout.project }, ["status"]);
    expect(stdout).toMatch(/XA1\s+not armed/);
    expect(stdout).toMatch(/reserved concurrency is 0/);
    expect(stdout.replaceAll(/\s+/g, " ")).toMatch(/own key, which CloudWatch may not use/);
    expect(stdout.replaceAll(/\s+/g, " ")).toMatch(/denies CloudWatch to publish/);
  });
});
