import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Sandbox, Service } from "../../sandbox";
import { outcome, READ, type StackName, type TestRollout, until, WRITE } from "./harness";
import { worldOf } from "./listing";
import { DEPLOYMENT, FLAG_VERSION, SNAPSHOT, underProxy } from "./proxied";

/** What a gate or a smoke check waits for, while a test holds it. */
const LOCK = 11;
const LOCKED = {
  title: "Nobody holds the lock",
  source: "sql",
  query: `select count(*) from patches, (select pg_advisory_xact_lock_shared(${LOCK})) as lock`,
  timeout: "60s",
  expect: { gt: 0 },
};

/** One promotion, killed at each of its steps, and then its way down. All that anybody types in between is `pulumi cancel`. */
describe("a promotion whose engine is killed", () => {
  const at = underProxy();
  let rollout: TestRollout;

  beforeAll(async () => {
    rollout = await at.ground.rollout("killed");
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
    expect(await outcome(rollout.up("stageA"))).toBe("promoted");
  });
  afterEach(async () => {
    await nothingLeft(at.ground.sandbox);
    await rollout.pulumi(["cancel", "--yes", "--stack", "stageB"]);
  });

  it("while gates are measured: nothing was begun", async () => {
    const before = await worldOf(rollout);
    await rollout.edit("stageB", ["cutover:stage", "entry", "B8"], LOCKED);
    await whileLocked((kill) => killAt("stageB", (now) => kill(now)));
    expect(await worldOf(rollout)).toEqual(before);
    await rollout.edit("stageB", ["cutover:stage", "entry", "B8"], undefined);
  });

  it("while the snapshot is taken: no flag changes, and the next run is told of the lock", async () => {
    await killAt("stageB", (kill) => at.proxy.after(SNAPSHOT, kill));
    await nothingLeft(at.ground.sandbox);
    const locked = await rollout.up("stageB");
    expect(locked.outcome).toBe("failed");
    expect(locked.output).toMatch(/locked by 1 lock/);
    expect(locked.output).toContain("pulumi cancel");
    expect(await rollout.liveFlags()).toEqual(READ);
  });

  it("before the flags' version: the snapshot is taken over from the run before", async () => {
    await killAt("stageB", (kill) => at.proxy.before(FLAG_VERSION, kill));
    expect(at.proxy.calls.some((call) => SNAPSHOT.test(call.name))).toBe(false);
    expect(await rollout.liveFlags()).toEqual(READ);
  });

  it("between the last look and the flip: no flag changes", async () => {
    // The program outlives its engine by a moment: its call, and each further try, never reaches AWS.
    at.proxy.deny(DEPLOYMENT);
    await killAt("stageB", (kill) => at.proxy.before(DEPLOYMENT, kill));
    await nothingLeft(at.ground.sandbox);
    expect(await rollout.liveFlags()).toEqual(READ);
    expect((await rollout.ledger()).history).toHaveLength(2);
  });

  it("at the flip, and again while smoke checks run: the next run settles what is live", async () => {
    await rollout.edit("stageB", ["cutover:stage", "smoke", "SB9"], LOCKED);
    await killAt("stageB", (kill) => at.proxy.after(DEPLOYMENT, kill));
    const { live } = await rollout.ledger();
    expect(live).toMatchObject({ flags: WRITE, note: { stage: "stageB", attempt: 1 } });

    await nothingLeft(at.ground.sandbox);
    await rollout.must(["cancel", "--yes", "--stack", "stageB"]);
    await whileLocked((kill) => killAt("stageB", (now) => kill(now)));
    expect(recordIn(await rollout.state("stageB"))).toBe(false);

    await nothingLeft(at.ground.sandbox);
    await rollout.must(["cancel", "--yes", "--stack", "stageB"]);
    const run = await rollout.up("stageB");
    expect(run.code, run.output).toBe(0);
    expect(run.report?.settlement?.verdicts.map(({ gate, outcome }) => `${gate} ${outcome}`)).toContain(
      "SB9 pass",
    );
    expect((await rollout.ledger()).live?.deployment).toBe(live?.deployment);
    const state = await rollout.state("stageB");
    expect(recordIn(state)).toBe(true);
    expect(state.filter(({ urn }) => urn.endsWith("::stageB-flip"))).toHaveLength(1);
    const { snapshots } = await worldOf(rollout);
    expect(snapshots.filter((one) => one.DBSnapshotIdentifier?.startsWith(rollout.name))).toHaveLength(1);
    expect(await outcome(rollout.up("stageB"))).toBe("unchanged");
  });

  it("of a part of the stage alone (--target) raises nothing, and ends by itself", async () => {
    await rollout.edit("stageB", ["cutover:stage", "attempt"], 2);
    const before = await rollout.ledger();
    const state = await rollout.state("stageB");
    for (const part of ["stageB-record", "stageB-flip", "stageB-flags"]) {
      const { urn } = state.find((one) => one.urn.endsWith(`::${part}`)) as { urn: string };
      await rollout.pulumi(["up", "--yes", "--skip-preview", "--stack", "stageB", "--target", urn]);
      const { live, history } = await rollout.ledger();
      expect(live?.flags, part).toEqual(before.live?.flags);
      // A new attempt of what is live may begin; nothing else is deployed.
      expect(history.length - before.history.length, part).toBeLessThanOrEqual(1);
    }
    await rollout.edit("stageB", ["cutover:stage", "attempt"], 1);
  });

  it("while it lowers: the flags are down, and the next run leaves them there", async () => {
    await rollout.edit("stageA", ["cutover:stage", "lower"], { reason: "a freeze of two weeks" });
    await killAt("stageA", (kill) => at.proxy.after(DEPLOYMENT, kill));
    expect(await rollout.liveFlags()).toEqual(READ);
    await nothingLeft(at.ground.sandbox);
    await rollout.must(["cancel", "--yes", "--stack", "stageA"]);
    const { history } = await rollout.ledger();
    const run = await rollout.up("stageA");
    expect(run.code, run.output).toBe(0);
    expect((await rollout.ledger()).history).toHaveLength(history.length);
  });

  /** Runs something while the lock is held, and hands it what to wait for before it kills. */
  async function whileLocked(
    work: (whenWaiting: (kill: () => Promise<void>) => void) => Promise<void>,
  ): Promise<void> {
    const holder = await rollout.pool.connect();
    try {
      await holder.query(`select pg_advisory_lock(${LOCK})`);
      const waits = async () =>
        (await holder.query("select 1 from pg_locks where locktype = 'advisory' and not granted"))
          .rowCount !== 0;
      await work((kill) => void until("the query waits", waits).then(kill));
    } finally {
      holder.release(true);
    }
  }

  /** Starts `up` of a stack, kills the engine at the moment that `when` names, and waits until it is dead. */
  async function killAt(stack: StackName, when: (kill: () => Promise<void>) => void): Promise<void> {
    let up: Service | undefined;
    const killed = new Promise<void>((resolve) =>
      when(async () => {
        process.kill(-(up?.pid as number), "SIGKILL");
        await up?.exited;
        resolve();
      }),
    );
    up = await rollout.startUp(stack, at.env);
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

/** Whether a stack's state says that its promotion was settled. */
function recordIn(state: Awaited<ReturnType<TestRollout["state"]>>): boolean {
  return state.some(({ urn, outputs }) => urn.endsWith("::stageB-record") && outputs !== undefined);
}

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
