import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Sandbox, Service } from "../../sandbox";
import { type AwsProxy, startAwsProxy } from "./awsProxy";
import { Ground, OFF, outcome, READ, type TestRollout, until, WRITE } from "./harness";
import { worldOf } from "./listing";

const SNAPSHOT = /^CreateDBSnapshot$/;
const FLAG_VERSION = /^POST .*\/hostedconfigurationversions/;
const DEPLOYMENT = /^POST .*\/deployments/;

/** What happens to a promotion while it is under way. Each test has a rollout to itself, with stageA live. */
describe("a promotion that is interfered with", () => {
  let ground: Ground;
  let proxy: AwsProxy;
  let env: Record<string, string>;

  beforeAll(async () => {
    ground = await Ground.open();
  });
  afterAll(() => ground?.close());
  beforeEach(async () => {
    proxy = await startAwsProxy(ground.sandbox.aws.endpoint);
    env = { AWS_ENDPOINT_URL: proxy.url };
  });
  afterEach(() => proxy.stop());

  /** A rollout with stageA live: the ledger alone says so, as after a promotion by someone else. */
  async function withStageA(name: string): Promise<TestRollout> {
    const rollout = await ground.rollout(name, { stacks: ["baseline", "stageB"] });
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
    await rollout.deploy(READ, { kind: "promote", stage: "stageA", attempt: 1 });
    return rollout;
  }

  it("is stopped by the last look when the flags change while the snapshot is taken", async () => {
    const rollout = await withStageA("overtaken");
    proxy.after(SNAPSHOT, async () => {
      await rollout.deploy(OFF, { kind: "abort", stage: "stageA", attempt: 1, row: "XA1" });
    });
    const run = await rollout.up("stageB", { env });
    expect(run.outcome, run.output).toBe("blocked");
    expect(run.output).toContain("The last look refuses to deploy stageB");
    expect(run.output).toContain("follows stageA, but live is baseline");
    expect(proxy.calls.some((call) => DEPLOYMENT.test(call.name))).toBe(false);
    const { live } = await rollout.ledger();
    expect(live).toMatchObject({ flags: OFF, note: { kind: "abort", row: "XA1" } });
  });

  it("is stopped by the last look when the flags are deployed anew while gates are measured", async () => {
    const rollout = await withStageA("redeployed");
    // The gate waits for a lock that the test holds: so the ledger has been read, and nothing decided yet.
    await rollout.edit("stageB", ["cutover:stage", "entry", "B9"], {
      title: "Nobody holds the lock",
      source: "sql",
      query: "select count(*) from patches, (select pg_advisory_xact_lock_shared(9)) as lock",
      expect: { gt: 0 },
    });
    const holder = await rollout.pool.connect();
    await holder.query("select pg_advisory_lock(9)");
    const running = rollout.up("stageB");
    await until("the gate waits", async () => {
      const waiting = await holder.query(
        "select 1 from pg_locks where locktype = 'advisory' and not granted",
      );
      return waiting.rowCount === 1;
    });
    const again = await rollout.deploy(READ, { kind: "promote", stage: "stageA", attempt: 2 });
    await holder.query("select pg_advisory_unlock(9)");
    holder.release();
    const run = await running;
    expect(run.outcome, run.output).toBe("blocked");
    expect(run.output).toContain(`live was deployment ${again - 1}, now it is ${again}`);
    expect((await rollout.ledger()).live).toMatchObject({ deployment: again, flags: READ });
  });

  it("is stopped when a gate falls while the snapshot is taken, and goes through once it passes again", async () => {
    const rollout = await withStageA("fallen");
    await rollout.edit("stageB", ["cutover:stage", "entry", "B9"], {
      title: "There is an admin",
      source: "sql",
      query: "select count(*) from user_workspace_roles where role = 'admin'",
      expect: { gte: 1 },
    });
    proxy.before(SNAPSHOT, async () => {
      await rollout.pool.query("update user_workspace_roles set role = 'verifier' where role = 'admin'");
    });
    const run = await rollout.up("stageB", { env });
    expect(run.outcome, run.output).toBe("blocked");
    expect(run.output).toMatch(/B9\s*│\s*FAIL/);
    expect(await rollout.liveFlags()).toEqual(READ);
    expect(proxy.calls.some((call) => DEPLOYMENT.test(call.name))).toBe(false);

    await rollout.pool.query("update user_workspace_roles set role = 'admin'");
    const again = await rollout.up("stageB");
    expect(again.outcome, again.output).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(WRITE);
    expect(await outcome(rollout.up("stageB"))).toBe("unchanged");
  });

  it("goes on after the engine was killed before the flip: cancel, then up", async () => {
    const rollout = await withStageA("killed-before");
    await killAt(rollout, (kill) => proxy.before(FLAG_VERSION, kill));
    expect(await rollout.liveFlags()).toEqual(READ);

    // The lock of the dead run stands, and says what to do.
    const locked = await rollout.up("stageB");
    expect(locked.outcome).toBe("failed");
    expect(locked.output).toMatch(/locked by 1 lock/);
    expect(locked.output).toContain("pulumi cancel");
    await rollout.must(["cancel", "--yes", "--stack", "stageB"]);

    const run = await rollout.up("stageB");
    expect(run.outcome, run.output).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(WRITE);
    const { snapshots } = await worldOf(rollout);
    expect(snapshots.filter((one) => one.DBSnapshotIdentifier?.startsWith(rollout.name))).toHaveLength(1);
    expect(await outcome(rollout.up("stageB"))).toBe("unchanged");
    await nothingLeft(ground.sandbox);
  });

  it("goes on after the engine was killed while the snapshot was taken: cancel, then up", async () => {
    const rollout = await withStageA("killed-snapshot");
    await killAt(rollout, (kill) => proxy.after(SNAPSHOT, kill));
    await rollout.must(["cancel", "--yes", "--stack", "stageB"]);
    const run = await rollout.up("stageB");
    expect(run.outcome, run.output).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(WRITE);
  });

  it("goes on after the engine was killed at the flip: the flags are live, and cancel, then up, adopts them", async () => {
    const rollout = await withStageA("killed-after");
    await killAt(rollout, (kill) => proxy.after(DEPLOYMENT, kill));
    const { live } = await rollout.ledger();
    expect(live).toMatchObject({ flags: WRITE, note: { stage: "stageB", attempt: 1 } });

    await rollout.must(["cancel", "--yes", "--stack", "stageB"]);
    const run = await rollout.up("stageB");
    expect(run.code, run.output).toBe(0);
    expect((await rollout.ledger()).live?.deployment).toBe(live?.deployment);
    const deployment = (await rollout.state("stageB")).find((one) =>
      one.type.includes("appconfig/deployment:"),
    );
    expect(deployment?.id).toMatch(new RegExp(`/${live?.deployment}$`));
    expect(await outcome(rollout.up("stageB"))).toBe("unchanged");
  });

  /** Starts `up` of stageB, kills the engine at the moment that `at` names, and waits until it is dead. */
  async function killAt(rollout: TestRollout, at: (kill: () => Promise<void>) => void): Promise<void> {
    let up: Service | undefined;
    const killed = new Promise<void>((resolve) =>
      at(async () => {
        process.kill(-(up?.pid as number), "SIGKILL");
        await up?.exited;
        resolve();
      }),
    );
    up = await rollout.startUp("stageB", env);
    const { exited, log } = up;
    const alone = exited.then(async () => {
      // Its death is seen here as well; only one that nobody caused is an error.
      await sleep(1_000);
      throw new Error(`it ended by itself: ${await readFile(log, "utf8")}`);
    });
    await Promise.race([killed, alone]);
    alone.catch(() => {});
  }
});

/** Waits until the killed engine's plugins and programs have noticed that it is gone, and have ended. */
async function nothingLeft({ dir }: Sandbox): Promise<void> {
  if (process.platform !== "linux") return;
  const left = () =>
    readdirSync("/proc").filter((pid) => {
      try {
        return (
          /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, "latin1").includes(`PULUMI_HOME=${dir}/`)
        );
      } catch {
        return false;
      }
    });
  await until("nothing of the killed engine runs any more", () => left().length === 0, 20_000);
}

describe("two promotions at once", () => {
  let ground: Ground;
  beforeAll(async () => {
    ground = await Ground.open();
  });
  afterAll(() => ground?.close());

  it("of neighbouring stages: only the one whose turn it is changes flags, by one step", async () => {
    const rollout = await ground.rollout("neighbours", { scale: 60 });
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
    const [a, b] = await Promise.all([rollout.up("stageA"), rollout.up("stageB")]);
    expect(a.outcome, a.output).toBe("promoted");
    expect(b.outcome, b.output).toBe("blocked");
    const { live, history } = await rollout.ledger();
    expect(live?.flags).toEqual(READ);
    expect(history).toHaveLength(2);
  });

  it("of one stage: the second is told that the stack is locked, and changes nothing", async () => {
    const rollout = await ground.rollout("twice");
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
    const runs = await Promise.all([rollout.up("stageA"), rollout.up("stageA")]);
    expect(runs.map((run) => run.outcome).sort()).not.toEqual(["promoted", "promoted"]);
    expect(runs.some((run) => run.outcome === "promoted")).toBe(true);
    const { live, history } = await rollout.ledger();
    expect(live?.flags).toEqual(READ);
    expect(history).toHaveLength(2);
  });
});
