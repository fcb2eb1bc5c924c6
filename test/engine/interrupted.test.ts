import { beforeAll, describe, expect, it } from "vitest";
import { FAST, OFF, outcome, READ, SLOW, type TestRollout, until, WRITE } from "./harness";
import { DEPLOYMENT, FLAG_VERSION, SNAPSHOT, underProxy } from "./proxied";

const at = underProxy();

/** A rollout with stageA live. */
async function withStageA(name: string): Promise<TestRollout> {
  const rollout = await at.ground.rollout(name);
  expect(await outcome(rollout.up("baseline"))).toBe("promoted");
  expect(await outcome(rollout.up("stageA"))).toBe("promoted");
  return rollout;
}

const gate = (row: string) => ["cutover:stage", "entry", row];

/** The world changes while a promotion is under way. Each test leans on those before it. */
describe("the last look", () => {
  let rollout: TestRollout;
  beforeAll(async () => {
    rollout = await withStageA("look");
  });

  it("stops a promotion when an abort comes while the snapshot is taken", async () => {
    at.proxy.after(SNAPSHOT, async () => {
      await rollout.deploy(OFF, { kind: "abort", stage: "stageA", attempt: 1, row: "XA1" });
    });
    const run = await rollout.up("stageB", { env: at.env });
    expect(run.outcome, run.output).toBe("blocked");
    expect(run.output).toContain("The last look refuses to deploy stageB");
    expect(run.output).toContain("follows stageA, but live is baseline");
    expect(at.proxy.calls.some((call) => DEPLOYMENT.test(call.name))).toBe(false);
    const { live } = await rollout.ledger();
    expect(live).toMatchObject({ flags: OFF, note: { kind: "abort", row: "XA1" } });
  });

  it("stops it when the same flags are deployed anew while gates are measured", async () => {
    await rollout.edit("stageA", ["cutover:stage", "attempt"], 2);
    expect(await outcome(rollout.up("stageA"))).toBe("promoted");
    // The gate waits for a lock that the test holds: so the ledger has been read, and nothing decided yet.
    await rollout.edit("stageB", gate("B8"), {
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
    const again = await rollout.deploy(READ);
    await holder.query("select pg_advisory_unlock(9)");
    holder.release();
    const run = await running;
    expect(run.outcome, run.output).toBe("blocked");
    expect(run.output.replaceAll(/\s+/g, " ")).toContain(
      `deployment ${again}, which was not made by cutover`,
    );
    expect((await rollout.ledger()).live).toMatchObject({ deployment: again, flags: READ });
    // Whoever it was: an abort puts the ledger right, and stage A is promoted anew.
    await rollout.deploy(READ, { kind: "abort", stage: "stageB", attempt: 1 });
    await rollout.edit("stageA", ["cutover:stage", "attempt"], 3);
    expect(await outcome(rollout.up("stageA"))).toBe("updated");
  });

  it("stops it when a gate falls meanwhile, and lets it through once it passes again", async () => {
    await rollout.edit("stageB", gate("B8"), undefined);
    // It was in force at stage A's flip.
    await rollout.edit("stageB", ["cutover:stage", "weakened"], {
      B8: { reason: "Nobody holds the lock any more" },
    });
    await rollout.edit("stageB", gate("B9"), {
      title: "There is an admin",
      source: "sql",
      query: "select count(*) from user_workspace_roles where role = 'admin'",
      rowSecurity: { intended: "A row that no policy shows can only keep this count from being enough" },
      expect: { gte: 1 },
    });
    // By now the gates have passed once: the version of the flags is the last thing before they change.
    at.proxy.before(FLAG_VERSION, async () => {
      await rollout.pool.query("update user_workspace_roles set role = 'verifier' where role = 'admin'");
    });
    await rollout.edit("stageB", ["cutover:stage", "attempt"], 2);
    const run = await rollout.up("stageB", { env: at.env });
    expect(run.outcome, run.output).toBe("blocked");
    expect(run.output).toMatch(/B9\s*│\s*FAIL/);
    expect(await rollout.liveFlags()).toEqual(READ);
    expect(at.proxy.calls.some((call) => DEPLOYMENT.test(call.name))).toBe(false);

    await rollout.pool.query("update user_workspace_roles set role = 'admin'");
    expect(await outcome(rollout.up("stageB"))).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(WRITE);
    expect(await outcome(rollout.up("stageB"))).toBe("unchanged");
  });
});

describe("two promotions at once", () => {
  let rollout: TestRollout;
  beforeAll(async () => {
    rollout = await at.ground.rollout("neighbours", { scale: SLOW });
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
  });

  it("of neighbouring stages: only the one whose turn it is changes flags, by one step", async () => {
    const [a, b] = await Promise.all([rollout.up("stageA"), rollout.up("stageB")]);
    expect(a.outcome, a.output).toBe("promoted");
    expect(b.outcome, b.output).toBe("blocked");
    const { live, history } = await rollout.ledger();
    expect(live?.flags).toEqual(READ);
    expect(history).toHaveLength(2);
  });

  it("of one stage: it is deployed once, whoever of the two comes first", async () => {
    await rollout.edit("stageB", ["cutover:timeScale"], FAST);
    const outcomes = (await Promise.all([rollout.up("stageB"), rollout.up("stageB")])).map(
      (run) => run.outcome,
    );
    expect(outcomes.filter((one) => one === "promoted")).toHaveLength(1);
    const { live, history } = await rollout.ledger();
    expect(live?.flags).toEqual(WRITE);
    expect(history).toHaveLength(3);
  });
});
