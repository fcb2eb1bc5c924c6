import * as aws from "@pulumi/aws";
import { beforeAll, describe, expect, test } from "vitest";
import { Probe, type ProbeArgs } from "../../components/probe";
import { type Declared, declare, filesOf, type State, secretOf } from "./engine";

const AT = "eu-central-1:123456789012";
const SECRET = `arn:aws:secretsmanager:${AT}:secret:cutover/ops-view/stageB/probe-AbCdEf`;
const FUNCTION = "Function stageB-probe-function";
const PASSWORD = "hunter2-hunter2";
const ON_CALL = `arn:aws:sns:${AT}:ops-view-on-call`;
const rows = {
  XB3: { query: "select count(*) from divergences", values: [], timeout: "5s" },
  XB4: { query: "select count(*) from transitions where ws = $1", values: ["ws-ops"], timeout: "2s" },
};
const database = { host: "db", port: 5432, database: "ops", ssl: "verify-full", schema: "app" } as const;
const calls: string[] = [];
const args: ProbeArgs = {
  rollout: "ops-view",
  stage: "stageB",
  region: "eu-central-1",
  rows,
  database,
  login: { user: "cutover_gate_ops_view", password: PASSWORD },
  onCallTopicArn: ON_CALL,
  invoke: async (_, rounds) => {
    calls.push(rounds === undefined ? "once" : `${rounds} rounds`);
    if (rounds !== undefined) return { begun: true };
    return { report: { values: {}, failures: {}, tookMs: 1 } };
  },
};

/** What AWS would put out. */
const provider = (type: string, inputs: State): State => {
  if (type.includes("secret:Secret")) return { id: SECRET, arn: SECRET };
  if (type.includes("iam/role:")) return { arn: `arn:aws:iam::123456789012:role/${inputs.name}` };
  if (type.includes("eventRule")) return { arn: `arn:aws:events:${AT}:rule/${inputs.name}` };
  if (type.includes("lambda/function:")) return { arn: `arn:aws:lambda:${AT}:function:${inputs.name}` };
  return { arn: `arn:aws:logs:${AT}:log-group:${inputs.name}` };
};

const found = (changes: Partial<ProbeArgs> = {}, creates = true) =>
  declare(
    () => ({ functionName: new Probe("stageB-probe", { ...args, ...changes }).functionName }),
    provider,
    { creates },
  );

let declared: Declared;
beforeAll(async () => {
  declared = await found();
});

test("declares exactly these resources, all of them its own", () => {
  expect([...declared.labels].sort()).toEqual(
    [
      "Probe stageB-probe",
      "Secret stageB-probe-login",
      "SecretVersion stageB-probe-login",
      "LogGroup stageB-probe-logs",
      "Role stageB-probe-role",
      "RolePolicy stageB-probe-permissions",
      "Function stageB-probe-function",
      "FunctionEventInvokeConfig stageB-probe-calls",
      "EventRule stageB-probe-minute",
      "Permission stageB-probe-minute",
      "EventTarget stageB-probe-minute",
      "MetricAlarm stageB-probe-failures",
      "MetricAlarm stageB-probe-login",
      "MetricAlarm stageB-probe-errors",
    ].sort(),
  );
  const children = declared.all.filter(({ label }) => label !== "Probe stageB-probe");
  expect(new Set(children.map(({ parent }) => parent))).toEqual(new Set(["Probe stageB-probe"]));
  expect(declared.outputs).toEqual({ functionName: "ops-view-stageB-probe" });
});

test("tells policies what it measures, and no login", () => {
  const { inputs, type } = declared.one("Probe stageB-probe");
  expect(type).toBe("cutover:index:Probe");
  expect(inputs).toEqual({ rollout: "ops-view", stage: "stageB", rows });
});

describe("the login", () => {
  test("is in the secret", () => {
    expect(declared.one("Secret stageB-probe-login").inputs).toEqual({
      name: "cutover/ops-view/stageB/probe",
      description: "The login with which the probe of ops-view stageB reads",
      recoveryWindowInDays: 0,
    });
    const { secretString } = declared.one("SecretVersion stageB-probe-login").inputs;
    expect(JSON.parse(secretOf(secretString) as string)).toEqual({
      username: "cutover_gate_ops_view",
      password: PASSWORD,
    });
  });

  test("and nowhere else", async () => {
    const others = declared.all.filter(({ type }) => !type.includes("secretVersion"));
    expect(JSON.stringify(others.map(({ inputs }) => inputs))).not.toContain(PASSWORD);
    for (const text of Object.values(await filesOf(declared.one(FUNCTION))))
      expect(text).not.toContain(PASSWORD);
  });
});

describe("a login that IAM vouches for", () => {
  const iam = { user: "cutover_gate_ops_view", iam: { region: "eu-west-1" } };

  test("needs no secret, and stands beside the code", async () => {
    const { labels, one } = await found({ login: iam });
    expect(labels.filter((label) => label.startsWith("Secret"))).toEqual([]);
    expect(JSON.parse((await filesOf(one(FUNCTION)))["config.json"] ?? "")).toMatchObject({ login: iam });
  });

  test.each([
    ["any database of the account", undefined, "*"],
    ["the one that config names", "db-ABC123", "db-ABC123"],
  ])("may be logged in with, into %s", async (_, resource, named) => {
    const { one } = await found({ login: iam, resource });
    const { Statement } = JSON.parse(String(one("RolePolicy stageB-probe-permissions").inputs.policy));
    const logsIn = Statement.find(({ Sid }: { Sid: string }) => Sid.startsWith("LogIn"));
    expect(logsIn).toEqual({
      Sid: "LogInByIam",
      Effect: "Allow",
      Action: ["rds-db:connect"],
      Resource: [`arn:aws:rds-db:eu-west-1:123456789012:dbuser:${named}/cutover_gate_ops_view`],
    });
    expect(JSON.stringify(Statement)).not.toContain("secretsmanager");
  });
});

describe("the function", () => {
  test("has these inputs", () => {
    const { code: _, ...inputs } = declared.one("Function stageB-probe-function").inputs;
    expect(inputs).toEqual({
      name: "ops-view-stageB-probe",
      description: "Publishes XB3, XB4 of ops-view stageB every 10 s",
      role: "arn:aws:iam::123456789012:role/ops-view-stageB-probe-eu-central-1",
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      handler: "index.handler",
      memorySize: 256,
      timeout: 75,
      environment: { variables: { NODE_EXTRA_CA_CERTS: "/var/runtime/ca-cert.pem" } },
    });
  });

  test("has its settings beside its code", async () => {
    const files = await filesOf(declared.one(FUNCTION));
    expect(Object.keys(files).sort()).toEqual(["config.json", "index.js"]);
    expect(JSON.parse(files["config.json"] ?? "")).toEqual({
      rollout: "ops-view",
      stage: "stageB",
      database,
      login: { secretArn: SECRET },
      rows,
    });
  });

  test("runs where the database is reached from", async () => {
    const vpc = { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] };
    const inVpc = await found({ vpc });
    expect(inVpc.one("Function stageB-probe-function").inputs.vpcConfig).toEqual(vpc);
    const { Statement } = policyOf(inVpc);
    expect(Statement.map(({ Sid }) => Sid)).toEqual([
      "Publish",
      "LogIn",
      "Log",
      "JoinNetwork",
      "NotByTheCode",
    ]);
    expect(Statement[4]).toMatchObject({
      Effect: "Deny",
      Action: Statement[3]?.Action,
      Condition: {
        ArnEquals: { "lambda:SourceFunctionArn": [`arn:aws:lambda:${AT}:function:ops-view-stageB-probe`] },
      },
    });
  });

  test("needs no further authorities where it does not verify any", async () => {
    const plain = await found({ database: { ...database, ssl: "require" } });
    expect(plain.one("Function stageB-probe-function").inputs).not.toHaveProperty("environment");
  });

  test("waits for what a run needs", () => {
    expect(declared.one("Function stageB-probe-function").dependsOn).toEqual(
      expect.arrayContaining([
        "LogGroup stageB-probe-logs",
        "RolePolicy stageB-probe-permissions",
        "SecretVersion stageB-probe-login",
      ]),
    );
    expect(declared.one("LogGroup stageB-probe-logs").inputs).toEqual({
      name: "/aws/lambda/ops-view-stageB-probe",
      retentionInDays: 90,
    });
  });
});

test("waits for what it is told to, with all that it declares: a lower's flags go first", async () => {
  const held = await declare(() => {
    const dependsOn = new aws.sns.Topic("first");
    new Probe("stageB-probe", args, { dependsOn });
    return {};
  }, provider);
  const children = held.all.filter(({ parent }) => parent === "Probe stageB-probe");
  expect(children).toHaveLength(13);
  for (const { label, dependsOn } of children)
    expect([label, dependsOn]).toEqual([label, expect.arrayContaining(["Topic first"])]);
});

test("permissions are what a run needs, and no more", () => {
  expect(policyOf(declared)).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Publish",
        Effect: "Allow",
        Action: ["cloudwatch:PutMetricData"],
        Resource: ["*"],
        Condition: { StringEquals: { "cloudwatch:namespace": "cutover/ops-view" } },
      },
      { Sid: "LogIn", Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: [SECRET] },
      {
        Sid: "Log",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: [`arn:aws:logs:${AT}:log-group:/aws/lambda/ops-view-stageB-probe:*`],
      },
    ],
  });
  const trust = JSON.parse(declared.one("Role stageB-probe-role").inputs.assumeRolePolicy as string);
  expect(trust.Statement).toEqual([
    { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
  ]);
});

describe("the schedule", () => {
  test("calls it each minute, and alone may", () => {
    expect(declared.one("EventRule stageB-probe-minute").inputs).toEqual({
      name: "ops-view-stageB-probe",
      description: "Calls the probe of ops-view stageB",
      scheduleExpression: "rate(1 minute)",
    });
    expect(declared.one("Permission stageB-probe-minute").inputs).toEqual({
      function: "ops-view-stageB-probe",
      action: "lambda:InvokeFunction",
      principal: "events.amazonaws.com",
      sourceArn: `arn:aws:events:${AT}:rule/ops-view-stageB-probe`,
    });
    expect(declared.one("EventTarget stageB-probe-minute").inputs).toEqual({
      rule: "ops-view-stageB-probe",
      targetId: "probe",
      arn: `arn:aws:lambda:${AT}:function:ops-view-stageB-probe`,
      input: expect.stringMatching(/^\{"settings":"[0-9a-f]{16}","rounds":6\}$/),
    });
    expect(declared.one("FunctionEventInvokeConfig stageB-probe-calls").inputs).toEqual({
      functionName: "ops-view-stageB-probe",
      maximumRetryAttempts: 0,
      maximumEventAgeInSeconds: 60,
    });
  });

  test.each([
    ["created", true],
    ["updated", false],
  ])("is %s only after a first run, and alarms come after it", async (_, creates) => {
    calls.length = 0;
    const target = await found({}, creates);
    expect(calls).toEqual(["once", "6 rounds"]);
    expect(target.refusals).toEqual({});
    expect(target.one("EventTarget stageB-probe-minute").hooks).toEqual({
      BeforeCreate: ["stageB-probe-first-run"],
      BeforeUpdate: ["stageB-probe-first-run"],
    });
    expect(target.one("EventTarget stageB-probe-minute").dependsOn).toContain(
      "Permission stageB-probe-minute",
    );
    for (const part of ["failures", "login", "errors"])
      expect(target.one(`MetricAlarm stageB-probe-${part}`).dependsOn).toContain(
        "EventTarget stageB-probe-minute",
      );
  });

  test("changes with what is measured, so that the change is run first", async () => {
    const other = await found({ rows: { XB3: rows.XB3 } });
    const input = (of: Declared) => of.one("EventTarget stageB-probe-minute").inputs.input;
    expect(input(other)).not.toBe(input(declared));
    expect(input(await found())).toBe(input(declared));
  });
});

test.each([
  ["failures", "cutover/ops-view", "ProbeFailures-stageB", "Maximum", "breaching", {}],
  ["login", "cutover/ops-view", "ProbeLogin-stageB", "Maximum", "ignore", {}],
  [
    "errors",
    "AWS/Lambda",
    "Errors",
    "Sum",
    "notBreaching",
    { dimensions: { FunctionName: "ops-view-stageB-probe" } },
  ],
])("its own %s page on-call", (part, namespace, metricName, statistic, treatMissingData, dimensions) => {
  expect(declared.one(`MetricAlarm stageB-probe-${part}`).inputs).toEqual({
    name: `ops-view-stageB-probe.${part}`,
    alarmDescription: expect.stringMatching(
      /^ops-view stageB, probe: .*Log: \/aws\/lambda\/ops-view-stageB-probe$/,
    ),
    namespace,
    metricName,
    statistic,
    treatMissingData,
    ...dimensions,
    period: 60,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    alarmActions: [ON_CALL],
    okActions: [ON_CALL],
  });
});

function policyOf(from: Declared): { Statement: { Sid: string; Action: string[] }[] } {
  return JSON.parse(from.one("RolePolicy stageB-probe-permissions").inputs.policy as string);
}

describe("a probe that asks named sources alone", () => {
  const TOKEN = "s3cret-s3cret-s3cret";
  const row = { from: "dd", path: "/api/v1/monitor/1", value: "a", every: "10s", timeout: "5s" } as const;
  const sources = { dd: { url: "https://api.datadoghq.eu", headers: { "DD-API-KEY": "{dd}" } } };
  const asking = (tokens: Record<string, string>) =>
    found({
      rows: {},
      database: undefined,
      login: undefined,
      elsewhere: { rows: { X1: row }, sources, tokens },
    });

  test("has no login, and the tokens in a secret that it may read", async () => {
    const { all, labels, one } = await asking({ dd: TOKEN });
    expect(labels).not.toContain("Secret stageB-probe-login");
    const { secretString } = one("SecretVersion stageB-probe-tokens").inputs;
    expect(JSON.parse(secretOf(secretString) as string)).toEqual({ dd: TOKEN });
    const policy = JSON.stringify(one("RolePolicy stageB-probe-permissions").inputs.policy);
    expect(policy).toContain("AskSources");
    expect(policy).not.toContain("LogIn");
    const others = all.filter(({ type }) => !type.includes("secretVersion"));
    expect(JSON.stringify(others.map(({ inputs }) => inputs))).not.toContain(TOKEN);
    const settings = (await filesOf(one(FUNCTION)))["config.json"] ?? "{}";
    expect(settings).not.toContain(TOKEN);
    expect(JSON.parse(settings)).toEqual({
      ...{ rollout: "ops-view", stage: "stageB", rows: {} },
      elsewhere: { sources, rows: { X1: row }, secretArn: SECRET },
    });
  });

  test("keeps no secret where its sources take none", async () => {
    const { labels, one } = await asking({});
    expect(labels.filter((label) => label.startsWith("Secret"))).toEqual([]);
    expect(JSON.stringify(one("RolePolicy stageB-probe-permissions").inputs)).not.toContain("GetSecretValue");
  });
});
