import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AbortOptions, abortCommand } from "../../cli/abort";
import { parseNote } from "../../model/ledger";
import { openSandbox, type Sandbox, silentProgress } from "../../sandbox";
import { BOTH, CREDENTIALS, type FlagWorld, OFF, openFlags, READ } from "./world";

const PROJECT = join(__dirname, "..", "..");
const KEYS = ["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];

let sandbox: Sandbox;
let flags: FlagWorld;
let folder: string;
let inbox: string;
const before = { ...process.env };

beforeAll(async () => {
  sandbox = await openSandbox({ progress: silentProgress });
  // Credentials, a region and nothing else: no Pulumi, no state, no passphrase.
  for (const key of Object.keys(process.env)) if (/^(AWS|PULUMI)_/.test(key)) delete process.env[key];
  for (const key of KEYS) process.env[key] = sandbox.env[key];
});
afterAll(async () => {
  Object.assign(process.env, before);
  await sandbox?.stop();
});

beforeEach(async () => {
  await sandbox.resetAws();
  const { endpoint, region } = sandbox.aws;
  flags = await openFlags(endpoint, region, "ops-view");
  const at = { endpoint, region, credentials: CREDENTIALS };
  const sns = new SNS(at);
  const sqs = new SQS(at);
  for (const name of ["on-call", "ops", "stakeholders"]) await sns.createTopic({ Name: `ops-view-${name}` });
  inbox = (await sqs.createQueue({ QueueName: "ops" })).QueueUrl ?? "";
  const { Attributes } = await sqs.getQueueAttributes({ QueueUrl: inbox, AttributeNames: ["QueueArn"] });
  const { Topics = [] } = await sns.listTopics({});
  const TopicArn = Topics.find((topic) => topic.TopicArn?.endsWith("-ops"))?.TopicArn ?? "";
  await sns.subscribe({ TopicArn, Protocol: "sqs", Endpoint: Attributes?.QueueArn ?? "" });
  folder = join(sandbox.dir, "project");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const file of readdirSync(PROJECT))
    if (/^Pulumi\..*yaml$/.test(file)) cpSync(join(PROJECT, file), join(folder, file));
});

async function run(options: Partial<AbortOptions>): Promise<{ code: number; said: string }> {
  const lines: string[] = [];
  const code = await abortCommand({
    folder,
    reason: "drill",
    print: (line) => void lines.push(line),
    ...options,
  });
  return { code, said: lines.join("\n") };
}

describe("cutover abort", () => {
  test("of a stage brings its flags down, prints them before and after, and the time", async () => {
    await flags.promote(READ);
    await flags.promote(BOTH);
    const { code, said } = await run({ stage: "stageB" });
    expect(code).toBe(0);
    expect(await flags.live()).toEqual(READ);
    expect(said).toMatch(/before {2}OPS_VIEW_DB_READ true, OPS_VIEW_DB_WRITE true/);
    expect(said).toMatch(/after {3}OPS_VIEW_DB_READ true, OPS_VIEW_DB_WRITE false/);
    expect(said).toMatch(/deployed 4 in \d+ ms\n {2}\d+ ms in all/);
    const { note } = (await flags.deployments()).at(-1) as { note: string };
    expect(parseNote(note)).toMatchObject({ kind: "abort", stage: "stageB", attempt: 1, reason: "drill" });
    const sqs = new SQS({ ...sandbox.aws, credentials: CREDENTIALS });
    const { Messages = [] } = await sqs.receiveMessage({ QueueUrl: inbox, WaitTimeSeconds: 2 });
    expect(Messages[0]?.Body).toContain("stageB was rolled back");
  });

  test("of the reads takes the writes down as well", async () => {
    await flags.promote(BOTH);
    expect((await run({ stage: "stageA" })).code).toBe(0);
    expect(await flags.live()).toEqual(OFF);
  });

  test("of everything, again and again", async () => {
    await flags.promote(BOTH);
    for (const times of [1, 2]) {
      const { code, said } = await run({ all: true });
      expect(code).toBe(0);
      expect(said).toMatch(times === 1 ? /deployed 3/ : /at or below the floor already/);
    }
    expect(await flags.live()).toEqual(OFF);
  });
});

describe("from any state", () => {
  test("when nothing was promoted yet", async () => {
    const { code, said } = await run({ stage: "stageB" });
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringContaining("already") });
  });

  test.each([
    ["under way", { duration: 10, bake: 10 }],
    ["baking", { duration: 0, bake: 10 }],
  ])("when a deployment is %s", async (_, minutes) => {
    await flags.promote(READ);
    await flags.promote(BOTH, { strategyId: await flags.slow(minutes) });
    const { code, said } = await run({ stage: "stageB" });
    expect(code).toBe(0);
    expect(said).toContain("stopped deployment 3");
    expect(await flags.live()).toEqual(READ);
  });

  test("when the folder is missing: everything, by the rollout's name", async () => {
    await flags.promote(BOTH);
    expect((await run({ folder: "/nowhere", all: true, rollout: "ops-view" })).code).toBe(0);
    expect(await flags.live()).toEqual(OFF);
    const { note } = (await flags.deployments()).at(-1) as { note: string };
    expect(parseNote(note)).toMatchObject({ stage: "stageB", attempt: 1 });
  });

  test("when the folder is broken: the stage whose files are not, and else everything", async () => {
    writeFileSync(join(folder, "Pulumi.stageA.yaml"), "config: [}");
    await flags.promote(BOTH);
    await expect(run({ stage: "stageB" })).rejects.toThrow(/Turn everything off: cutover abort --all/);
    expect(await flags.live()).toEqual(BOTH);
    expect((await run({ stage: "stageB", all: true })).code).toBe(0);
    expect(await flags.live()).toEqual(OFF);
  });

  test("when the live document is none", async () => {
    await flags.promote("flags: all on");
    const { code, said } = await run({ folder: "/nowhere", all: true, rollout: "ops-view" });
    expect(code).toBe(0);
    expect(said).toContain("it is not JSON");
    expect(await flags.live()).toEqual(OFF);
  });
});

describe("what a person gets wrong", () => {
  test("is told what to type", async () => {
    expect((await run({})).code).toBe(2);
    await expect(run({ all: true, rollout: "ops-veiw" })).rejects.toThrow(/there is: ops-view/);
    await expect(run({ stage: "stageZ" })).rejects.toThrow(/known: baseline, stageA, stageB/);
    await expect(run({ all: true, env: {} })).rejects.toThrow(/AWS_REGION: is missing/);
  });
});
