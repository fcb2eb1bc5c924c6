import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { Lambda } from "@aws-sdk/client-lambda";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keysOf } from "../../../cli/sandbox/overlay";
import { openSandbox, type Sandbox, silentProgress } from "../../../sandbox";
import { migrate } from "../../../sandbox/demo/ops-view/migrate";
import { seed } from "../../../sandbox/demo/ops-view/seed";
import { declaredPlace, gatePlace, openPool, providerPlace } from "../../../sandbox/postgres/reach";
import type { ProbeReport } from "../../../src/probe/probe";
import { writeOwnProject } from "../../engine/ownProject";
import { openProxy, type Passage } from "./proxy";

const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };
const NAMESPACE = "cutover/ops-view";
const SECRET = "cutover/ops-view/stageB/probe";

const question = (query: string, values: (string | number | boolean)[] = [], timeout = "5s") => ({
  query,
  values,
  timeout,
});
/** The three signals of rollout 1 that live in its database. */
const SIGNALS = {
  XA2: question(
    "select not exists (select from patches where workspace_id = $1) and not exists (select from rfis where workspace_id = $1)",
    ["ws-ops"],
  ),
  XB3: question("select count(*) from divergences where resolved_at is null"),
  XB4: question(
    `select count(*) from custody_transitions t
     where t.occurred_at > now() - interval '1 hour' and not exists (
       select from audit_events a
       where (a.entity_kind, a.entity_id, a.entity_version) = (t.entity_kind, t.entity_id, t.entity_version))`,
  ),
};
/** What each of them does wrong is in its name. */
const FAULTY = {
  slow: question("select count(*) from patches, pg_sleep(5)", [], "300ms"),
  writes: question("delete from divergences returning 1"),
  writesBehindASelect: question(
    "with gone as (delete from divergences returning 1) select count(*) from gone",
  ),
  createsTable: question("create table mine (id int)"),
  twoStatements: question("select 1; commit"),
  notGranted: question("select count(*) from users"),
  notThere: question("select count(*) from no_such_table"),
  isNull: question("select max(local_version) from divergences where false"),
  isNaN: question("select 'NaN'::float8"),
  isText: question("select '5'"),
};

/** One probe on a real engine: the gate role's login, the bundle in Lambda, CloudWatch behind it. */
let sandbox: Sandbox;
let proxy: Passage;
let pool: pg.Pool;
let cwd: string;
let inbox: string;
let aws: { lambda: Lambda; cloudwatch: CloudWatch; secrets: SecretsManager; sqs: SQS };
let args: object;
let took: { up: number };

const up = () => sandbox.pulumi(["up", "--yes", "--skip-preview"], { cwd });
const pulumi = async (...command: string[]) => {
  const { code, stdout, stderr } = await sandbox.pulumi(command, { cwd });
  expect(code, stdout + stderr).toBe(0);
  return stdout;
};
const write = (rows: object) => {
  const { postgres, aws: at } = sandbox;
  const place = { ...postgres, port: proxy.port };
  const database = {
    ...declaredPlace(place),
    schema: "public",
    reads: ["patches", "rfis", "divergences", "custody_transitions", "audit_events"],
  };
  const config = {
    "aws:region": at.region,
    ...keysOf("postgresql", providerPlace(postgres)),
    "postgresql:username": postgres.user,
    "postgresql:password": postgres.password,
    "postgresql:database": postgres.database,
    "probe:database": database,
    "probe:args": { ...args, rows },
  };
  writeFileSync(join(cwd, "Pulumi.s.yaml"), JSON.stringify({ config }));
};

beforeAll(async () => {
  sandbox = await openSandbox({ progress: silentProgress });
  const { postgres } = sandbox;
  const at = { ...sandbox.aws, credentials: CREDENTIALS };
  aws = {
    lambda: new Lambda(at),
    cloudwatch: new CloudWatch(at),
    secrets: new SecretsManager(at),
    sqs: new SQS(at),
  };
  pool = openPool(postgres, 2);
  await migrate(pool);
  // A table of the test's own.
  await pool.query(
    "create table divergences (server text, entity_kind text, entity_id text, local_version int, local_status text, resolved_at timestamptz)",
  );
  await seed(pool, { tokens: { analyst: "a", verifier: "v", admin: "b" } });
  proxy = await openProxy(postgres);
  inbox = (await aws.sqs.createQueue({ QueueName: "on-call" })).QueueUrl ?? "";
  const { Attributes } = await aws.sqs.getQueueAttributes({ QueueUrl: inbox, AttributeNames: ["QueueArn"] });
  const sns = new SNS(at);
  const { TopicArn = "" } = await sns.createTopic({ Name: "ops-view-on-call" });
  await sns.subscribe({
    TopicArn,
    Protocol: "sqs",
    Endpoint: Attributes?.QueueArn ?? "",
    Attributes: { RawMessageDelivery: "true" },
  });
  args = {
    rollout: "ops-view",
    stage: "stageB",
    database: gatePlace({ ...postgres, port: proxy.port }),
    onCallTopicArn: TopicArn,
  };
  cwd = await writeOwnProject(sandbox, "probe", join(__dirname, "fixtures", "probe.ts"));
  await pulumi("stack", "init", "s");
  write(SIGNALS);
  const started = performance.now();
  const { code, stdout, stderr } = await up();
  expect(code, stdout + stderr).toBe(0);
  took = { up: Math.round(performance.now() - started) };
}, 180_000);
afterAll(async () => {
  await pool?.end();
  await proxy?.close().catch(() => {});
  await sandbox?.stop();
});

test("a first value of each signal is there before anything watches it", async () => {
  expect(await latest("XA2", "XB3", "XB4", "ProbeFailures-stageB")).toEqual({
    XA2: 0,
    XB3: 0,
    XB4: 0,
    "ProbeFailures-stageB": 0,
  });
});

test("a second up changes nothing", async () => {
  await pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");
});

test("no state, setting or log holds the password in the clear", async () => {
  const { SecretString = "" } = await aws.secrets.getSecretValue({ SecretId: SECRET });
  const { username, password } = JSON.parse(SecretString);
  expect(username).toBe("cutover_gate_ops_view");
  const { Configuration } = await aws.lambda.getFunction({ FunctionName: "ops-view-stageB-probe" });
  expect(JSON.stringify(Configuration)).not.toContain(password);
  expect(await pulumi("stack", "export")).not.toContain(password);
});

describe("what is wrong in the database", () => {
  test("is a metric, and nothing else moves", async () => {
    await pool.query(
      `insert into divergences (server, entity_kind, entity_id, local_version, local_status)
       values ('ops-1', 'patch', 'p1', 2, 'Submitted'), ('ops-1', 'patch', 'p2', 2, 'Submitted')`,
    );
    await pool.query(
      `insert into custody_transitions (workspace_id, entity_kind, entity_id, entity_version, from_status, to_status)
       values ('ws-ops', 'patch', 'p1', 2, 'Draft', 'Submitted')`,
    );
    const { values, failures, tookMs } = await run();
    expect({ values, failures }).toEqual({ values: { XA2: 0, XB3: 2, XB4: 1 }, failures: {} });
    console.log(`warm run ${tookMs} ms, first up ${took.up} ms`);
    expect(await latest("XB3", "XB4")).toEqual({ XB3: 2, XB4: 1 });
    await pool.query("delete from divergences");
    await pool.query("delete from custody_transitions");
    expect((await run()).values).toEqual({ XA2: 0, XB3: 0, XB4: 0 });
  });

  test("an empty queue is one", async () => {
    const move = async (from: string, to: string) => {
      for (const table of ["patches", "rfis"])
        await pool.query(`update ${table} set workspace_id = $2 where workspace_id = $1`, [from, to]);
    };
    await pool.query("insert into workspaces values ('elsewhere', 'Elsewhere') on conflict do nothing");
    await move("ws-ops", "elsewhere");
    expect((await run()).values.XA2).toBe(1);
    await move("elsewhere", "ws-ops");
    expect((await run()).values.XA2).toBe(0);
  });
});

test("the schedule runs it by itself", async () => {
  const before = await count("XB3");
  for (const ends = Date.now() + 90_000; (await count("XB3")) === before; await sleep(1_000))
    if (Date.now() > ends) throw new Error("nothing came within 90 s");
}, 120_000);

describe("with the database down", () => {
  test("no signal is told, the failures are, and on-call is paged; then it goes on by itself", async () => {
    await mail(0);
    const before = await count("XB3");
    await proxy.close();
    const { values, failures } = await run();
    expect(values).toEqual({});
    expect(Object.keys(failures).sort()).toEqual(["XA2", "XB3", "XB4"]);
    expect(failures.XB3).toMatch(/^unreachable: .*ECONNREFUSED/);
    expect(await count("XB3")).toBe(before);
    expect(await latest("ProbeFailures-stageB")).toEqual({ "ProbeFailures-stageB": 3 });
    expect((await mail(10_000)).join("\n")).toContain("ops-view-stageB-probe.failures");
    await proxy.open();
    expect((await run()).failures).toEqual({});
  });
});

test("what somebody did to the login pages on-call once, however often it is measured, until it is set right", async () => {
  const alarm = "ops-view-stageB-probe.login";
  /** The states of that alarm that were delivered. */
  const all: string[] = [];
  /** Reads on until a state is among them, measuring meanwhile. */
  const hear = async (state?: string) => {
    for (const ends = Date.now() + 200_000; ; await run()) {
      for (const text of await mail(1_000)) {
        const { AlarmName, NewStateValue = "" } = JSON.parse(text) as Record<string, string>;
        if (AlarmName === alarm) all.push(NewStateValue);
      }
      if (state === undefined || all.includes(state)) return;
      if (Date.now() > ends) throw new Error(`${alarm} never was ${state}: ${all}`);
    }
  };
  const { SecretString = "" } = await aws.secrets.getSecretValue({ SecretId: SECRET });
  const { password } = JSON.parse(SecretString);
  await mail(0);

  await pool.query("grant insert on patches to cutover_gate_ops_view");
  await restart();
  const granted = [
    expect.stringMatching(/may change rows of public\.patches, and was granted reading alone/),
  ];
  expect((await run()).login).toEqual(granted);
  await hear("ALARM");
  for (let times = 0; times < 4; times++) await run();

  await pool.query("alter role cutover_gate_ops_view password 'of somebody else'");
  const { login } = await run();
  expect(login).toEqual([expect.stringMatching(/^the server does not take the password of cutover_gate/)]);
  expect(await latest("ProbeLogin-stageB")).toEqual({ "ProbeLogin-stageB": 1 });
  await hear();
  expect(all).toEqual(["ALARM"]);
  const { MetricAlarms = [] } = await aws.cloudwatch.describeAlarms({ AlarmNames: [alarm] });
  expect(MetricAlarms[0]?.AlarmDescription).toMatch(/refuses the gates' login, or lets it do more than read/);

  await pool.query(`alter role cutover_gate_ops_view password '${password}'`);
  expect((await run()).login).toEqual(granted);
  await pool.query("revoke insert on patches from cutover_gate_ops_view");
  await restart();
  expect(await run()).not.toHaveProperty("login");
  await hear("OK");
  expect(all).toEqual(["ALARM", "OK"]);
}, 300_000);

describe("with the secret gone", () => {
  test("a warm function goes on, a new one tells it, and is well again once the secret is back", async () => {
    const { SecretString = "" } = await aws.secrets.getSecretValue({ SecretId: SECRET });
    await aws.secrets.deleteSecret({ SecretId: SECRET, RecoveryWindowInDays: 7 });
    expect((await run()).failures).toEqual({});
    await restart();
    const started = performance.now();
    const { values, failures } = await run();
    console.log(`cold call ${Math.round(performance.now() - started)} ms`);
    expect(values).toEqual({});
    expect(failures.XA2).toMatch(/^the login could not be read: \w+: /);
    expect(JSON.stringify(failures)).not.toContain(JSON.parse(SecretString).password);
    expect(await latest("ProbeFailures-stageB")).toEqual({ "ProbeFailures-stageB": 3 });
    await aws.secrets.restoreSecret({ SecretId: SECRET });
    expect((await run()).failures).toEqual({});
  });

  test("a password that was changed costs no run", async () => {
    const { SecretString = "" } = await aws.secrets.getSecretValue({ SecretId: SECRET });
    const login = JSON.parse(SecretString);
    await pool.query("alter role cutover_gate_ops_view password 'another'");
    await aws.secrets.putSecretValue({
      SecretId: SECRET,
      SecretString: JSON.stringify({ ...login, password: "another" }),
    });
    expect((await run()).failures).toEqual({});
    await pool.query("alter role cutover_gate_ops_view password 'a third'");
    expect((await run()).failures.XB3).toMatch(/^refused: /);
    await pool.query(`alter role cutover_gate_ops_view password '${login.password}'`);
    await aws.secrets.putSecretValue({ SecretId: SECRET, SecretString });
    expect((await run()).failures).toEqual({});
  });
});

test("queries that are at fault fail by themselves, change nothing, and an up with them is refused", async () => {
  await pool.query(
    `insert into divergences (server, entity_kind, entity_id, local_version, local_status)
     values ('ops-1', 'patch', 'p9', 2, 'Submitted')`,
  );
  write({ ...SIGNALS, ...FAULTY });
  const { code, stdout, stderr } = await up();
  expect(code).not.toBe(0);
  const said = stdout + stderr;
  expect(said).toContain("The probe cannot measure, so its alarms would see nothing");
  for (const row of Object.keys(FAULTY)) expect(said).toContain(row);

  const { values, failures } = await run();
  expect(values).toEqual({ XA2: 0, XB3: 1, XB4: 0 });
  expect(
    Object.fromEntries(Object.entries(failures).map(([row, said]) => [row, said.split(":")[0]])),
  ).toEqual({
    slow: "timeout",
    writes: "refused",
    writesBehindASelect: "refused",
    createsTable: "refused",
    twoStatements: "bad-answer",
    notGranted: "refused",
    notThere: "bad-answer",
    isNull: "bad-answer",
    isNaN: "bad-answer",
    isText: "bad-answer",
  });
  expect(await latest("XB3", "ProbeFailures-stageB")).toEqual({
    XB3: 1,
    "ProbeFailures-stageB": Object.keys(FAULTY).length,
  });
  expect((await pool.query("select count(*)::int as n from divergences")).rows).toEqual([{ n: 1 }]);

  write(SIGNALS);
  expect((await up()).code).toBe(0);
  expect((await run()).failures).toEqual({});
}, 180_000);

test("at most two connections are open, and none stays", async () => {
  const open = async () =>
    (
      await pool.query<{ n: number }>(
        "select count(*)::int as n from pg_stat_activity where usename = 'cutover_gate_ops_view'",
      )
    ).rows[0]?.n ?? 0;
  let [most, running] = [0, true];
  const done = run().finally(() => {
    running = false;
  });
  while (running) most = Math.max(most, await open());
  await done;
  expect(most).toBeLessThanOrEqual(2);
  for (let left = 50; (await open()) > 0 && left > 0; left--) await sleep(20);
  expect(await open()).toBe(0);
});

test("destroying it leaves nothing behind", async () => {
  await pulumi("destroy", "--yes", "--skip-preview");
  const { Functions = [] } = await aws.lambda.listFunctions({});
  expect(Functions).toEqual([]);
  const { SecretList = [] } = await aws.secrets.listSecrets({});
  expect(SecretList).toEqual([]);
});

/** Runs it as the schedule does, but waits for what it answers. */
async function run(): Promise<ProbeReport> {
  const answer = await aws.lambda.invoke({ FunctionName: "ops-view-stageB-probe" });
  const said = Buffer.from(answer.Payload ?? []).toString();
  expect(answer.FunctionError, said).toBeUndefined();
  return JSON.parse(said);
}

/** A function that is configured anew starts anew: the next run is a cold one. */
async function restart(): Promise<void> {
  const FunctionName = "ops-view-stageB-probe";
  const { MemorySize = 256 } = await aws.lambda.getFunctionConfiguration({ FunctionName });
  await aws.lambda.updateFunctionConfiguration({ FunctionName, MemorySize: MemorySize + 1 });
}

async function points(MetricName: string) {
  const now = Date.now();
  const { Datapoints = [] } = await aws.cloudwatch.getMetricStatistics({
    Namespace: NAMESPACE,
    MetricName,
    // At most 1,440 periods can be asked for.
    StartTime: new Date(now - 1_380_000),
    EndTime: new Date(now + 60_000),
    Period: 1,
    Statistics: ["Maximum", "SampleCount"],
  });
  return Datapoints.sort((a, b) => Number(a.Timestamp) - Number(b.Timestamp));
}

/** The last value of each metric, as CloudWatch has it. */
async function latest(...names: string[]): Promise<Record<string, number | undefined>> {
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await points(name)).at(-1)?.Maximum])),
  );
}

async function count(name: string): Promise<number> {
  return (await points(name)).reduce((sum, { SampleCount = 0 }) => sum + SampleCount, 0);
}

/** What on-call was told, within a time. */
async function mail(within: number): Promise<string[]> {
  for (const ends = performance.now() + within; ; await sleep(50)) {
    const { Messages = [] } = await aws.sqs.receiveMessage({ QueueUrl: inbox, MaxNumberOfMessages: 10 });
    for (const { ReceiptHandle } of Messages) await aws.sqs.deleteMessage({ QueueUrl: inbox, ReceiptHandle });
    if (Messages.length > 0 || performance.now() > ends) return Messages.map(({ Body = "" }) => Body);
  }
}
