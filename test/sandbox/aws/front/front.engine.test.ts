import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppConfig } from "@aws-sdk/client-appconfig";
import { AppConfigData } from "@aws-sdk/client-appconfigdata";
import { CloudWatch, type PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { IAM } from "@aws-sdk/client-iam";
import { Lambda } from "@aws-sdk/client-lambda";
import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import { zipSync } from "fflate";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type MiniStack, startMiniStack } from "../../../../sandbox/aws/ministack";
import { Processes } from "../../../../sandbox/host/processes";
import { fetchedAgo } from "../../../../sandbox/standin/signals/send";
import { silentProgress } from "../../../../src/text/progress";
import { environment } from "../../support";
import { settings } from "./world";

let dir: string;
let processes: Processes;
let emulator: MiniStack;
let cloudwatch: CloudWatch;
let sns: SNS;
let sqs: SQS;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "cutover-front-"));
  processes = new Processes(dir);
  emulator = await startMiniStack({ dir, processes, env: environment(), progress: silentProgress });
  cloudwatch = new CloudWatch(settings(emulator.endpoint));
  sns = new SNS(settings(emulator.endpoint));
  sqs = new SQS(settings(emulator.endpoint));
});

afterAll(async () => {
  for (const client of [cloudwatch, sns, sqs]) client?.destroy();
  await processes?.stop();
  await processes?.release();
  rmSync(dir, { recursive: true, force: true });
});

let count = 0;

/** A topic whose messages can be read. */
async function topic(): Promise<{ arn: string; states: () => Promise<string[]> }> {
  const name = `topic-${++count}`;
  const { TopicArn } = await sns.createTopic({ Name: name });
  const { QueueUrl } = await sqs.createQueue({ QueueName: name });
  const { Attributes } = await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["QueueArn"] });
  await sns.subscribe({ TopicArn, Protocol: "sqs", Endpoint: Attributes?.QueueArn });
  return {
    arn: TopicArn as string,
    states: async () => {
      const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 });
      return Messages.map(({ Body }) => {
        const { Message } = JSON.parse(Body as string) as { Message: string };
        const { NewStateValue, AlarmName } = JSON.parse(Message) as Record<string, string>;
        return `${AlarmName} ${NewStateValue}`;
      });
    },
  };
}

const alarm = (name: string, over: Partial<PutMetricAlarmInput> = {}): PutMetricAlarmInput => ({
  AlarmName: name,
  Namespace: "App",
  MetricName: name,
  Statistic: "Sum",
  Period: 10,
  EvaluationPeriods: 1,
  ComparisonOperator: "GreaterThanThreshold",
  Threshold: 0,
  TreatMissingData: "notBreaching",
  ...over,
});

const put = (name: string, Value: number) =>
  cloudwatch.putMetricData({
    Namespace: "App",
    MetricData: [{ MetricName: name, Value, StorageResolution: 1 }],
  });

const stateOf = async (AlarmName: string) => {
  const { MetricAlarms = [], CompositeAlarms = [] } = await cloudwatch.describeAlarms({
    AlarmNames: [AlarmName],
    AlarmTypes: ["MetricAlarm", "CompositeAlarm"],
  });
  return [...MetricAlarms, ...CompositeAlarms][0]?.StateValue;
};

it("keeps what was fetched from being deleted, whoever asks for the check, and every description", async () => {
  const appconfig = new AppConfig(settings(emulator.endpoint));
  const data = new AppConfigData(settings(emulator.endpoint));
  try {
    const { Id: ApplicationId } = await appconfig.createApplication({ Name: "read" });
    const { Id: EnvironmentId } = await appconfig.createEnvironment({ ApplicationId, Name: "live" });
    const { Id: ConfigurationProfileId } = await appconfig.createConfigurationProfile({
      ...{ ApplicationId, Name: "flags", LocationUri: "hosted" },
    });
    const profile = { ApplicationId, ConfigurationProfileId };
    const { VersionNumber } = await appconfig.createHostedConfigurationVersion({
      ...{
        ...profile,
        Content: Buffer.from("{}"),
        ContentType: "application/json",
        Description: "the first",
      },
    });
    const version = { ...profile, VersionNumber };
    expect((await appconfig.getHostedConfigurationVersion(version)).Description).toBe("the first");
    const { InitialConfigurationToken } = await data.startConfigurationSession({
      ...{ ApplicationIdentifier: "read", EnvironmentIdentifier: "live" },
      ConfigurationProfileIdentifier: "flags",
    });
    const { NextPollConfigurationToken } = await data.getLatestConfiguration({
      ConfigurationToken: InitialConfigurationToken,
    });
    await data.getLatestConfiguration({ ConfigurationToken: NextPollConfigurationToken });
    await appconfig.deleteHostedConfigurationVersion(version);
    const check = { DeletionProtectionCheck: "APPLY" } as const;
    const [environment, gone] = [
      { ApplicationId, EnvironmentId, ...check },
      { ...profile, ...check },
    ];
    await expect(appconfig.deleteEnvironment(environment)).rejects.toThrow(
      /retrieved within the past 60 minutes/,
    );
    await expect(appconfig.deleteConfigurationProfile(gone)).rejects.toThrow(/retrieved within/);
    await fetchedAgo(emulator, 3_600_000);
    await appconfig.deleteEnvironment(environment);
    await appconfig.deleteConfigurationProfile(gone);
  } finally {
    appconfig.destroy();
    data.destroy();
  }
});

it("an alarm on a dead-letter queue pages when a message lies in it", async () => {
  const { arn, states } = await topic();
  const { QueueUrl } = await sqs.createQueue({ QueueName: "dead-letters" });
  await sqs.sendMessage({ QueueUrl, MessageBody: "given up on" });
  await cloudwatch.putMetricAlarm({
    ...alarm("dead-letters", { AlarmActions: [arn], Period: 60, Statistic: "Maximum" }),
    Namespace: "AWS/SQS",
    MetricName: "ApproximateNumberOfMessagesVisible",
    Dimensions: [{ Name: "QueueName", Value: "dead-letters" }],
  });
  await expect.poll(states, { timeout: 30_000, interval: 500 }).toEqual(["dead-letters ALARM"]);
});

it("runs the actions of an alarm once for each change of its state", async () => {
  const { arn, states } = await topic();
  await cloudwatch.putMetricAlarm(alarm("once", { AlarmActions: [arn], OKActions: [arn] }));
  for (const value of [0, 1, 1, 1]) await put("once", value);
  expect(await states()).toEqual(["once OK", "once ALARM"]);
});

it("runs no actions while they are disabled, and sets the state all the same", async () => {
  const { arn, states } = await topic();
  await cloudwatch.putMetricAlarm(alarm("disabled", { AlarmActions: [arn] }));
  await cloudwatch.disableAlarmActions({ AlarmNames: ["disabled"] });
  await put("disabled", 1);
  expect([await stateOf("disabled"), await states()]).toEqual(["ALARM", []]);
  const { MetricAlarms } = await cloudwatch.describeAlarms({ AlarmNames: ["disabled"] });
  expect(MetricAlarms?.[0]?.ActionsEnabled).toBe(false);
});

it("describes an alarm as it was put, math and all", async () => {
  const { arn } = await topic();
  const given = alarm("whole", {
    AlarmDescription: "a < b & c",
    Namespace: undefined,
    MetricName: undefined,
    Statistic: undefined,
    Period: undefined,
    AlarmActions: [arn],
    DatapointsToAlarm: 1,
    Metrics: [
      {
        Id: "m",
        ReturnData: false,
        MetricStat: {
          Metric: { Namespace: "App", MetricName: "M", Dimensions: [{ Name: "route", Value: "/queue" }] },
          Period: 10,
          Stat: "p95",
        },
      },
      { Id: "e", Expression: "m * 2", ReturnData: true },
    ],
  });
  await cloudwatch.putMetricAlarm(given);
  const { MetricAlarms } = await cloudwatch.describeAlarms({ AlarmNames: ["whole"] });
  expect(MetricAlarms?.[0]).toMatchObject({
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    ActionsEnabled: true,
    StateValue: "INSUFFICIENT_DATA",
    StateUpdatedTimestamp: expect.any(Date),
  });
  expect(MetricAlarms?.[0]?.Statistic).toBeUndefined();
});

/** The rule, and the state of the composite alarm while `first` is in ALARM and `second` OK. */
it.each([
  ['ALARM("first")', "ALARM"],
  ["ALARM(first) AND ALARM(second)", "OK"],
  ["ALARM(first) OR ALARM(second)", "ALARM"],
  ["NOT ALARM(first)", "OK"],
  ["OK(second) AND NOT OK(first)", "ALARM"],
])("composite: %s is %s", async (AlarmRule, expected) => {
  const { arn, states } = await topic();
  const name = `composite-${count}`;
  await cloudwatch.putMetricAlarm(alarm("first"));
  await cloudwatch.putMetricAlarm(alarm("second"));
  await put("first", 0);
  await put("second", 0);
  await cloudwatch.putCompositeAlarm({ AlarmName: name, AlarmRule, AlarmActions: [arn] });
  await states();
  await put("first", 1);
  expect(await stateOf(name)).toBe(expected);
  expect(await states()).toEqual(expected === "ALARM" ? [expect.stringContaining(name)] : []);
  await cloudwatch.deleteAlarms({ AlarmNames: [name] });
  await cloudwatch.deleteAlarms({ AlarmNames: ["first", "second"] });
  await emulator.reset();
});

it("looks at what the emulator holds: roles, validators, versions", async () => {
  const at = settings(emulator.endpoint);
  const [iam, lambda, appconfig] = [new IAM(at), new Lambda(at), new AppConfig(at)];
  const role = async (RoleName: string, Service: string) => {
    const Statement = [{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" }];
    const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    return (await iam.createRole({ RoleName, Path: "/deep/", AssumeRolePolicyDocument })).Role?.Arn;
  };
  const create = async (FunctionName: string, Role: string | undefined) =>
    lambda.createFunction({
      FunctionName,
      Role,
      Code: { ZipFile: zipSync({ "index.js": Buffer.from("") }) },
      Runtime: "nodejs20.x",
      Handler: "index.handler",
    });
  await expect(create("f", await role("events", "events.amazonaws.com"))).rejects.toThrow(
    /cannot be assumed/,
  );
  await expect(create("f", "arn:aws:iam::000000000000:role/none")).rejects.toThrow(/cannot be assumed/);
  const fine = await role("lambda", "lambda.amazonaws.com");
  await create("f", fine);
  await create("g", fine);
  const reserve = (FunctionName: string, ReservedConcurrentExecutions: number) =>
    lambda.putFunctionConcurrency({ FunctionName, ReservedConcurrentExecutions });
  await reserve("f", 600);
  await expect(reserve("g", 301)).rejects.toThrow(/below its minimum value of \[100\]/);
  await reserve("g", 300);
  await reserve("f", 5);

  const { Id: ApplicationId } = await appconfig.createApplication({ Name: "a" });
  const { Id: ConfigurationProfileId } = await appconfig.createConfigurationProfile({
    ApplicationId,
    Name: "flags",
    LocationUri: "hosted",
    Validators: [{ Type: "JSON_SCHEMA", Content: '{"type":"object","required":["READ"]}' }],
  });
  const profile = { ApplicationId, ConfigurationProfileId };
  const version = (content: string) =>
    appconfig.createHostedConfigurationVersion({
      ...profile,
      Content: Buffer.from(content),
      ContentType: "application/json",
    });
  await expect(version("{}")).rejects.toThrow(/READ/);
  const { VersionNumber } = await version('{"READ":true}');
  await expect(appconfig.deleteConfigurationProfile(profile)).rejects.toThrow(
    /still hosted configuration versions/,
  );
  await appconfig.deleteHostedConfigurationVersion({ ...profile, VersionNumber });
  await appconfig.deleteConfigurationProfile(profile);
  await expect(appconfig.deleteConfigurationProfile(profile)).rejects.toMatchObject({
    name: "ResourceNotFoundException",
  });
  for (const client of [iam, lambda, appconfig]) client.destroy();
});

it("is what a function reaches AWS by", async () => {
  const at = settings(emulator.endpoint);
  const [iam, lambda] = [new IAM(at), new Lambda(at)];
  const Statement = [
    { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
  ];
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  const { Role } = await iam.createRole({ RoleName: "says", AssumeRolePolicyDocument });
  const code = "exports.handler = async () => process.env.AWS_ENDPOINT_URL;";
  await lambda.createFunction({
    FunctionName: "says",
    Role: Role?.Arn,
    Code: { ZipFile: zipSync({ "index.js": Buffer.from(code) }) },
    Runtime: "nodejs20.x",
    Handler: "index.handler",
  });
  const { Payload } = await lambda.invoke({ FunctionName: "says" });
  expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toBe(emulator.endpoint);
  for (const client of [iam, lambda]) client.destroy();
});

it("forgets with the emulator", async () => {
  await put("forgotten", 1);
  await emulator.reset();
  expect((await cloudwatch.listMetrics({})).Metrics).toEqual([]);
});

it("says of a subscription that nobody confirmed that it waits, and gives the ARN of one that is confirmed", async () => {
  const { TopicArn } = await sns.createTopic({ Name: "people" });
  // Nobody listens there, so nobody confirms.
  await sns.subscribe({ TopicArn, Protocol: "http", Endpoint: "http://127.0.0.1:9/page" });
  await sns.subscribe({ TopicArn, Protocol: "email", Endpoint: "ada@example.com" });
  const { Subscriptions = [] } = await sns.listSubscriptionsByTopic({ TopicArn });
  expect(Subscriptions.map(({ Protocol, SubscriptionArn }) => [Protocol, SubscriptionArn])).toEqual([
    ["http", "PendingConfirmation"],
    ["email", expect.stringMatching(/^arn:aws:sns:/)],
  ]);
});
