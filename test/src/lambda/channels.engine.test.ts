import { readFile } from "node:fs/promises";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { IAM } from "@aws-sdk/client-iam";
import { Lambda, type Runtime } from "@aws-sdk/client-lambda";
import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import { zipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { passOn } from "../../../cli/ack/pass";
import { startWebhook, type Webhook } from "../../../cli/rehearse/webhook";
import { ASSUME_ROLE } from "../../../components/permissions/abortSwitch";
import { openSandbox, type Sandbox, silentProgress } from "../../../sandbox";
import { emulated } from "../../../sandbox/aws/emulated";
import { declareSecrets } from "../../../sandbox/aws/secrets";
import { standInFor } from "../../../sandbox/webhook/tools";
import { channelName } from "../../../src/aws/names";
import { publishInput } from "../../../src/aws/publish";
import { channel } from "../../../src/channels/registry";
import type { ChannelsSettings, QueuedChannel } from "../../../src/lambda/channelsSettings";
import { functionFile } from "../../../src/lambda/functions";
import { RUNTIME } from "../../../src/lambda/runtime";
import type { Rollout } from "../../../src/rollout/rollout";
import { pointAwsTo } from "../../support/standIn";
import { AT, PUBLISHED } from "../channels/sent";

let sandbox: Sandbox;
let webhook: Webhook;
beforeAll(async () => {
  [sandbox, webhook] = await Promise.all([openSandbox({ progress: silentProgress }), startWebhook()]);
}, 240_000);
afterAll(async () => {
  await webhook?.stop();
  await sandbox?.stop();
});

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let left = 600; left > 0; left--) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${what} did not come`);
}

test("what is published to a topic is taken by PagerDuty and Slack, and what is refused lies where it is seen", async () => {
  const at = emulated(sandbox.aws);
  const [sns, sqs, lambda, iam, logs] = [
    new SNS(at),
    new SQS(at),
    new Lambda(at),
    new IAM(at),
    new CloudWatchLogs(at),
  ];
  const { TopicArn = "" } = await sns.createTopic({ Name: "search-on-call" });
  await logs.createLogGroup({ logGroupName: "/cutover/search/channels" });
  await declareSecrets(sandbox.aws, [
    { name: "pager", text: standInFor("pagerduty", webhook).secret ?? "" },
    { name: "chat", text: standInFor("slack", webhook).secret ?? "" },
    { name: "gone", text: "b".repeat(32) },
  ]);
  const queued = async (name: string, config: object): Promise<QueuedChannel> => {
    const { QueueUrl: queueUrl = "" } = await sqs.createQueue({
      QueueName: channelName("search", name),
      Attributes: { VisibilityTimeout: "180" },
    });
    const { QueueUrl: deadLetterQueueUrl = "" } = await sqs.createQueue({ QueueName: `${name}-dlq` });
    const { Attributes = {} } = await sqs.getQueueAttributes({
      QueueUrl: queueUrl,
      AttributeNames: ["QueueArn"],
    });
    const queueArn = Attributes.QueueArn ?? "";
    await sns.subscribe({ TopicArn, Protocol: "sqs", Endpoint: queueArn });
    const { url } = standInFor((config as { kind: string }).kind, webhook);
    return {
      name,
      config: channel.parse({ ...config, ...(url && { url }), topics: ["onCall"] }),
      queueArn,
      queueUrl,
      deadLetterQueueUrl,
    };
  };
  const channels = [
    await queued("pager", { kind: "pagerduty", secret: "pager" }),
    await queued("chat", { kind: "slack", secret: "chat" }),
    await queued("gone", { kind: "pagerduty", secret: "gone" }),
  ];
  const settings: ChannelsSettings = {
    ...{ rollout: "search", region: sandbox.aws.region, channels, sentGroup: "/cutover/search/channels" },
  };
  const ZipFile = zipSync({
    "index.js": await readFile(await functionFile("channels")),
    "config.json": Buffer.from(JSON.stringify(settings)),
  });
  const { Role } = await iam.createRole({ RoleName: "channels", AssumeRolePolicyDocument: ASSUME_ROLE });
  const Action = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
  const Resource = channels.map(({ queueArn }) => queueArn);
  await iam.putRolePolicy({
    ...{ RoleName: "channels", PolicyName: "channels" },
    PolicyDocument: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action, Resource }],
    }),
  });
  await lambda.createFunction({
    ...{
      FunctionName: "channels",
      Role: Role?.Arn ?? "",
      Runtime: RUNTIME.name as Runtime,
      Handler: "index.handler",
    },
    ...{ Code: { ZipFile }, Timeout: 30, MemorySize: 512 },
  });
  for (const { queueArn } of channels)
    await lambda.createEventSourceMapping({
      ...{ EventSourceArn: queueArn, FunctionName: "channels", BatchSize: 1 },
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });

  const message = PUBLISHED["rolled back"] as (typeof PUBLISHED)[string];
  await sns.publish(publishInput(TopicArn, message));
  await until("both pages", () => webhook.accepted.length >= 2);
  const headline = expect.stringContaining(
    "Rolled back: ops-view stageA XA1: Requests answer with a server error",
  );
  expect([...webhook.accepted].sort((a, b) => a.tool.localeCompare(b.tool))).toMatchObject([
    { tool: "pagerduty", action: "trigger", headline, key: expect.stringMatching(/\/ops-view-stageA-XA1$/) },
    { tool: "slack", action: "post", headline },
  ]);

  const refused = async () => {
    const { Messages = [] } = await sqs.receiveMessage({
      ...{ QueueUrl: channels[2]?.deadLetterQueueUrl, MessageAttributeNames: ["All"], VisibilityTimeout: 0 },
    });
    return Messages.map(({ MessageAttributes = {} }) => MessageAttributes.why?.StringValue);
  };
  await until("the refused one", async () => (await refused()).length > 0);
  expect(await refused()).toEqual([expect.stringContaining("Invalid routing key")]);

  // The same answer once more: nobody is told again.
  await sns.publish(publishInput(TopicArn, message));
  await until("an empty queue", async () => {
    const { Attributes = {} } = await sqs.getQueueAttributes({
      QueueUrl: channels[1]?.queueUrl,
      AttributeNames: ["All"],
    });
    return (
      Attributes.ApproximateNumberOfMessages === "0" &&
      Attributes.ApproximateNumberOfMessagesNotVisible === "0"
    );
  });
  expect(webhook.accepted.filter(({ tool }) => tool === "slack")).toHaveLength(1);

  // Somebody saw it: each tool is told in its own way, about the very page that it has.
  pointAwsTo(sandbox.aws.endpoint);
  const [pager, chat] = channels.map(({ config }) => config);
  const passed = await passOn(
    { name: "search", channels: { pager, chat } } as unknown as Rollout,
    sandbox.aws.region,
    { rollout: "ops-view", stage: "stageA", row: "XA1", fired: AT, digest: "d1" },
    `arn:aws:sts::${TopicArn.split(":")[4]}:assumed-role/OnCall/alice`,
  );
  expect(passed).toEqual([{ channel: "pager (PagerDuty)" }, { channel: "chat (Slack)" }]);
  await until(
    "what was seen",
    () => webhook.accepted.filter(({ headline }) => !/^.{0,20}Rolled/.test(headline)).length >= 5,
  );
  const [page, ...acknowledged] = webhook.accepted.filter(({ tool }) => tool === "pagerduty");
  expect(acknowledged.map(({ action, key }) => [action, key])).toEqual(
    ["", `/reminder/${AT}`, `/stays-up/${AT}`, `/rollback-failed/${AT}`].map((own) => [
      "acknowledge",
      `${page?.key}${own}`,
    ]),
  );
  expect(webhook.accepted.filter(({ tool }) => tool === "slack").at(-1)?.headline).toMatch(
    /^alice saw it at .* UTC: the page of ops-view stageA XA1$/,
  );
}, 240_000);
