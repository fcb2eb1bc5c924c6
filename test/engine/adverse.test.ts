import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandResult, runCutover } from "../../cli/rehearse/command";
import type { Faults } from "../../sandbox/aws/front/faults";
import { openProxy, type Passage } from "../src/probe/proxy";
import { FAST, Ground, READ, type TestRollout, until, WRITE } from "./harness";
import { worldOf } from "./listing";

const LOCK = 23;
const gate = (row: string, ...path: string[]) => ["cutover:stage", "entry", row, ...path];

/**
 * What befalls an account, a database and those who are told, while stageA is live and stageB is due. Of each fault: a
 * sentence, nothing raised, nothing lost; and once it is over, the same command goes on.
 */
describe("a world that is against it", () => {
  let ground: Ground;
  let rollout: TestRollout;
  let database: Passage;

  beforeAll(async () => {
    ground = await Ground.open();
    database = await openProxy(ground.sandbox.postgres);
    rollout = await ground.rollout("adverse", { scale: FAST });
    await rollout.edit("baseline", ["cutover:rollout", "database", "port"], database.port);
    // Waits for whoever holds the lock, so that a test knows when gates are being measured.
    await rollout.edit("stageB", gate("B9"), {
      title: "Nobody holds the lock",
      source: "sql",
      query: `select count(*) from patches, (select pg_advisory_xact_lock_shared(${LOCK})) as lock`,
      expect: { gt: 0 },
      timeout: "30s",
    });
    await rollout.bringUp("baseline", "stageA");
  });
  afterAll(async () => {
    await database?.close();
    await ground?.close();
  });

  const suffer = async (faults: Faults) => {
    const body = JSON.stringify(faults);
    const answer = await fetch(`${ground.sandbox.aws.endpoint}/_front/faults`, { method: "PUT", body });
    expect(answer.status).toBe(204);
  };

  /** A command as a person types it, whose environment may say something else. */
  const typed = (
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ): Promise<CommandResult> => {
    const { sandbox } = ground;
    return runCutover(
      { sandbox: { ...sandbox, env: { ...sandbox.env, ...env } }, project: rollout.project },
      args,
    );
  };
  const abort = ["abort", "--rollout", "adverse", "-s", "stageA", "--reason", "writes are lost"];

  /** Said to a person: no trace, no file of ours. */
  function said({ stdout, stderr }: Pick<CommandResult, "stdout" | "stderr">, words: RegExp): void {
    const text = `${stdout}\n${stderr}`;
    expect(text).toMatch(words);
    expect(text).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m);
  }

  /** While a fault lasts, nothing goes up, and nothing of what was there is lost. */
  async function keepsAll(faults: Faults, during: () => Promise<void>): Promise<void> {
    const [world, state] = [await worldOf(rollout), await rollout.state("stageA")];
    await suffer(faults);
    try {
      await during();
    } finally {
      await suffer({});
    }
    expect(await worldOf(rollout)).toEqual(world);
    expect(await rollout.state("stageA")).toEqual(state);
    expect(await rollout.liveFlags()).toEqual(READ);
  }

  it("credentials that have expired: up, status and abort say so, and nothing is touched", () =>
    keepsAll({ expired: true }, async () => {
      const run = await rollout.up("stageB");
      expect(run.outcome, run.output).toBe("failed");
      said(
        { stdout: run.output, stderr: "" },
        /credentials[^\n]*expired|expired[^\n]*credentials|token[^\n]*expired/i,
      );
      const status = await typed(["status"]);
      expect(status.code).toBe(1);
      said(status, /expired/);
      const refused = await typed(abort);
      expect(refused.code).toBe(1);
      said(refused, /expired/);
    }));

  it("a region that the account has not enabled: likewise", () =>
    keepsAll({ regions: ["eu-west-3"] }, async () => {
      const run = await rollout.up("stageB");
      expect(run.outcome, run.output).toBe("failed");
      said({ stdout: run.output, stderr: "" }, /credentials|security token/);
      for (const args of [["status"], abort]) {
        const told = await typed(args);
        expect(told.code).toBe(1);
        said(told, /security token|credentials/);
      }
    }));

  it("another region than the rollout's: each says in which it looked, and where it is none", () =>
    keepsAll({}, async () => {
      const elsewhere = { AWS_REGION: "eu-west-3", AWS_DEFAULT_REGION: "eu-west-3" };
      await rollout.edit("stageB", ["aws:region"], "eu-west-3");
      const run = await rollout.up("stageB", { env: elsewhere });
      await rollout.edit("stageB", ["aws:region"], ground.sandbox.aws.region);
      expect(["failed", "blocked"], run.output).toContain(run.outcome);
      said({ stdout: run.output, stderr: "" }, /eu-west-3/);
      const refused = await typed(abort, elsewhere);
      expect(refused.code).not.toBe(0);
      said(refused, /eu-west-3/);
    }));

  it("a password that was rotated while stageA soaks: its gates are inconclusive, by what the server says", async () => {
    const { rows } = await rollout.pool.query<{ rolname: string; rolpassword: string }>(
      "select rolname, rolpassword from pg_authid where rolname ~ '^cutover.*adverse|adverse.*gate' and rolcanlogin",
    );
    expect(rows).toHaveLength(1);
    const [{ rolname, rolpassword } = { rolname: "", rolpassword: "" }] = rows;
    await rollout.pool.query(`alter role "${rolname}" password 'rotated-by-somebody'`);
    const world = await worldOf(rollout);
    const run = await rollout.up("stageB");
    expect(run.outcome, run.output).toBe("blocked");
    const open = run.verdicts.filter(({ outcome: is }) => is !== "pass");
    expect(open.map(({ outcome: is }) => is)).toEqual(expect.arrayContaining(["inconclusive"]));
    expect(open.map(({ observed }) => observed).join("\n")).toMatch(/password authentication failed/);
    expect(run.output).not.toContain("rotated-by-somebody");
    expect(await worldOf(rollout)).toEqual(world);
    expect(await rollout.liveFlags()).toEqual(READ);
    // A hash is taken as it is.
    await rollout.pool.query(`alter role "${rolname}" password '${rolpassword}'`);
  });

  it("a failover in the middle of the gates: the gate asks anew, and what it is answered then decides", async () => {
    const holder = await rollout.pool.connect();
    try {
      await holder.query(`select pg_advisory_lock(${LOCK})`);
      const running = rollout.up("stageB");
      await until("the gate waits", async () => {
        const waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted";
        return (await holder.query(waiting)).rowCount === 1;
      });
      // The address answers again at once, as another server.
      await database.close();
      await database.open();
      expect(await rollout.liveFlags()).toEqual(READ);
      await holder.query(`select pg_advisory_unlock(${LOCK})`);
      const run = await running;
      expect(run.outcome, run.output).toBe("promoted");
      expect(run.code, run.output).toBe(0);
      expect(await rollout.liveFlags()).toEqual(WRITE);
    } finally {
      holder.release(true);
    }
  });

  it("nobody who is told answers: the abort goes through all the same, and stands in the ledger", async () => {
    await ground.webhook.stop();
    const words = ["--rollout", "adverse", "-s", "stageB", "--reason", "writes are lost"];
    const done = await typed(["abort", ...words]);
    expect(done.code, `${done.stdout}${done.stderr}`).toBe(0);
    expect(await rollout.liveFlags()).toEqual(READ);
    const status = await typed(["status"]);
    said(status, /stageB[^\n]*aborted/);
    await rollout.up("stageB");
    expect(await rollout.liveFlags()).toEqual(READ);
  });
});
