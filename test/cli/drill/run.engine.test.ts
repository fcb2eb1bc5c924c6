import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppConfig } from "@aws-sdk/client-appconfig";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { Lambda } from "@aws-sdk/client-lambda";
import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { type DrillOptions, drillCommand } from "../../../cli/drill/run";
import type { DrillResult } from "../../../cli/drill/stageDrill";
import { openSandbox, type Sandbox, silentProgress } from "../../../sandbox";
import { keepConverged } from "../../../src/aws/converged";
import { parseNote } from "../../../src/flags/ledger";
import { readLedger } from "../../../src/flags/readLedger";
import { judge } from "../../../src/gates/judge";
import { look } from "../../../src/gates/kinds/drill.look";
import { writeOwnProject } from "../../engine/ownProject";
import { BOTH, CREDENTIALS, type FlagWorld, OFF, openFlags, READ, SPECS } from "../../src/abort/world";
import { gateOf, observe } from "../../support/build";

const PROJECT = join(__dirname, "..", "..", "..");
const ROLLOUT = "ops-view";
const DRILL_ALARM = `${ROLLOUT}-stageB-drill`;
const KEYS = ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

/** A switch on a real engine, an emulated AWS, and two servers that show what AppConfig has for them. */
let sandbox: Sandbox;
let flags: FlagWorld;
let folder: string;
let aws: { sns: SNS; sqs: SQS; cloudwatch: CloudWatch; lambda: Lambda };
let inbox: string;
let blind = false;
const servers: Server[] = [];
const before = { ...process.env };

beforeAll(async () => {
  sandbox = await openSandbox({ progress: silentProgress });
  for (const key of Object.keys(process.env)) if (/^(AWS|PULUMI)_/.test(key)) delete process.env[key];
  for (const key of KEYS) process.env[key] = sandbox.env[key];
  const { endpoint, region } = sandbox.aws;
  const at = { endpoint, region, credentials: CREDENTIALS };
  aws = { sns: new SNS(at), sqs: new SQS(at), cloudwatch: new CloudWatch(at), lambda: new Lambda(at) };
  flags = await openFlags(endpoint, region, ROLLOUT);
  const topics: Record<string, string> = {};
  for (const [key, name] of Object.entries({ onCall: "on-call", ops: "ops", stakeholders: "stakeholders" }))
    topics[key] = (await aws.sns.createTopic({ Name: `${ROLLOUT}-${name}` })).TopicArn ?? "";
  inbox = (await aws.sqs.createQueue({ QueueName: "pager" })).QueueUrl ?? "";
  const { Attributes } = await aws.sqs.getQueueAttributes({ QueueUrl: inbox, AttributeNames: ["QueueArn"] });
  for (const TopicArn of Object.values(topics))
    await aws.sns.subscribe({
      TopicArn,
      Protocol: "sqs",
      Endpoint: Attributes?.QueueArn ?? "",
      Attributes: { RawMessageDelivery: "true" },
    });
  await declareSwitch(topics, region);
  folder = await writeProject([await server(() => false), await server(() => blind)]);
}, 180_000);
afterAll(async () => {
  for (const one of servers) one.close();
  Object.assign(process.env, before);
  await sandbox?.stop();
});

beforeEach(async () => {
  blind = false;
  await mail(0);
  // The emulator looks back over the whole period: a drill before this one would still count.
  await aws.cloudwatch.setAlarmState({
    AlarmName: DRILL_ALARM,
    StateValue: "OK",
    StateReason: "the next test",
  });
});

async function run(options: Partial<DrillOptions> = {}): Promise<{ code: number; said: string }> {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const code = await drillCommand({ stage: "stageB", folder, print, ...options });
  return { code, said: lines.join("\n") };
}

test("leaves out servers that an abort restarts, and counts what that took at the last flip", async () => {
  const ecs = [{ cluster: "ops", service: "view", reachedBy: "urls", restart: true }];
  const restarting = await writeProject(["http://127.0.0.1:9"], "restarting", ecs);
  // The longest of its day counts, and no drill takes as long.
  expect(await keepConverged(sandbox.aws.region, ROLLOUT, 40_000)).toBeUndefined();
  await flags.promote(READ);
  const { said } = await run({ folder: restarting, json: true, patience: 30_000 });
  const { ms, servers, problems } = JSON.parse(said) as DrillResult;
  expect({ servers, problems }).toEqual({ servers: 0, problems: [] });
  const { detect = -1, decide = -1, deployed = -1, restart = -1, total = 0 } = ms;
  expect(restart).toBe(40_000);
  expect(detect + decide + deployed + restart).toBe(total);
});

test("goes from the data point to every server, changes no flag, and tells how long each part took", async () => {
  for (const live of [BOTH, READ, OFF]) {
    await aws.cloudwatch.setAlarmState({ AlarmName: DRILL_ALARM, StateValue: "OK", StateReason: "next" });
    const number = await flags.promote(live);
    const started = Date.now();
    const { code, said } = await run({ json: true });
    const result = JSON.parse(said) as DrillResult;
    expect({ code, ...result }).toMatchObject({ code: 0, ok: true, problems: [], servers: 2, flags: live });
    expect(result.deployment).toBe(number + 1);
    expect(await flags.live()).toEqual({ ...live, _cutover: { drill: result.token } });
    const { detect = -1, decide = -1, deployed = -1, converged = -1, total = 0 } = result.ms;
    for (const ms of [detect, decide, deployed, converged]) expect(ms).toBeGreaterThanOrEqual(0);
    expect(detect + decide + deployed + converged).toBe(total);
    expect(total).toBeLessThanOrEqual(Date.now() - started);
    expect(total).toBeLessThan(15_000);
    console.log(`drill: ${JSON.stringify(result.ms)}`);
    const note = parseNote((await flags.deployments()).at(-1)?.note);
    expect(note).toMatchObject({ kind: "drill", stage: "stageB", attempt: 1, token: result.token });
    expect(Math.abs(Date.parse(note?.breachAt ?? "") - started)).toBeLessThan(10_000);
  }
});

test("on-call reads that nothing is wrong; nobody else hears of it", async () => {
  await flags.promote(BOTH);
  const { code, said } = await run({ json: true });
  expect(code).toBe(0);
  const { deployment } = JSON.parse(said) as DrillResult;
  // A page of a drill before may come late on a busy machine: those of this one name its deployment.
  const done = new RegExp(`Done: +deployed ${deployment}, the same flags, in \\d+ ms`);
  const pages: string[] = [];
  for (const ends = Date.now() + 60_000; pages.length === 0 && Date.now() < ends; )
    pages.push(...(await mail(1_000)).filter((page) => done.test(page)));
  await sleep(500);
  pages.push(...(await mail(0)).filter((page) => done.test(page)));
  expect(pages).toHaveLength(1);
  expect(pages[0]).toContain("a drill of the alarm path. No flag changes.");
});

test("says what it does to the soak, and what it found", async () => {
  await flags.promote(READ, { note: { stage: "stageA" } });
  const { said } = await run();
  expect(said).toContain("No flag changes (OPS_VIEW_DB_READ true, OPS_VIEW_DB_WRITE false)");
  expect(said).toContain("Live is stageA: this proves the switch of stageB alone.");
  expect(said).toContain("the soak of what is live goes on");
  for (const part of ["detect", "decide", "deployed", "converged", "total"])
    expect(said).toMatch(new RegExp(`^ {2}${part} +\\d+ ms `, "m"));
  expect(said).toMatch(/The alarm path works. Flags as before: OPS_VIEW_DB_READ true/);
});

test("passes the gate that asks for it", async () => {
  const { applicationId, environmentId, profileId } = flags.ids;
  const store = { applicationId, environmentId, profileId, region: sandbox.aws.region };
  const ledger = await readLedger(store, SPECS);
  const gate = gateOf("D1", { source: "drill" }, { drill: { rollout: ROLLOUT, stage: "stageB" } });
  const verdict = judge(gate, observe(gate, look(gate, { ledger })), {
    now: Date.now(),
    timeScale: 1,
    attempt: 1,
  });
  expect(verdict.outcome, verdict.observed).toBe("pass");
});

test("can be run again while its alarm still stands: it waits until that is quiet", async () => {
  await flags.promote(BOTH);
  expect((await run()).code).toBe(0);
  expect((await run()).code).toBe(0);
});

describe("publishes nothing", () => {
  // The alarm of the drills before may ring anew while its data points still count, and be answered anew.
  beforeAll(async () => {
    const ringing = async () =>
      (await aws.cloudwatch.describeAlarms({ StateValue: "ALARM" })).MetricAlarms?.length ?? 0;
    for (const ends = Date.now() + 60_000; (await ringing()) > 0 && Date.now() < ends; ) await sleep(250);
    while ((await mail(500)).length > 0);
  }, 90_000);

  const refused = async (what: RegExp, options: Partial<DrillOptions> = {}) => {
    const deployed = (await flags.deployments()).length;
    await expect(run(options)).rejects.toThrow(what);
    await sleep(300);
    expect(await flags.deployments()).toHaveLength(deployed);
    expect(await mail(0)).toEqual([]);
  };

  test("while an alarm of the stage is firing", async () => {
    const AlarmName = `${ROLLOUT}-stageB-XB4`;
    await aws.cloudwatch.setAlarmState({ AlarmName, StateValue: "ALARM", StateReason: "a test" });
    await mail(5_000);
    await refused(/in ALARM now: ops-view-stageB-XB4.*This is no drill/s);
    await aws.cloudwatch.setAlarmState({ AlarmName, StateValue: "OK", StateReason: "a test" });
  });

  test("for a stage that was never brought up", () =>
    refused(/ops-view-stageA-drill is not there/, { stage: "stageA" }));
  test("for a stage without alarms", () => refused(/no switch to drill/, { stage: "baseline" }));
  test("for no stage", () => refused(/Known stages: baseline, stageA, stageB/, { stage: "stageZ" }));
});

test("a server that does not show it is told, and the drill did not go through", async () => {
  await flags.promote(BOTH);
  blind = true;
  const { code, said } = await run({ patience: 3_000 });
  expect(code).toBe(1);
  expect(said).toMatch(
    /! 1 of 2 servers do not show the drill: 127\.0\.0\.1:\d+ \(shows no token, or an older one\)/,
  );
  expect(said).toMatch(/converged +–/);
  expect(await flags.live()).toMatchObject(BOTH);
});

test("a deployment under way is left alone", async () => {
  await flags.promote(READ);
  await flags.promote(BOTH, { strategyId: await flags.slow({ duration: 10, bake: 0 }) });
  await expect(run()).rejects.toThrow(/deployment \d+ is under way/);
});

test("a switch that does not answer is found", async () => {
  const { Subscriptions = [] } = await aws.sns.listSubscriptions({});
  const own = Subscriptions.find(({ Protocol }) => Protocol === "lambda");
  await aws.sns.unsubscribe({ SubscriptionArn: own?.SubscriptionArn ?? "" });
  // The deployment under way of the test before is ended, so that nothing but the switch is wrong.
  await settle();
  const { code, said } = await run({ patience: 4_000 });
  expect(code).toBe(1);
  expect(said).toContain("the alarm fired, and the switch deployed nothing");
});

async function settle(): Promise<void> {
  const client = new AppConfig({ ...sandbox.aws, credentials: CREDENTIALS });
  const { applicationId: ApplicationId, environmentId: EnvironmentId } = flags.ids;
  const { number } = (await flags.deployments()).at(-1) as { number: number };
  await client.stopDeployment({ ApplicationId, EnvironmentId, DeploymentNumber: number });
  for (const ends = Date.now() + 20_000; Date.now() < ends; await sleep(100)) {
    const last = (await flags.deployments()).at(-1);
    if (last?.state === "ROLLED_BACK") return;
  }
}

/** A server that shows flags and token as AppConfig has them; one that is blind never shows a token. */
async function server(isBlind: () => boolean): Promise<string> {
  const one = createServer((_, response) => {
    void flags.live().then((document) => {
      const { _cutover, ...own } = document as { _cutover?: { drill?: string } };
      const drill = isBlind() ? undefined : _cutover?.drill;
      response.end(JSON.stringify({ data: { flags: own, drill } }));
    });
  });
  await new Promise<void>((resolve) => one.listen(0, "127.0.0.1", resolve));
  servers.push(one);
  return `http://127.0.0.1:${(one.address() as AddressInfo).port}`;
}

async function declareSwitch(topics: Record<string, string>, region: string): Promise<void> {
  const cwd = await writeOwnProject(
    sandbox,
    "switch",
    join(PROJECT, "test", "src", "abort", "fixtures", "switch.ts"),
  );
  const args = {
    rollout: ROLLOUT,
    stage: "stageB",
    attempt: 1,
    specs: SPECS,
    floor: READ,
    ...flags.ids,
    topics,
  };
  const config = { "aws:region": region, "switch:args": args };
  writeFileSync(join(cwd, "Pulumi.s.yaml"), JSON.stringify({ config }));
  for (const command of [
    ["stack", "init", "s"],
    ["up", "--yes", "--skip-preview"],
  ]) {
    const { code, stdout, stderr } = await sandbox.pulumi(command, { cwd });
    expect(code, stdout + stderr).toBe(0);
  }
}

/** The project's own stack files, with these servers. */
async function writeProject(urls: string[], name = "project", ecs: readonly object[] = []): Promise<string> {
  const to = join(sandbox.dir, name);
  mkdirSync(to);
  for (const file of readdirSync(PROJECT))
    if (/^Pulumi\..*yaml$/.test(file)) cpSync(join(PROJECT, file), join(to, file));
  const baseline = join(to, "Pulumi.baseline.yaml");
  const document = parseDocument(readFileSync(baseline, "utf8"));
  document.setIn(["config", "cutover:rollout", "servers", "urls"], urls);
  document.setIn(["config", "cutover:rollout", "servers", "ecs"], ecs);
  writeFileSync(baseline, document.toString());
  return to;
}

async function mail(within: number): Promise<string[]> {
  const found: string[] = [];
  for (const ends = performance.now() + within; ; await sleep(25)) {
    const { Messages = [] } = await aws.sqs.receiveMessage({ QueueUrl: inbox, MaxNumberOfMessages: 10 });
    for (const { ReceiptHandle, Body = "" } of Messages) {
      await aws.sqs.deleteMessage({ QueueUrl: inbox, ReceiptHandle });
      found.push(Body);
    }
    if (Messages.length === 0 && (found.length > 0 || performance.now() > ends)) return found;
  }
}
