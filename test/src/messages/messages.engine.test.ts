import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { Lambda } from "@aws-sdk/client-lambda";
import { Scheduler } from "@aws-sdk/client-scheduler";
import { SNS } from "@aws-sdk/client-sns";
import pg from "pg";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { startWebhook, type Webhook } from "../../../cli/rehearse/webhook";
import { openSandbox, type Sandbox, silentProgress } from "../../../sandbox";
import { gatePlace } from "../../../sandbox/postgres/reach";
import { queryFunctions } from "../../../src/imports/queries";
import { returnsOf } from "../../../src/imports/queries/query";
import { announce } from "../../../src/messages/announce";
import { imports as importsConfig } from "../../../src/rollout/config/imports";
import { messageMap } from "../../../src/rollout/config/messages";
import { writeOwnProject } from "../../engine/ownProject";
import { CREDENTIALS, type FlagWorld, OFF, openFlags, READ } from "../abort/world";
import { IMPORTS } from "./fixtures/imports";
import type { Promoted } from "./fixtures/messages";

/**
 * A day takes so many seconds: two runs of pulumi fit into it on a slow machine, too. The emulator calls no function
 * anew that was being updated when its schedule fired.
 */
const DAY_S = 100;
const TIME_SCALE = 86_400 / DAY_S;

/** Two rollouts, both promoted to stage A; one of them is aborted before its message is due. */
let sandbox: Sandbox;
let webhook: Webhook;
let cwd: string;
let aws: { sns: SNS; cloudwatch: CloudWatch; logs: CloudWatchLogs; scheduler: Scheduler; lambda: Lambda };
const worlds = new Map<string, FlagWorld>();
const promoted = new Map<string, Promoted>();

async function pulumi(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await sandbox.pulumi(args, { cwd });
  expect(code, stdout + stderr).toBe(0);
  return stdout;
}

beforeAll(async () => {
  sandbox = await openSandbox({ progress: silentProgress });
  webhook = await startWebhook();
  const { endpoint, region } = sandbox.aws;
  const at = { endpoint, region, credentials: CREDENTIALS };
  aws = {
    sns: new SNS(at),
    cloudwatch: new CloudWatch(at),
    logs: new CloudWatchLogs(at),
    scheduler: new Scheduler(at),
    lambda: new Lambda(at),
  };
  vi.stubEnv("AWS_ENDPOINT_URL", endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", CREDENTIALS.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", CREDENTIALS.secretAccessKey);
  for (const name of ["kept", "aborted"]) {
    const world = await openFlags(endpoint, region, name);
    worlds.set(name, world);
    const topics = { onCall: "", ops: "", stakeholders: "" };
    for (const topic of Object.keys(topics) as (keyof typeof topics)[]) {
      const { TopicArn = "" } = await aws.sns.createTopic({ Name: `${name}-${topic}` });
      await aws.sns.subscribe({ TopicArn, Protocol: "http", Endpoint: `${webhook.url}/${topic}` });
      topics[topic] = TopicArn;
    }
    const { strategyId: _, ...ids } = world.ids;
    promoted.set(name, { name, deployment: 0, ...ids, topics });
  }
  await createImports();
  cwd = await writeOwnProject(sandbox, "messages", join(__dirname, "fixtures", "messages.ts"));
  write();
  await pulumi("stack", "init", "s");
}, 120_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await webhook?.stop();
  await sandbox?.stop();
});

function write(changes: object = {}): void {
  const { user, password } = sandbox.postgres;
  const config = {
    "aws:region": sandbox.aws.region,
    "messages:promoted": [...promoted.values()],
    "messages:timeScale": TIME_SCALE,
    "messages:database": { ...gatePlace(sandbox.postgres), user, password },
    ...changes,
  };
  writeFileSync(join(cwd, "Pulumi.s.yaml"), JSON.stringify({ config }));
}

function of(name: string): Promoted {
  return promoted.get(name) as Promoted;
}

/** The questions as the foundation creates them, over a table of three imports that began after the flip. */
async function createImports(): Promise<void> {
  const client = new pg.Client({ ...sandbox.postgres });
  await client.connect();
  const mapping = importsConfig.parse(IMPORTS);
  await client.query("create schema cutover");
  await client.query(
    "create table import_jobs (id int, status text, error_message text, started_at timestamptz, finished_at timestamptz)",
  );
  for (const query of queryFunctions(mapping, "public")) {
    const args = query.args.map(
      (one) => `${one.name} ${one.type}${one.default ? ` default ${one.default}` : ""}`,
    );
    await client.query(
      `create function cutover.${query.name}(${args.join(", ")}) returns ${returnsOf(query)} language sql stable as $body$${query.body}$body$`,
    );
  }
  await client.query(
    "insert into import_jobs select id, 'completed', null, now() + interval '30 s', now() + interval '31 s' from generate_series(1, 3) id",
  );
  await client.end();
}

async function publish(): Promise<void> {
  for (const Namespace of worlds.keys())
    await aws.cloudwatch.putMetricData({
      Namespace,
      MetricData: [{ MetricName: "Read5xx", Value: 0, StorageResolution: 1 }],
    });
}

test("from the flip to what people read: sent by itself, at its time; nothing of what was aborted", async () => {
  // As an app does: a zero where nothing happened, from before the flip on.
  const publishing = setInterval(() => void publish().catch(() => {}), 1_000);
  onTestFinished(() => clearInterval(publishing));
  const [flip, other] = await Promise.all(
    [...worlds].map(async ([name, world]) => {
      const deployment = await world.promote(READ, { note: { rollout: name, stage: "stageA" } });
      promoted.set(name, { ...of(name), deployment });
      return Date.now();
    }),
  );
  write();
  await pulumi("up", "--yes", "--skip-preview");
  const scheduled = await times();
  const check = () => aws.scheduler.getSchedule({ Name: "kept-stageA-S1-attempt-1" });
  const { ScheduleExpression, StartDate } = await check();
  // A (scaled) month takes 50 minutes, counted from the flip.
  expect(ScheduleExpression).toBe("rate(50 minutes)");
  expect(StartDate?.getTime()).toBeGreaterThanOrEqual((flip ?? 0) + 3_000_000 - 1_000);
  expect(StartDate?.getTime()).toBeLessThan((flip ?? 0) + 3_002_000);
  // Exactly a (scaled) day after the flip, in whole seconds.
  expect(scheduled[0]).toBeGreaterThanOrEqual((flip ?? 0) + DAY_S * 1_000 - 1_000);
  expect(scheduled[0]).toBeLessThan((flip ?? 0) + DAY_S * 1_000 + 2_000);

  await worlds.get("aborted")?.promote(OFF, {
    note: { rollout: "aborted", stage: "stageA", kind: "abort", row: "XA1" },
  });
  // Neither another run, nor an edit of the config, moves what was promised at the flip.
  await pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");
  write({ "messages:after": "7d", "messages:title": "Reads have soaked well" });
  await pulumi("up", "--yes", "--skip-preview");
  const edited = Date.now();
  expect(await times()).toEqual(scheduled);
  expect(await check()).toMatchObject({ ScheduleExpression, StartDate });

  await vi.waitFor(() => expect(reports("kept")).toHaveLength(2), { timeout: 180_000, interval: 250 });
  const [told] = reports("kept");
  console.info(`due ${new Date(scheduled[0] ?? 0).toISOString()}, read ${told?.at}`);
  expect(Date.parse(told?.at ?? "")).toBeGreaterThanOrEqual(scheduled[0] ?? 0);
  expect(
    reports("kept")
      .map(({ topic }) => topic)
      .sort(),
  ).toEqual(["kept-ops", "kept-stakeholders"]);
  // On a slow machine it is sent before the edit is there, and the edit changes no schedule that is over.
  if (Date.parse(told?.at ?? "") > edited)
    expect(told?.subject).toBe("kept stageA C2: Reads have soaked well (1 of 3 gates NOT passing)");
  for (const part of [
    /^Live: +for 1 d .*without a break/m,
    /^Flags now: +OPS_VIEW_DB_READ true, OPS_VIEW_DB_WRITE false$/m,
    /^Soak: +2 of 3 exit gates pass/m,
    // Through the gate role's login, from a secret of the messages function's own.
    /E4 PASS: Imports are there\n +observed +3\n/,
    /E2 INCONCLUSIVE: [\s\S]*nobody has stated it/,
    /E1 PASS: No server error on the queue\n +observed +0 over .*, \d+ samples\n +required +Sum = 0 over the whole soak/,
    /^Not in here: +E3, measured by the rollout's own TypeScript/m,
    /^Figures: +imports started from .* beside the baseline of 2026-01-01 00:00 UTC/m,
    /Q1 How many imports succeed\n +imports 3 [\s\S]* success_rate 100 \(baseline 97\.5\)/,
    /Q5 How v1 and v2 compare\n +No column is mapped for the pipeline's version/,
  ])
    expect(told?.message).toMatch(part);

  // The other messages function was called as well, at the same time, and saw that there is nothing to say.
  expect(Math.abs((other ?? 0) - (flip ?? 0))).toBeLessThan(5_000);
  await vi.waitFor(async () => expect(await log("aborted")).toContain('"event":"cancelled"'), {
    timeout: 60_000,
    interval: 500,
  });
  expect(await log("aborted")).toMatch(/brought down by the abort of stageA, attempt 1, by XA1/);
  expect(reports("aborted")).toEqual([]);

  // Once it was sent, nothing sends it again: neither a run nor a call that is delivered twice.
  await pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");
  const { deployment } = of("kept");
  const { FunctionError } = await aws.lambda.invoke({
    FunctionName: "kept-stageA-messages",
    Payload: Buffer.from(JSON.stringify({ cutover: 1, row: "C2", stage: "stageA", attempt: 1, deployment })),
  });
  expect(FunctionError).toBeUndefined();
  await sleep(1_000);
  expect(reports("kept")).toHaveLength(2);
  expect(await streams("kept")).toEqual(["attempt-1/C2/ops", "attempt-1/C2/stakeholders"]);
});

test("an announcement reaches its topics once per attempt, and a topic that is gone stops the promotion", async () => {
  const { topics } = of("kept");
  const promotion = {
    rollout: "kept",
    stage: "stageA",
    attempt: 7,
    messages: messageMap.parse({
      C3: { title: "Writes are next", to: ["ops", "stakeholders"], when: "before" },
    }),
    from: OFF,
    to: READ,
    topics,
  };
  const said: string[] = [];
  const run = (changes: object = {}) =>
    announce({ ...promotion, ...changes }, sandbox.aws.region, (line) => said.push(line));
  const heard = () => webhook.delivered.filter(({ message }) => message.includes("Writes are next"));
  await run();
  await run();
  await vi.waitFor(() => expect(heard()).toHaveLength(2), { timeout: 10_000 });
  expect(said).toEqual([
    expect.stringContaining("told people before the flip"),
    expect.stringContaining("told in an earlier run"),
  ]);
  const gone = { ...topics, stakeholders: `${topics.stakeholders}-gone` };
  await expect(run({ attempt: 8, topics: gone })).rejects.toThrow(
    /not everybody could be told before:\n {2}- messages C3 to stakeholders/,
  );
  await run({ attempt: 8 });
  await vi.waitFor(() => expect(heard()).toHaveLength(4), { timeout: 10_000 });
  await sleep(500);
  expect(heard().filter(({ topic }) => topic === "kept-ops")).toHaveLength(2);
});

test("where the log of what was told is not there, nobody is told, and it is said", async () => {
  const messages = messageMap.parse({ C3: { title: "Nobody reads this", to: ["ops"], when: "before" } });
  const { topics } = of("kept");
  const promotion = { rollout: "kept", stage: "stageZ", attempt: 1, messages, from: OFF, to: READ, topics };
  await expect(announce(promotion, sandbox.aws.region, () => {})).rejects.toThrow(
    /not known who was told[\s\S]*\/cutover\/kept\/stageZ\/sent/,
  );
  expect(webhook.delivered.filter(({ message }) => message.includes("Nobody reads"))).toEqual([]);
});

function reports(name: string) {
  return webhook.delivered.filter(
    ({ topic, message }) => topic.startsWith(name) && message.includes(" C2: "),
  );
}

/** When the messages are due, of `kept` first. */
async function times(): Promise<number[]> {
  const found = ["kept", "aborted"].map(async (name) => {
    const { ScheduleExpression = "" } = await aws.scheduler.getSchedule({
      Name: `${name}-stageA-C2-attempt-1`,
    });
    return Date.parse(`${/^at\((.*)\)$/.exec(ScheduleExpression)?.[1]}Z`);
  });
  return Promise.all(found);
}

async function log(name: string): Promise<string> {
  const { events = [] } = await aws.logs.filterLogEvents({
    logGroupName: `/aws/lambda/${name}-stageA-messages`,
  });
  return events.map(({ message }) => message).join("\n");
}

async function streams(name: string): Promise<(string | undefined)[]> {
  const { logStreams = [] } = await aws.logs.describeLogStreams({
    logGroupName: `/cutover/${name}/stageA/sent`,
    logStreamNamePrefix: "attempt-1/",
  });
  return logStreams.map(({ logStreamName }) => logStreamName).sort();
}
