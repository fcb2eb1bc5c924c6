import { AppConfig } from "@aws-sdk/client-appconfig";
import { CloudWatch, type MetricDatum, type PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { IAM } from "@aws-sdk/client-iam";
import { KMS } from "@aws-sdk/client-kms";
import { Lambda } from "@aws-sdk/client-lambda";
import { RDS } from "@aws-sdk/client-rds";
import { type CreateScheduleInput, Scheduler } from "@aws-sdk/client-scheduler";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import { describe, expect, it, onTestFinished } from "vitest";
import { allServices } from "../../../../sandbox/aws/front/services";
import { type FrontUnderTest, openFront, settings } from "./world";

const HOUR = 3_600_000;

function clients({ endpoint }: FrontUnderTest) {
  const at = settings(endpoint);
  const made = {
    appconfig: new AppConfig(at),
    cloudwatch: new CloudWatch(at),
    events: new EventBridge(at),
    iam: new IAM(at),
    kms: new KMS(at),
    lambda: new Lambda(at),
    logs: new CloudWatchLogs(at),
    rds: new RDS(at),
    scheduler: new Scheduler(at),
    secrets: new SecretsManager(at),
    sns: new SNS(at),
    sqs: new SQS(at),
  };
  onTestFinished(() => {
    for (const client of Object.values(made)) client.destroy();
  });
  return made;
}

type Aws = ReturnType<typeof clients>;
type Ask = (aws: Aws, front: FrontUnderTest) => Promise<unknown>;

interface Row {
  /** What AWS refuses. */
  readonly refused: readonly Ask[];
  /** The nearest that it takes. */
  readonly taken: readonly Ask[];
  readonly message: RegExp;
}

const name = (length: number) => "n".repeat(length);

const put =
  (datum: MetricDatum | ((now: number) => MetricDatum), Namespace = "App", times = 1): Ask =>
  ({ cloudwatch }, { now }) => {
    const one = typeof datum === "function" ? datum(now) : datum;
    return cloudwatch.putMetricData({ Namespace, MetricData: Array.from({ length: times }, () => one) });
  };

const M = { MetricName: "M", Value: 1 };

const alarm =
  (over: Partial<PutMetricAlarmInput>): Ask =>
  ({ cloudwatch }) =>
    cloudwatch.putMetricAlarm({
      AlarmName: "a",
      ...(over.Metrics === undefined && { Namespace: "App", MetricName: "M", Statistic: "Sum", Period: 60 }),
      EvaluationPeriods: 1,
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: 1,
      ...over,
    });

const metric = (Id: string, Period = 60, Namespace = "App", Stat = "Sum") => ({
  Id,
  ReturnData: false,
  MetricStat: { Metric: { Namespace, MetricName: Id }, Period, Stat },
});

const math = (Expression: string, ...metrics: ReturnType<typeof metric>[]) =>
  alarm({ Metrics: [...metrics, { Id: "e", Expression, ReturnData: true }] });

const data =
  (Expression: string | undefined, Period = 60, Stat = "Sum", times = 1): Ask =>
  ({ cloudwatch }, { now }) =>
    cloudwatch.getMetricData({
      StartTime: new Date(now - HOUR),
      EndTime: new Date(now),
      MetricDataQueries: [
        ...Array.from({ length: times }, (_, index) => metric(`m${index}`, Period, "App", Stat)),
        ...(Expression === undefined ? [] : [{ Id: "e", Expression }]),
      ],
    });

const trust = (service: string) =>
  `<AssumeRolePolicyDocument>${encodeURIComponent(
    JSON.stringify({
      Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
    }),
  )}</AssumeRolePolicyDocument>`;

/** The role that everything names is for this service. */
const trusting =
  (service: string, ask: Ask): Ask =>
  (aws, front) => {
    front.says.GetRole = trust(service);
    return ask(aws, front);
  };

const ROLE = "arn:aws:iam::000000000000:role/service/r";

const createFunction =
  (FunctionName: string): Ask =>
  ({ lambda }) =>
    lambda.createFunction({ FunctionName, Role: ROLE, Code: { ZipFile: new Uint8Array() } });

const schedule = (over: Partial<CreateScheduleInput>, trusted = "scheduler.amazonaws.com"): Ask =>
  trusting(trusted, ({ scheduler }) =>
    scheduler.createSchedule({
      Name: "s",
      ScheduleExpression: "rate(1 minute)",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: { Arn: "arn:aws:sqs:us-east-1:000000000000:q", RoleArn: ROLE },
      ...over,
    }),
  );

const PROFILE = { ApplicationId: "app", ConfigurationProfileId: "p" };
const PROFILE_PATH = "/applications/app/configurationprofiles/p";

const version =
  (content: string): Ask =>
  ({ appconfig }, { says }) => {
    const schema = { type: "object", properties: { READ: { type: "boolean" } }, additionalProperties: false };
    says[`GET ${PROFILE_PATH}`] = { Validators: [{ Type: "JSON_SCHEMA", Content: JSON.stringify(schema) }] };
    const Content = Buffer.from(content);
    return appconfig.createHostedConfigurationVersion({
      ...PROFILE,
      Content,
      ContentType: "application/json",
    });
  };

const deleting =
  (...versions: number[]): Ask =>
  ({ appconfig }, { says }) => {
    const Items = versions.map((VersionNumber) => ({ VersionNumber }));
    says[`GET ${PROFILE_PATH}/hostedconfigurationversions`] = { Items };
    return appconfig.deleteConfigurationProfile(PROFILE);
  };

const profile =
  (schema: string): Ask =>
  ({ appconfig }) =>
    appconfig.createConfigurationProfile({
      ApplicationId: "app",
      Name: "p",
      LocationUri: "hosted",
      Validators: [{ Type: "JSON_SCHEMA", Content: schema }],
    });

const reserving =
  (mine: number, other: number): Ask =>
  ({ lambda }, { says }) => {
    says["GET /2015-03-31/functions/?MaxItems=10000"] = {
      Functions: [{ FunctionName: "mine" }, { FunctionName: "other" }],
    };
    says["GET /2019-09-30/functions/other/concurrency"] = { ReservedConcurrentExecutions: other };
    return lambda.putFunctionConcurrency({ FunctionName: "mine", ReservedConcurrentExecutions: mine });
  };

const subject =
  (Subject: string): Ask =>
  ({ sns }) =>
    sns.publish({ TopicArn: "arn:aws:sns:us-east-1:000000000000:t", Subject, Message: "m" });

const monitors =
  (count: number): Ask =>
  ({ appconfig }) =>
    appconfig.createEnvironment({
      ApplicationId: "app",
      Name: "e",
      Monitors: Array.from({ length: count }, () => ({ AlarmArn: "arn:aws:cloudwatch:us-east-1:0:alarm:a" })),
    });

const strategy =
  (bake: number, Name = "s"): Ask =>
  ({ appconfig }) =>
    appconfig.createDeploymentStrategy({
      Name,
      DeploymentDurationInMinutes: 0,
      GrowthFactor: 100,
      FinalBakeTimeInMinutes: bake,
    });

const statistics =
  (hours: number): Ask =>
  ({ cloudwatch }, { now }) =>
    cloudwatch.getMetricStatistics({
      Namespace: "App",
      MetricName: "M",
      Statistics: ["Sum"],
      Period: 60,
      StartTime: new Date(now - hours * HOUR),
      EndTime: new Date(now),
    });

const limit = (length: number, ask: (name: string) => Ask): Row => ({
  refused: [ask(name(length + 1))],
  taken: [ask(name(length))],
  message: new RegExp(`length less than or equal to ${length}`),
});

/** One row for each rule of the front. */
const ROWS: Readonly<Record<string, Row>> = {
  "cloudwatch-namespace": {
    refused: [put(M, "AWS/Lambda")],
    taken: [put(M, "App/AWS")],
    message: /AWS\/Lambda for parameter Namespace is invalid/,
  },
  "cloudwatch-many": {
    refused: [put(M, "App", 1_001)],
    taken: [put(M, "App", 1_000)],
    message: /size greater than 1000/,
  },
  "cloudwatch-past": {
    refused: [put((now) => ({ ...M, Timestamp: new Date(now - 337 * HOUR) }))],
    taken: [put((now) => ({ ...M, Timestamp: new Date(now - 335 * HOUR) }))],
    message: /within the past two weeks/,
  },
  "cloudwatch-future": {
    refused: [put((now) => ({ ...M, Timestamp: new Date(now + 3 * HOUR) }))],
    taken: [put((now) => ({ ...M, Timestamp: new Date(now + HOUR) }))],
    message: /two hours in the future/,
  },
  "cloudwatch-number": {
    refused: [put({ ...M, Value: Number.NaN })],
    taken: [put({ ...M, Value: -1 })],
    message: /NaN for parameter/,
  },
  "cloudwatch-dimensions": {
    refused: [
      put({ ...M, Dimensions: Array.from({ length: 31 }, (_, i) => ({ Name: `d${i}`, Value: "x" })) }),
    ],
    taken: [put({ ...M, Dimensions: Array.from({ length: 30 }, (_, i) => ({ Name: `d${i}`, Value: "x" })) })],
    message: /size greater than 30/,
  },
  "cloudwatch-alarm-name": limit(255, (AlarmName) => alarm({ AlarmName })),
  "cloudwatch-period": {
    refused: [alarm({ Period: 15 }), alarm({ Period: 90 }), math("m * 1", metric("m", 5))],
    taken: [alarm({ Period: 10 }), alarm({ Period: 120 }), math("m * 1", metric("m", 30))],
    message: /multiple of 60/,
  },
  "cloudwatch-aws-period": {
    refused: [
      alarm({ Namespace: "AWS/ApplicationELB", Period: 10 }),
      math("m * 1", metric("m", 30, "AWS/SQS")),
    ],
    taken: [alarm({ Namespace: "AWS/ApplicationELB", Period: 60 }), alarm({ Period: 10 })],
    message: /less than 60 seconds/,
  },
  "cloudwatch-day": {
    refused: [
      alarm({ Period: 60, EvaluationPeriods: 1_441 }),
      alarm({ Period: 86_400, EvaluationPeriods: 8 }),
    ],
    taken: [alarm({ Period: 60, EvaluationPeriods: 1_440 }), alarm({ Period: 86_400, EvaluationPeriods: 7 })],
    message: /across more than/,
  },
  "cloudwatch-m-of-n": {
    refused: [alarm({ EvaluationPeriods: 3, DatapointsToAlarm: 4 })],
    taken: [alarm({ EvaluationPeriods: 3, DatapointsToAlarm: 3 })],
    message: /less than or equal to EvaluationPeriods/,
  },
  "cloudwatch-comparison": {
    refused: [alarm({ ComparisonOperator: "Above" as never })],
    taken: [alarm({ ComparisonOperator: "LessThanThreshold" })],
    message: /enum value set/,
  },
  "cloudwatch-missing": {
    refused: [alarm({ TreatMissingData: "good" })],
    taken: [alarm({ TreatMissingData: "ignore" })],
    message: /not supported for TreatMissingData/,
  },
  "cloudwatch-statistic": {
    refused: [
      alarm({ Statistic: undefined, ExtendedStatistic: "p101" }),
      math("m * 1", metric("m", 60, "App", "Mean")),
    ],
    taken: [
      alarm({ Statistic: undefined, ExtendedStatistic: "p99.9" }),
      math("m * 1", metric("m", 60, "App", "PR(:500)")),
    ],
    message: /for parameter Stat is invalid/,
  },
  "cloudwatch-one-result": {
    refused: [
      alarm({ Metrics: [metric("m")] }),
      alarm({
        Metrics: [
          { ...metric("m"), ReturnData: true },
          { Id: "e", Expression: "m * 2" },
        ],
      }),
    ],
    taken: [math("m * 2", metric("m"))],
    message: /Exactly one element/,
  },
  "cloudwatch-one-period": {
    refused: [math("a + b", metric("a", 60), metric("b", 120))],
    taken: [math("a + b", metric("a", 60), metric("b", 60))],
    message: /same period/,
  },
  "cloudwatch-ten-metrics": {
    refused: [math("m0 * 1", ...Array.from({ length: 11 }, (_, index) => metric(`m${index}`)))],
    taken: [math("m0 * 1", ...Array.from({ length: 10 }, (_, index) => metric(`m${index}`)))],
    message: /more than 10/,
  },
  "cloudwatch-search": {
    refused: [math("SUM(SEARCH('{App} M', 'Sum'))")],
    taken: [math("SUM(METRICS())", metric("m"))],
    message: /SEARCH is not supported/,
  },
  "cloudwatch-expression": {
    refused: [math("m +", metric("m")), math("other * 2", metric("m")), math("NOPE(m)", metric("m"))],
    taken: [math("IF(m >= 20, m / 100, 0)", metric("m"))],
    message: /Error in expression 'e'/,
  },
  "cloudwatch-data-expression": {
    refused: [data("m0 +")],
    taken: [data("m0 + 1")],
    message: /Error in expression/,
  },
  "cloudwatch-data-period": {
    refused: [data(undefined, 7)],
    taken: [data(undefined, 5)],
    message: /multiple of 60/,
  },
  "cloudwatch-data-statistic": {
    refused: [data(undefined, 60, "Mean")],
    taken: [data(undefined, 60, "p95")],
    message: /Stat is invalid/,
  },
  "cloudwatch-data-many": {
    refused: [data(undefined, 60, "Sum", 501)],
    taken: [data(undefined, 60, "Sum", 500)],
    message: /greater than 500/,
  },
  "cloudwatch-1440": {
    refused: [statistics(25)],
    taken: [statistics(24)],
    message: /exceeds the limit of 1,440/,
  },
  "appconfig-application-name": limit(
    64,
    (Name) =>
      ({ appconfig }) =>
        appconfig.createApplication({ Name }),
  ),
  "appconfig-environment-name": limit(
    64,
    (Name) =>
      ({ appconfig }) =>
        appconfig.createEnvironment({ ApplicationId: "a", Name }),
  ),
  "appconfig-profile-name": limit(
    128,
    (Name) =>
      ({ appconfig }) =>
        appconfig.createConfigurationProfile({ ApplicationId: "a", LocationUri: "hosted", Name }),
  ),
  "appconfig-strategy-name": limit(64, (Name) => strategy(0, Name)),
  "appconfig-monitors": { refused: [monitors(6)], taken: [monitors(5)], message: /less than or equal to 5/ },
  "appconfig-bake": { refused: [strategy(1_441)], taken: [strategy(1_440)], message: /1440 minutes/ },
  "appconfig-schema": {
    refused: [profile("{"), profile('{"type":"flag"}')],
    taken: [profile('{"type":"object"}')],
    message: /Invalid JSON Schema/,
  },
  "appconfig-validators": {
    refused: [version('{"READ":1}'), version('{"WRITE":true}'), version("no JSON")],
    taken: [version('{"READ":true}')],
    message: /validator/,
  },
  "appconfig-profile-in-use": {
    refused: [deleting(1, 2)],
    taken: [deleting()],
    message: /still hosted configuration versions existing under it/,
  },
  "lambda-name": limit(64, (name) => trusting("lambda.amazonaws.com", createFunction(name))),
  "lambda-role": {
    refused: [trusting("scheduler.amazonaws.com", createFunction("f"))],
    taken: [trusting("lambda.amazonaws.com", createFunction("f"))],
    message: /cannot be assumed by Lambda/,
  },
  "lambda-concurrency": {
    refused: [reserving(995, 0), reserving(5, 896)],
    taken: [reserving(900, 0), reserving(5, 895)],
    message: /minimum value of \[100\]/,
  },
  "scheduler-name": limit(64, (Name) => schedule({ Name })),
  "scheduler-group-name": limit(
    64,
    (Name) =>
      ({ scheduler }) =>
        scheduler.createScheduleGroup({ Name }),
  ),
  "scheduler-expression": {
    refused: [
      schedule({ ScheduleExpression: "at(soon)" }),
      schedule({ ScheduleExpressionTimezone: "Europe/Nowhere" }),
    ],
    taken: [
      schedule({
        ScheduleExpression: "cron(0 9 ? * MON-FRI *)",
        ScheduleExpressionTimezone: "Europe/Zurich",
      }),
    ],
    message: /Invalid Schedule Expression/,
  },
  "scheduler-past": {
    // It is noon in UTC, and one o'clock in Zurich.
    refused: [
      schedule({ ScheduleExpression: "at(2026-01-01T11:59:59)" }),
      schedule({
        ScheduleExpression: "at(2026-01-01T12:30:00)",
        ScheduleExpressionTimezone: "Europe/Zurich",
      }),
    ],
    taken: [schedule({ ScheduleExpression: "at(2026-01-01T12:30:00)" })],
    message: /must be in the future/,
  },
  "scheduler-start": {
    refused: [schedule({ StartDate: new Date("2026-01-01T11:54:00Z") })],
    taken: [schedule({ StartDate: new Date("2026-01-01T11:56:00Z") })],
    message: /earlier than 5 minutes ago/,
  },
  "scheduler-role": {
    refused: [schedule({}, "lambda.amazonaws.com")],
    taken: [schedule({})],
    message: /must allow AWS EventBridge Scheduler to assume the role/,
  },
  "sns-topic-name": {
    refused: [
      ({ sns }) => sns.createTopic({ Name: name(257) }),
      ({ sns }) => sns.createTopic({ Name: "a.b" }),
    ],
    taken: [({ sns }) => sns.createTopic({ Name: name(256) })],
    message: /Topic Name/,
  },
  "sns-subject": {
    refused: [subject(name(101)), subject("a\nb"), subject("")],
    taken: [subject(name(100)), subject("größer")],
    message: /Invalid parameter: Subject/,
  },
  "sns-size": {
    refused: [({ sns }) => sns.publish({ TopicArn: "t", Message: name(262_145) })],
    taken: [({ sns }) => sns.publish({ TopicArn: "t", Message: name(262_144) })],
    message: /too long/,
  },
  "iam-role-name": limit(
    64,
    (RoleName) =>
      ({ iam }) =>
        iam.createRole({ RoleName, AssumeRolePolicyDocument: "{}" }),
  ),
  "iam-policy-name": limit(
    128,
    (PolicyName) =>
      ({ iam }) =>
        iam.putRolePolicy({ RoleName: "r", PolicyName, PolicyDocument: "{}" }),
  ),
  "sqs-name": {
    refused: [({ sqs }) => sqs.createQueue({ QueueName: name(81) })],
    taken: [({ sqs }) => sqs.createQueue({ QueueName: name(80) })],
    message: /1 to 80 in length/,
  },
  "events-rule-name": limit(
    64,
    (Name) =>
      ({ events }) =>
        events.putRule({ Name, ScheduleExpression: "rate(1 minute)" }),
  ),
  "kms-alias": limit(
    256,
    (AliasName) =>
      ({ kms }) =>
        kms.createAlias({ AliasName, TargetKeyId: "k" }),
  ),
  "logs-group-name": limit(
    512,
    (logGroupName) =>
      ({ logs }) =>
        logs.createLogGroup({ logGroupName }),
  ),
  "secrets-name": limit(
    512,
    (Name) =>
      ({ secrets }) =>
        secrets.createSecret({ Name }),
  ),
  "rds-snapshot-name": {
    refused: ["1a", "a--b", "a-", name(256)].map(
      (DBSnapshotIdentifier): Ask =>
        ({ rds }) =>
          rds.createDBSnapshot({ DBSnapshotIdentifier, DBInstanceIdentifier: "d" }),
    ),
    taken: [
      ({ rds }) => rds.createDBSnapshot({ DBSnapshotIdentifier: "ops-view-1", DBInstanceIdentifier: "d" }),
    ],
    message: /not a valid identifier/,
  },
};

const RULES = allServices().services.flatMap(({ rules }) => rules);

it("has a row for each rule, and no other", () => {
  expect(Object.keys(ROWS).sort()).toEqual(RULES.map(({ id }) => id).sort());
});

describe.each(RULES)("$id: $refuses", ({ id, code, operations }) => {
  const row = ROWS[id] as Row;

  it.each(row.refused.map((ask, index) => [index, ask] as const))("is refused (%i)", async (_index, ask) => {
    const front = await openFront();
    const error = (await ask(clients(front), front).catch((thrown) => thrown)) as Error & { Code?: string };
    expect([error.name, error.Code]).toContain(code);
    expect(error.message).toMatch(row.message);
    const names = front.asked.map(({ what }) => what);
    for (const operation of operations) expect(names).not.toContain(operation);
  });

  it.each(row.taken.map((ask, index) => [index, ask] as const))(
    "what AWS takes is taken (%i)",
    async (_index, ask) => {
      const front = await openFront();
      await ask(clients(front), front);
    },
  );
});
