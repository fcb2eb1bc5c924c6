import type { PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { type Ask, name } from "./ask";

/** What AWS's models refuse, and the nearest that they take. */
interface ModelRow {
  readonly refused: Ask;
  readonly taken: Ask;
  readonly code: string;
  readonly message: RegExp;
}

/** A name that may be so long, and no longer. */
const limit = (longest: number, code: string, ask: (name: string) => Ask): ModelRow => ({
  refused: ask(name(longest + 1)),
  taken: ask(name(longest)),
  code,
  message: new RegExp(`1 validation error detected: .*length less than or equal to ${longest}`),
});

const ROLE = "arn:aws:iam::000000000000:role/service/r";
const APP = { ApplicationId: "abc1234" };
const bad = "BadRequestException";
const invalid = "ValidationException";
const failed = "ValidationError";

const put =
  (datum: object): Ask =>
  ({ cloudwatch }) =>
    cloudwatch.putMetricData({ Namespace: "App", MetricData: [{ MetricName: "M", Value: 1, ...datum }] });

const alarm =
  (over: Partial<PutMetricAlarmInput>): Ask =>
  ({ cloudwatch }) =>
    cloudwatch.putMetricAlarm({
      ...{ AlarmName: "a", Namespace: "App", MetricName: "M", Statistic: "Sum", Period: 60 },
      ...{ EvaluationPeriods: 1, ComparisonOperator: "GreaterThanThreshold", Threshold: 0 },
      ...over,
    });

const dimensions = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ Name: `n${index}`, Value: "v" }));

const monitors =
  (count: number): Ask =>
  ({ appconfig }) =>
    appconfig.createEnvironment({
      ...APP,
      Name: "e",
      Monitors: Array.from({ length: count }, (_, index) => ({
        AlarmArn: `arn:aws:cloudwatch:us-east-1:000000000000:alarm:a${index}`,
      })),
    });

const strategy =
  (bake: number, Name = "s"): Ask =>
  ({ appconfig }) =>
    appconfig.createDeploymentStrategy({
      ...{ Name, DeploymentDurationInMinutes: 0, GrowthFactor: 100, FinalBakeTimeInMinutes: bake },
      ReplicateTo: "NONE",
    });

const fn =
  (FunctionName: string, Runtime = "nodejs22.x"): Ask =>
  ({ lambda }, { says }) => {
    const trust = {
      Effect: "Allow",
      Principal: { Service: "lambda.amazonaws.com" },
      Action: "sts:AssumeRole",
    };
    const document = encodeURIComponent(JSON.stringify({ Statement: [trust] }));
    says.GetRole = `<AssumeRolePolicyDocument>${document}</AssumeRolePolicyDocument>`;
    return lambda.createFunction({
      ...{ FunctionName, Role: ROLE, Runtime: Runtime as never },
      Code: { ZipFile: new Uint8Array(1) },
    });
  };

const schedule =
  (Name: string, GroupName?: string): Ask =>
  ({ scheduler }, { says }) => {
    const trust = {
      ...{ Effect: "Allow", Principal: { Service: "scheduler.amazonaws.com" } },
      Action: "sts:AssumeRole",
    };
    const document = encodeURIComponent(JSON.stringify({ Statement: [trust] }));
    says.GetRole = `<AssumeRolePolicyDocument>${document}</AssumeRolePolicyDocument>`;
    return scheduler.createSchedule({
      ...{ Name, GroupName, ScheduleExpression: "rate(1 minute)", FlexibleTimeWindow: { Mode: "OFF" } },
      Target: { Arn: "arn:aws:sqs:us-east-1:000000000000:q", RoleArn: ROLE },
    });
  };

/** At least one row for each service that is called and has a model, and one for each kind of constraint. */
export const MODEL_ROWS: Readonly<Record<string, ModelRow>> = {
  "an application's name": limit(
    64,
    bad,
    (Name) =>
      ({ appconfig }) =>
        appconfig.createApplication({ Name }),
  ),
  "an environment's name": limit(
    64,
    bad,
    (Name) =>
      ({ appconfig }) =>
        appconfig.createEnvironment({ ...APP, Name }),
  ),
  "a profile's name": limit(
    128,
    bad,
    (Name) =>
      ({ appconfig }) =>
        appconfig.createConfigurationProfile({ ...APP, LocationUri: "hosted", Name }),
  ),
  "a strategy's name": limit(64, bad, (Name) => strategy(0, Name)),
  "an environment's id, in the path": {
    refused: ({ appconfig }) => appconfig.getEnvironment({ ...APP, EnvironmentId: name(65) }),
    taken: ({ appconfig }) => appconfig.getEnvironment({ ...APP, EnvironmentId: name(64) }),
    code: bad,
    message: /'environmentId' .*length less than or equal to 64/,
  },
  "how many are asked for, in the query": {
    refused: ({ appconfig }) => appconfig.listEnvironments({ ...APP, MaxResults: 51 }),
    taken: ({ appconfig }) => appconfig.listEnvironments({ ...APP, MaxResults: 50 }),
    code: bad,
    message: /value less than or equal to 50/,
  },
  "an environment's monitors": {
    refused: monitors(6),
    taken: monitors(5),
    code: bad,
    message: /length less than or equal to 5/,
  },
  "a bake of more than a day": {
    refused: strategy(1_441),
    taken: strategy(1_440),
    code: bad,
    message: /value less than or equal to 1440/,
  },
  "an alarm's name": limit(255, failed, (AlarmName) => alarm({ AlarmName })),
  "an alarm's dimensions": {
    refused: alarm({ Dimensions: dimensions(31) }),
    taken: alarm({ Dimensions: dimensions(30) }),
    code: failed,
    message: /'dimensions' .*length less than or equal to 30/,
  },
  "an alarm's comparison": {
    refused: alarm({ ComparisonOperator: "Above" as never }),
    taken: alarm({ ComparisonOperator: "LessThanThreshold" }),
    code: failed,
    message: /enum value set/,
  },
  "a metric's unit": {
    refused: put({ Unit: "Parsecs" }),
    taken: put({ Unit: "Kilobytes/Second" }),
    code: "InvalidParameterValue",
    message: /'metricData.1.member.unit' .*enum value set/,
  },
  "a metric's dimensions": {
    refused: put({ Dimensions: dimensions(31) }),
    taken: put({ Dimensions: dimensions(30) }),
    code: "InvalidParameterValue",
    message: /length less than or equal to 30/,
  },
  "a function's runtime": {
    refused: fn("f", "nodejs99.x"),
    taken: fn("f"),
    code: invalid,
    message: /'runtime' .*enum value set/,
  },
  "a schedule's name": limit(64, invalid, (Name) => schedule(Name)),
  "a schedule's group": limit(64, invalid, (Group) => schedule("s", Group)),
  "a schedule group's name": limit(
    64,
    invalid,
    (Name) =>
      ({ scheduler }) =>
        scheduler.createScheduleGroup({ Name }),
  ),
  "a role's name": limit(
    64,
    failed,
    (RoleName) =>
      ({ iam }) =>
        iam.createRole({ RoleName, AssumeRolePolicyDocument: "{}" }),
  ),
  "a policy's name": limit(
    128,
    failed,
    (PolicyName) =>
      ({ iam }) =>
        iam.putRolePolicy({ RoleName: "r", PolicyName, PolicyDocument: "{}" }),
  ),
  "a role's tags, as lists of the query protocol": {
    refused: ({ iam }) => iam.tagRole({ RoleName: "r", Tags: [{ Key: name(129), Value: "" }] }),
    taken: ({ iam }) => iam.tagRole({ RoleName: "r", Tags: [{ Key: name(128), Value: "" }] }),
    code: failed,
    message: /'tags.1.member.key' .*length less than or equal to 128/,
  },
  "a rule's name": limit(
    64,
    invalid,
    (Name) =>
      ({ events }) =>
        events.putRule({ Name, ScheduleExpression: "rate(1 minute)" }),
  ),
  "a key's alias": limit(
    256,
    invalid,
    (alias) =>
      ({ kms }) =>
        kms.createAlias({ AliasName: `alias/${alias.slice(6)}`, TargetKeyId: "k" }),
  ),
  "a log group's name": limit(
    512,
    "InvalidParameterException",
    (logGroupName) =>
      ({ logs }) =>
        logs.createLogGroup({ logGroupName }),
  ),
  "a secret's name": limit(
    512,
    invalid,
    (Name) =>
      ({ secrets }) =>
        secrets.createSecret({ Name }),
  ),
  "the handle of a message": {
    refused: ({ sqs }) => sqs.deleteMessage({ QueueUrl: "q" } as never),
    taken: ({ sqs }) => sqs.deleteMessage({ QueueUrl: "q", ReceiptHandle: "h" }),
    code: invalid,
    message: /Value null at 'receiptHandle' .*must not be null/,
  },
  "a subscription's topic": {
    refused: ({ sns }) => sns.subscribe({ Protocol: "sqs" } as never),
    taken: ({ sns }) =>
      sns.subscribe({ TopicArn: "t", Protocol: "sqs", Attributes: { RawMessageDelivery: "true" } }),
    code: failed,
    message: /Value null at 'topicArn'/,
  },
  "a snapshot's instance": {
    refused: ({ rds }) => rds.createDBSnapshot({ DBSnapshotIdentifier: "s" } as never),
    taken: ({ rds }) =>
      rds.createDBSnapshot({
        ...{ DBSnapshotIdentifier: "s", DBInstanceIdentifier: "d" },
        Tags: [{ Key: "a", Value: "b" }],
      }),
    code: failed,
    message: /Value null at 'dBInstanceIdentifier'/,
  },
};
