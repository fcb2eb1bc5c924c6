import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { AppConfig } from "@aws-sdk/client-appconfig";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { IAM } from "@aws-sdk/client-iam";
import { KMS } from "@aws-sdk/client-kms";
import { RDS } from "@aws-sdk/client-rds";
import { SNS } from "@aws-sdk/client-sns";
import { beforeAll, describe, expect, it } from "vitest";
import type { Sandbox, Service } from "../../sandbox";
import { emulated } from "../../sandbox/aws/emulated";
import { declareDatabases } from "../../sandbox/aws/rds";
import type { Ledger } from "../../src/flags/ledger";
import { readLedger } from "../../src/flags/readLedger";
import { findStore } from "./findStore";
import { FAST, outcome, READ, STACKS, type StackName, type TestRollout, until, WRITE } from "./harness";
import { FLAG_VERSION, underProxy } from "./proxied";
import { METRICS, publishOnce } from "./publish";
import { heldBy, type StateResource } from "./state";
import { SPECS } from "./testRollout";

const OPEN = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" }],
};
const DEFAULT_TAGS = { tags: { "cost-center": "42" } };
const TAGS = { team: "ops" };
/** A region in which no other test is. */
const OTHER = "eu-north-1";
/** A stack's resources of one type, as the engine has them. */
function madeOf(state: readonly StateResource[], type: string): Readonly<Record<string, unknown>>[] {
  return state.flatMap((one) => (one.type === type ? [one.outputs ?? {}] : []));
}

/** What the account asks of everything in it, and where else the same rollout may be. Each test leans on those before it. */
describe("an account that asks for something", () => {
  const at = underProxy();
  let rollout: TestRollout;
  /** The same one in another region. */
  let other: TestRollout;
  let boundary: string;
  let kmsKeys: Record<"topics" | "secrets" | "logs", string>;

  beforeAll(async () => {
    const aws = emulated(at.ground.sandbox.aws);
    const [iam, kms] = [new IAM(aws), new KMS(aws)];
    const PolicyDocument = JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
    });
    const { Policy } = await iam.createPolicy({ PolicyName: "boundary", PolicyDocument });
    boundary = Policy?.Arn ?? "";
    const key = async () => (await kms.createKey({ Policy: JSON.stringify(OPEN) })).KeyMetadata?.Arn ?? "";
    kmsKeys = { topics: await key(), secrets: await key(), logs: await key() };
    iam.destroy();
    kms.destroy();
    rollout = await at.ground.rollout("asked", { abortSwitch: true });
    for (const stack of STACKS) await rollout.edit(stack, ["aws:defaultTags"], DEFAULT_TAGS);
    await rollout.edit("baseline", ["cutover:rollout", "account"], {
      ...{ permissionsBoundary: boundary, kmsKeys, tags: TAGS },
    });
  });

  it("gets it: each role has the boundary, each topic its key, and all that AWS tags both kinds of tags", async () => {
    for (const stack of ["baseline", "stageA"] as const)
      expect(await outcome(rollout.up(stack))).toBe("promoted");
    const aws = emulated(at.ground.sandbox.aws);
    const [iam, sns] = [new IAM(aws), new SNS(aws)];
    const state = [...(await rollout.state("baseline")), ...(await rollout.state("stageA"))];
    const roles = madeOf(state, "aws:iam/role:Role").map(({ name }) => String(name));
    expect(roles.length).toBeGreaterThan(0);
    for (const RoleName of roles) {
      const { Role } = await iam.getRole({ RoleName });
      expect([RoleName, Role?.PermissionsBoundary?.PermissionsBoundaryArn]).toEqual([RoleName, boundary]);
      const { Tags = [] } = await iam.listRoleTags({ RoleName });
      expect(Object.fromEntries(Tags.map(({ Key = "", Value }) => [Key, Value]))).toEqual({
        ...DEFAULT_TAGS.tags,
        ...TAGS,
      });
    }
    const { Topics = [] } = await sns.listTopics({});
    const own = Topics.flatMap(({ TopicArn = "" }) => (/:asked[-_]/.test(TopicArn) ? [TopicArn] : []));
    expect(own).toHaveLength(4);
    for (const TopicArn of own) {
      const { Attributes } = await sns.getTopicAttributes({ TopicArn });
      expect([TopicArn, Attributes?.KmsMasterKeyId]).toEqual([TopicArn, kmsKeys.topics]);
      const { Tags = [] } = await sns.listTagsForResource({ ResourceArn: TopicArn });
      expect(Tags.map(({ Key }) => Key).sort()).toEqual(["cost-center", "team"]);
    }
    expect(madeOf(state, "aws:cloudwatch/logGroup:LogGroup").map(({ kmsKeyId }) => kmsKeyId)).not.toContain(
      undefined,
    );
    iam.destroy();
    sns.destroy();
  });

  it("a second run changes nothing", async () => {
    for (const stack of ["baseline", "stageA"] as const)
      expect(await outcome(rollout.up(stack))).toBe("unchanged");
    expect(await rollout.liveFlags()).toEqual(READ);
  });

  it("an interrupted run is adopted under default tags: the snapshot is not taken twice, and has the tags", async () => {
    await killedAt(FLAG_VERSION);
    expect(await rollout.liveFlags()).toEqual(READ);
    await rollout.must(["cancel", "--yes", "--stack", "stageB"]);
    expect(await outcome(rollout.up("stageB"))).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(WRITE);
    expect(await outcome(rollout.up("stageB"))).toBe("unchanged");
    const rds = new RDS(emulated(at.ground.sandbox.aws));
    const { DBSnapshots = [] } = await rds.describeDBSnapshots({});
    const own = DBSnapshots.filter(({ DBSnapshotIdentifier = "" }) =>
      DBSnapshotIdentifier.startsWith("asked"),
    );
    expect(own).toHaveLength(1);
    expect(
      Object.fromEntries((own[0]?.TagList ?? []).map(({ Key = "", Value }) => [Key, Value])),
    ).toMatchObject({
      ...DEFAULT_TAGS.tags,
      ...TAGS,
    });
    rds.destroy();
  });

  it("the same rollout in another region of the account is another one: neither finds the other's", async () => {
    other = await at.ground.rollout("asked-elsewhere", { abortSwitch: true });
    for (const stack of STACKS) await other.edit(stack, ["aws:region"], OTHER);
    await other.edit("baseline", ["cutover:rollout", "name"], "asked");
    // One server stands for the databases of both regions, and a login's name is taken once on it.
    await other.edit("baseline", ["cutover:rollout", "database", "login"], { name: "gates_elsewhere" });
    await declareDatabases(elsewhere().aws, [{ instance: "ops-db" }]);
    await publishOnce(elsewhere(), METRICS);
    // Both have functions, so that there are roles, which no region parts.
    const channels = {
      hook: {
        kind: "webhook",
        topics: ["ops"],
        url: `${at.ground.webhook.url}/signed`,
        secret: "asked/hook",
      },
    };
    for (const one of [rollout, other]) await one.edit("baseline", ["cutover:rollout", "channels"], channels);
    expect((await rollout.up("baseline")).code).toBe(0);
    const before = await held(rollout);
    for (const stack of STACKS) {
      // A soak of 24 h, where durations pass fast.
      if (stack === "stageB") await sleep((24 * 3_600_000) / FAST + 500);
      const run = await other.up(stack);
      expect(run.outcome, run.output).toBe("promoted");
    }
    const arns = (await other.outputs("baseline")).topics as Record<string, string>;
    expect(arns.onCall).toMatch(new RegExp(`:${OTHER}:\\d+:asked-on-call$`));
    for (const stack of STACKS) {
      const [here, there] = [await globalNames(rollout, stack), await globalNames(other, stack)];
      expect(there).toHaveLength(here.length);
      expect(there.filter((name) => here.includes(name))).toEqual([]);
    }
    expect(await globalNames(rollout, "baseline")).toContain("asked-channels-us-east-1");
    expect(await globalNames(other, "baseline")).toContain(`asked-channels-${OTHER}`);
    for (const aws of [at.ground.sandbox.aws, elsewhere().aws]) {
      const client = new AppConfig(emulated(aws));
      const { Items = [] } = await client.listApplications({});
      expect(Items.filter(({ Name }) => Name === "asked")).toHaveLength(1);
      client.destroy();
    }
    for (const ledger of [await rollout.ledger(), await ledgerElsewhere()])
      expect(ledger.live?.flags).toEqual(WRITE);
    expect(await held(rollout)).toEqual(before);
    expect(await outcome(other.up("stageB"))).toBe("unchanged");
    expect(await outcome(rollout.up("baseline"))).toBe("unchanged");
  });

  it("an alarm in one region takes down its flags alone, and pages its own on-call", async () => {
    const before = { ledger: await rollout.ledger(), held: await held(rollout) };
    const { delivered } = at.ground.webhook;
    const heard = delivered.length;
    await publishOnce(elsewhere(), ["Write5xx"], { value: 1 });
    await until("the flags are down there", async () => {
      const { live } = await ledgerElsewhere();
      return JSON.stringify(live?.flags) === JSON.stringify(READ);
    });
    expect((await ledgerElsewhere()).live?.note).toMatchObject({
      kind: "abort",
      stage: "stageB",
      row: "XB1",
    });
    expect(await rollout.ledger()).toEqual(before.ledger);
    expect(await rollout.liveFlags()).toEqual(WRITE);
    expect(await ringing(at.ground.sandbox.aws)).toEqual([]);
    expect(await ringing(elsewhere().aws)).toEqual(["asked-stageB-XB1"]);
    await until("people there are paged", () =>
      delivered
        .slice(heard)
        .some(({ topic, message }) => topic === "asked-on-call" && message.includes(OTHER)),
    );
    expect(delivered.slice(heard).filter(({ message }) => message.includes("us-east-1"))).toEqual([]);
    const run = await other.up("stageB");
    expect(run.output).toContain("was aborted by XB1");
    expect(await outcome(rollout.up("stageB"))).toBe("unchanged");
    expect(await held(rollout)).toEqual(before.held);
  });

  /** AWS, as a client has it that is in the other region. */
  function elsewhere(): { readonly aws: Sandbox["aws"] } {
    return { aws: { ...at.ground.sandbox.aws, region: OTHER } };
  }

  async function ledgerElsewhere(): Promise<Ledger> {
    return readLedger(await findStore(elsewhere(), "asked"), SPECS);
  }

  /** What a rollout's stacks hold. */
  async function held(one: TestRollout) {
    return Promise.all(STACKS.map(async (stack) => heldBy(await one.state(stack))));
  }

  /** What a stack has that no region parts: roles and dashboards. */
  async function globalNames(one: TestRollout, stack: StackName): Promise<string[]> {
    const state = await one.state(stack);
    return [
      ...madeOf(state, "aws:iam/role:Role").map(({ name }) => String(name)),
      ...madeOf(state, "aws:cloudwatch/dashboard:Dashboard").map((made) => String(made.dashboardName)),
    ];
  }

  async function ringing(aws: Sandbox["aws"]): Promise<string[]> {
    const client = new CloudWatch(emulated(aws));
    const { MetricAlarms = [] } = await client.describeAlarms({ StateValue: "ALARM" });
    client.destroy();
    return MetricAlarms.map(({ AlarmName = "" }) => AlarmName).sort();
  }

  /** Kills the engine of stageB's run before the call, and waits until it is dead. */
  async function killedAt(call: RegExp): Promise<void> {
    let up: Service | undefined;
    const killed = new Promise<void>((done) =>
      at.proxy.before(call, async () => {
        process.kill(-(up?.pid as number), "SIGKILL");
        await up?.exited;
        done();
      }),
    );
    await sleep(1_500);
    up = await rollout.startUp("stageB", at.env);
    const { exited, log } = up;
    const alone = exited.then(async () => {
      await sleep(1_000);
      throw new Error(`it ended by itself: ${await readFile(log, "utf8")}`);
    });
    await Promise.race([killed, alone]);
    alone.catch(() => {});
    await sleep(2_000);
  }
});
