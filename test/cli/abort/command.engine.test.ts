import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { type AbortOptions, abortCommand } from "../../../cli/abort/run";
import { openSandbox, type Sandbox, silentProgress } from "../../../sandbox";
import { declaredPlace } from "../../../sandbox/postgres/reach";
import type { Door } from "../../../src/flags/doors";
import { ALL_STAGES, parseNote } from "../../../src/flags/ledger";
import { secretText } from "../../../src/probe/login";
import { BOTH, CREDENTIALS, type FlagWorld, OFF, openFlags, READ } from "../../src/abort/world";
import { json, standIn } from "../../support/standIn";

const PROJECT = join(__dirname, "..", "..", "..");
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

describe("a step back", () => {
  const both = async () => {
    await flags.promote(READ, { note: { stage: "stageA" } });
    await flags.promote(BOTH, { note: { stage: "stageB" } });
  };

  test.each<[string, Partial<AbortOptions>]>([
    ["with stack files", {}],
    ["without", { folder: "/nowhere", rollout: "ops-view" }],
  ])(
    "of one phase is below what is live, and stops that, %s; typed again, it is the same",
    async (_, asked) => {
      await both();
      for (const times of [1, 2]) {
        const { code, said } = await run({ to: "previous", ...asked });
        expect(code, said).toBe(0);
        expect(said).toContain("ops-view: one phase down: from stageB to stageA");
        expect(said).toMatch(times === 1 ? /deployed 4/ : /at or below the floor already/);
        expect(await flags.live()).toEqual(READ);
      }
      const notes = (await flags.deployments()).map(({ note }) => parseNote(note));
      expect(notes[3]).toMatchObject({ kind: "abort", stage: "stageB", attempt: 1 });
    },
  );

  test("of one phase, where nothing was promoted, lowers nothing and says what to type", async () => {
    await expect(run({ to: "previous" })).rejects.toThrow("which phase is below");
  });

  test.each<[string, Partial<AbortOptions>, object]>([
    ["to a stage", { stage: "stageB", to: "baseline" }, OFF],
    ["all off", { stage: "stageB", to: "off" }, OFF],
    ["to its predecessor", { stage: "stageB", to: "predecessor" }, READ],
    ["all off, of no stage", { to: "off" }, OFF],
    ["of one flag alone", { stage: "stageB", to: "off", flags: ["OPS_VIEW_DB_WRITE"] }, READ],
    ["of a flag, with what requires it", { stage: "stageB", to: "off", flags: ["OPS_VIEW_DB_READ"] }, OFF],
    [
      "of one flag alone, without stack files",
      { folder: "/nowhere", rollout: "ops-view", stage: "stageB", flags: ["OPS_VIEW_DB_WRITE"] },
      READ,
    ],
  ])("%s", async (_, asked, left) => {
    await both();
    const { code, said } = await run(asked);
    expect(code, said).toBe(0);
    expect(await flags.live()).toEqual(left);
  });

  test.each<[string, Partial<AbortOptions>]>([
    ["--all is every flag", { all: true, to: "off" }],
    ["--to previous is one phase below", { stage: "stageB", to: "previous" }],
    ["--to previous is one phase below", { flags: ["OPS_VIEW_DB_READ"], to: "previous" }],
    ["Say what to bring down", { to: "stageA" }],
    ["Say what to bring down", { to: "off", flags: ["OPS_VIEW_DB_READ"] }],
  ])("is refused where its words speak against each other: %s", async (told, asked) => {
    await both();
    const { code, said } = await run(asked);
    expect(code).toBe(2);
    expect(said).toContain(told);
    expect(await flags.live()).toEqual(BOTH);
  });

  test("of a flag that is not there lowers nothing", async () => {
    await both();
    await expect(run({ stage: "stageB", flags: ["WRTIE"] })).rejects.toThrow("NOTHING WAS LOWERED");
    expect(await flags.live()).toEqual(BOTH);
  });
});

describe("behind a stage that there is no way back from", () => {
  const BECAUSE = "nothing reads from memory any more";
  const DOOR: Door = { stage: "stageB", because: BECAUSE, floor: READ, flags: BOTH };
  const KEPT = `there is no way back from stageB (${BECAUSE}): OPS_VIEW_DB_READ true stays`;
  const FLOOR = { ...READ, _cutover: { doors: { stageB: { floor: READ, because: BECAUSE } } } };
  beforeEach(async () => {
    await sandbox.resetAws();
    flags = await openFlags(sandbox.aws.endpoint, sandbox.aws.region, "ops-view", [DOOR]);
    await flags.promote(READ);
  });

  test.each<[string, Partial<AbortOptions>]>([
    ["a stage before it, which knows the door from the flag store", { stage: "stageA" }],
    ["everything", { all: true }],
    ["everything, without stack files", { folder: "/nowhere", rollout: "ops-view", all: true }],
  ])("an abort of %s ends at its floor, and so does the next one", async (_, asked) => {
    await flags.promote(BOTH);
    for (const times of [1, 2]) {
      const { code, said } = await run(asked);
      expect(code).toBe(0);
      expect(await flags.live()).toEqual(FLOOR);
      expect(said).toContain(`KEPT    ${KEPT}`);
      expect(said).toMatch(times === 1 ? /deployed 4/ : /already/);
    }
  });

  test("an abort before it, and one that meets it on its way, go all the way", async () => {
    await flags.promote(BOTH, { strategyId: await flags.slow({ duration: 10, bake: 0 }) });
    const { said } = await run({ all: true });
    expect(said).not.toContain("KEPT");
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
    expect(parseNote(note)).toMatchObject({ kind: "abort", stage: ALL_STAGES });
  });

  test("when the folder is broken: the stage whose files are not, and else everything", async () => {
    writeFileSync(join(folder, "Pulumi.stageA.yaml"), "config: [}");
    await flags.promote(BOTH);
    await expect(run({ stage: "stageB" })).rejects.toThrow(
      /Turn everything off: npm .* abort --rollout ops-view .* --all/,
    );
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

describe("cutover abort --follow", () => {
  /** The project's own rollout, with its servers, its database and work in flight. */
  async function prepare(
    port = sandbox.postgres.port,
    logs?: { group: string; pattern: string; limit?: string },
  ) {
    const { postgres } = sandbox;
    let served: object = BOTH;
    const server = await standIn((_, response) => json(response, { data: { flags: served } }));
    const file = join(folder, "Pulumi.baseline.yaml");
    const document = parseDocument(readFileSync(file, "utf8"));
    const set = (path: string[], value: unknown) =>
      document.setIn(["config", "cutover:rollout", ...path], value);
    set(["servers", "urls"], [server.url]);
    set(["service"], { url: server.url });
    set(["database"], { ...declaredPlace({ ...postgres, port }), reads: ["imports"] });
    set(["afterAbort"], {
      inFlight: {
        title: "imports in flight",
        query: "select count(*) from imports where version = $1 and finished_at is null",
        values: ["{workspace}"],
      },
      ...(logs ? { logs } : {}),
      lookAt: ["cutover query Q4", "cutover query Q6"],
    });
    writeFileSync(file, document.toString());
    const secrets = new SecretsManager({ ...sandbox.aws, credentials: CREDENTIALS });
    const { user, password } = postgres;
    await secrets.createSecret({
      Name: "cutover/ops-view/gate",
      SecretString: secretText({ user, password }),
    });
    await flags.promote(BOTH);
    const converge = () => {
      served = READ;
    };
    return { converge };
  }

  test("waits for the servers and for what is in flight in the real database, then says where to look", async () => {
    const { converge } = await prepare();
    const pool = new pg.Pool({ ...sandbox.postgres, max: 1 });
    await pool.query("create table imports (version text, finished_at timestamptz)");
    await pool.query("insert into imports values ('ws-ops', null), ('ws-ops', null), ('v1', null)");
    const lines: string[] = [];
    const running = abortCommand({
      folder,
      stage: "stageB",
      reason: "imports get stuck",
      follow: true,
      followPause: 50,
      print: (line) => {
        lines.push(line);
        if (line.startsWith("Servers: 0 of 1")) converge();
        if (line.startsWith("In flight: 2"))
          void pool.query("update imports set finished_at = now() where version = 'ws-ops'");
      },
    });
    expect(await running).toBe(0);
    await pool.query("drop table imports");
    await pool.end();
    const followed = lines.slice(lines.findIndex((line) => line.startsWith("Servers")));
    expect(
      followed.map((line) =>
        line.replace(/127\.0\.0\.1:\d+/, "SERVER").replace(/npm .* query .* /, "npm … query "),
      ),
    ).toEqual([
      "Servers: 0 of 1 report the flags; waiting for SERVER (has the flags of before)",
      "Servers: all 1 report OPS_VIEW_DB_READ true, OPS_VIEW_DB_WRITE false",
      expect.stringMatching(/^Logs: not read, .*By hand: aws logs tail GROUP /),
      "In flight: 2 imports in flight, waiting up to 30m in all",
      "In flight: no imports in flight any more",
      // This database has none of the tables that it names.
      expect.stringMatching(/^Reconcile: unknown in What clients were told, .* By hand: psql /),
      "To look at first:",
      "  npm … query Q4",
      "  npm … query Q6",
    ]);
    expect(lines.join("\n")).not.toContain(sandbox.postgres.password);
  });

  test("waits for the line of the app's log that confirms it, and counts none of before", async () => {
    const [group, pattern] = ["/ecs/ops-view", '{ $.pipeline_version = "v1" }'];
    const { converge } = await prepare(1, { group, pattern });
    converge();
    const logs = new CloudWatchLogs({ ...sandbox.aws, credentials: CREDENTIALS });
    await logs.createLogGroup({ logGroupName: group });
    await logs.createLogStream({ logGroupName: group, logStreamName: "web" });
    const write = (at: number, ...versions: string[]) =>
      logs.putLogEvents({
        logGroupName: group,
        logStreamName: "web",
        logEvents: versions.map((pipeline_version) => ({
          timestamp: at,
          message: JSON.stringify({ pipeline_version, token: "not to be told" }),
        })),
      });
    await write(Date.now() - 60_000, "v1");
    const lines: string[] = [];
    let at = 0;
    let written: Promise<unknown> | undefined;
    const code = await abortCommand({
      folder,
      stage: "stageB",
      reason: "imports get stuck",
      follow: true,
      followPause: 50,
      print: (line) => {
        lines.push(line);
        if (!line.startsWith("Logs: no line")) return;
        at = Date.now();
        written = write(at, "v2", "v1", "v1");
      },
    });
    await written;
    expect(code).toBe(0);
    expect(lines.filter((line) => line.startsWith("Logs"))).toEqual([
      `Logs: no line of ${group} matches ${pattern} yet, waiting up to 5m in all`,
      `Logs: 2 lines of ${group} confirm it (${pattern}), the first at ${new Date(at).toISOString()}`,
    ]);
    expect(lines.join("\n")).not.toContain("not to be told");
  });

  test("says so where no line comes in time, and where the log cannot be read", async () => {
    const [group, pattern] = ["/ecs/silent", "v1"];
    const { converge } = await prepare(1, { group, pattern, limit: "1s" });
    converge();
    const unread = await run({ stage: "stageB", follow: true, followPause: 10 });
    expect(unread.said).toMatch(
      /Logs: unknown, \/ecs\/silent cannot be read \(.+\)\. By hand: aws logs tail/,
    );
    const logs = new CloudWatchLogs({ ...sandbox.aws, credentials: CREDENTIALS });
    await logs.createLogGroup({ logGroupName: group });
    await flags.promote(BOTH);
    const silent = await run({ stage: "stageB", follow: true, followPause: 10 });
    expect(silent.said).toMatch(
      /WARNING: after 1s no line of \/ecs\/silent matches v1\. By hand: aws logs tail \/ecs\/silent .*--filter-pattern v1/,
    );
    expect([unread.code, silent.code]).toEqual([0, 0]);
    expect(await flags.live()).toEqual(READ);
  });

  test("says so where the database cannot be reached, and has brought the flags down all the same", async () => {
    const { converge } = await prepare(1);
    converge();
    const { code, said } = await run({ stage: "stageB", follow: true, followPause: 10 });
    expect(code).toBe(0);
    expect(await flags.live()).toEqual(READ);
    expect(said).toMatch(/In flight: unknown, the database does not say \(.*ECONNREFUSED/);
    expect(said).toMatch(/ {2}npm .*query --rollout ops-view .*Q4/);
  });

  test("says so where the stack files cannot be read", async () => {
    await flags.promote(BOTH);
    rmSync(folder, { recursive: true });
    const { code, said } = await run({ all: true, rollout: "ops-view", follow: true });
    expect(code).toBe(0);
    expect(await flags.live()).toEqual(OFF);
    expect(said).toMatch(/Not followed: the stack files of ops-view cannot be read/);
  });
});
