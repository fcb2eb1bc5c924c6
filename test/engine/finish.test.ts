import { spawn } from "node:child_process";
import { CloudWatchClient, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandResult, runCutover } from "../../cli/rehearse/command";
import { PROGRAM } from "../../cli/sandbox/project";
import { emulated } from "../../sandbox/aws/emulated";
import { finishOf } from "../../src/rollout/finished";
import { Ground, outcome, READ, type TestRollout, until, WRITE } from "./harness";
import { partsOf } from "./listing";

/** A rollout from its last promotion to its end, and back. Each test leans on those before it. */
describe("cutover finish", () => {
  let ground: Ground;
  let rollout: TestRollout;
  /** What was there before the stages. */
  let before: string[];

  const cutover = (...args: string[]): Promise<CommandResult> =>
    runCutover({ sandbox: ground.sandbox, project: rollout.project }, args);
  const finish = () => cutover("finish", "--reason", "nobody complains");
  const isFinished = async () => finishOf(rollout, await rollout.ledger()) !== undefined;
  const told = (row: string) =>
    ground.webhook.delivered.filter(
      ({ topic, message }) => topic.startsWith("ended") && message.includes(` ${row}: `),
    );
  const ring = async (AlarmName: string, StateValue: "ALARM" | "OK") => {
    const client = new CloudWatchClient(emulated(ground.sandbox.aws));
    await client.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: "a test" }));
    client.destroy();
  };

  beforeAll(async () => {
    ground = await Ground.open();
    rollout = await ground.rollout("ended", { abortSwitch: true });
    await rollout.edit("stageB", ["cutover:stage", "abort", "XB3"], {
      title: "A signal in the database",
      probe: { query: "select count(*) from patches where false" },
      threshold: { gt: 0 },
      action: "rollback",
    });
    await rollout.edit("stageB", ["cutover:stage", "exit"], {
      F1: {
        title: "Something was written",
        source: "sql",
        query: "select count(*) from patches where field_key = 'finish'",
        expect: { gt: 0 },
      },
    });
    await rollout.edit("stageB", ["cutover:stage", "messages"], {
      C3: { title: "Much later", to: ["ops"], when: { after: "300d" } },
      C4: { title: "Fully enabled", to: ["ops", "stakeholders"], when: "finish", soakSummary: true },
    });
    await rollout.bringUp("baseline");
    before = await partsOf(rollout);
    await rollout.bringUp("stageA", "stageB");
    expect(await rollout.liveFlags()).toEqual(WRITE);
  });
  afterAll(() => ground?.close());

  it("is blocked by an exit gate that does not pass, and refused while something is held", async () => {
    const blocked = await finish();
    expect([blocked.code, blocked.stdout], blocked.stderr).toEqual([
      3,
      expect.stringMatching(/F1\s*│\s*FAIL/),
    ]);
    await rollout.pool.query(
      "update patches set field_key = 'finish' where id = (select id from patches limit 1)",
    );
    expect((await cutover("hold", "-s", "stageA", "--reason", "a test")).code).toBe(0);
    const held = await finish();
    expect([held.code, held.stdout + held.stderr]).toEqual([
      1,
      expect.stringMatching(/stageA.* is held since/),
    ]);
    expect((await cutover("release")).code).toBe(0);
    await rollout.edit("stageB", ["cutover:stage", "exit", "F1", "expect"], { lt: 1_000_000 });
    const weaker = await finish();
    expect([weaker.code, weaker.stdout + weaker.stderr]).toEqual([
      1,
      expect.stringMatching(/F1: [\s\S]*weaker than at the last flip of this stage/),
    ]);
    await rollout.edit("stageB", ["cutover:stage", "exit", "F1", "expect"], { gt: 0 });
    expect(await isFinished()).toBe(false);
    expect(told("C4")).toEqual([]);
  });

  it("killed as soon as its entry is there, goes on when it is typed again, and tells people", async () => {
    const args = [
      "cli/bootstrap.mjs",
      "cli/main.ts",
      "finish",
      "--reason",
      "killed",
      "-C",
      rollout.project.folder,
    ];
    const child = spawn(process.execPath, args, {
      cwd: PROGRAM,
      env: { ...ground.sandbox.env },
      stdio: "ignore",
    });
    await until("the entry is there", isFinished);
    child.kill("SIGKILL");
    const again = await finish();
    expect([again.code, again.stdout], again.stderr).toEqual([
      0,
      expect.stringMatching(/already finished since .*: killed/),
    ]);
    await until("everyone was told", () => told("C4").length >= 2);
    expect(told("C4")[0]?.message).toMatch(/^Soak: +1 of 1 exit gate passes$/m);
    const count = told("C4").length;
    expect((await finish()).code).toBe(0);
    expect(told("C4")).toHaveLength(count);
    expect(await rollout.liveFlags()).toEqual(WRITE);
  });

  it("leaves the flags to nobody: an abort is refused, and an alarm pages on-call alone", async () => {
    const refused = await cutover("abort", "-s", "stageB", "--reason", "a test");
    expect([refused.code, refused.stdout]).toEqual([
      2,
      expect.stringMatching(/NOTHING WAS LOWERED[\s\S]*--reopen/),
    ]);
    await ring("ended-stageB-XB1", "ALARM");
    await until("on-call is paged", () =>
      ground.webhook.delivered.some(
        ({ subject }) => subject === "ALARM, finished, flags stay: ended stageB XB1",
      ),
    );
    expect(ground.webhook.delivered.filter(({ subject }) => subject?.startsWith("Incident: ended"))).toEqual(
      [],
    );
    expect(await rollout.liveFlags()).toEqual(WRITE);
    await ring("ended-stageB-XB1", "OK");
  });

  it("the next up of each stage takes what watches and speaks away, once, and nothing else", async () => {
    for (const stack of ["stageB", "stageA"] as const) {
      const run = await rollout.up(stack);
      expect(run.outcome, run.output).toBe("updated");
      expect(run.output).toContain("No flag changes: ended is finished since");
      expect(await outcome(rollout.up(stack))).toBe("unchanged");
    }
    // Whom nobody tells twice.
    const left = (await partsOf(rollout)).filter((part) => !before.includes(part));
    expect(left.filter((part) => !/^logs .*\/aws\/lambda\//.test(part))).toEqual([
      "logs /cutover/ended/stageB/sent",
    ]);
    expect(await rollout.liveFlags()).toEqual(WRITE);
    expect((await finish()).stdout).toContain("Told before: C4");
  });

  it("a new attempt is refused, with the way that is left", async () => {
    await rollout.edit("stageA", ["cutover:stage", "attempt"], 2);
    const run = await rollout.up("stageA");
    expect(run.outcome, run.output).toBe("blocked");
    expect(run.output.replaceAll(/\s+/g, " ")).toContain("set attempt back to 1");
    expect(run.output).toContain("--reopen");
    await rollout.edit("stageA", ["cutover:stage", "attempt"], 1);
  });

  it("a stage may be destroyed then: the flags stay, and the other's up is as it was", async () => {
    const run = await rollout.pulumi(["destroy", "--stack", "stageB", "--yes", "--skip-preview"]);
    expect(run.code, run.stdout + run.stderr).toBe(0);
    expect(await rollout.state("stageB")).toEqual([]);
    expect(await outcome(rollout.up("stageA"))).toBe("unchanged");
    expect(await rollout.liveFlags()).toEqual(WRITE);
    expect(await isFinished()).toBe(true);
    const again = await finish();
    expect([again.code, again.stdout], again.stderr).toEqual([
      0,
      expect.stringContaining("Who was told is not known any more"),
    ]);
  });

  it("an abort that says so reopens it, and says what no alarm watches", async () => {
    const run = await cutover("abort", "-s", "stageB", "--reopen", "--reason", "writes are lost");
    expect(run.code, run.stdout).toBe(0);
    expect(run.stdout).toMatch(/NO ALARM WATCHES stageA, stageB/);
    expect(await rollout.liveFlags()).toEqual(READ);
    expect(await isFinished()).toBe(false);
  });
});

/** An alarm that rings while it measures: whoever comes first, flags and ledger agree. */
describe("an alarm during the finish", () => {
  it("keeps it from being made, or takes it back", async () => {
    const ground = await Ground.open();
    try {
      const rollout = await ground.rollout("rung", { abortSwitch: true });
      await rollout.edit("stageB", ["cutover:stage", "exit"], {
        F1: {
          title: "It takes a while",
          source: "sql",
          query: "select 1 from pg_sleep(3)",
          expect: { eq: 1 },
        },
      });
      await rollout.bringUp("baseline", "stageA", "stageB");
      const running = runCutover({ sandbox: ground.sandbox, project: rollout.project }, [
        ...["finish", "--reason", "too early"],
      ]);
      const measuring = () =>
        rollout.pool
          .query(
            "select 1 from pg_stat_activity where query like '%pg_sleep(3)%' and pid <> pg_backend_pid()",
          )
          .then(({ rowCount }) => rowCount !== 0);
      await until("it measures", measuring);
      const client = new CloudWatchClient(emulated(ground.sandbox.aws));
      const at = { AlarmName: "rung-stageB-XB1", StateReason: "a test" };
      await client.send(new SetAlarmStateCommand({ ...at, StateValue: "ALARM" }));
      client.destroy();
      const { code, stdout, stderr } = await running;
      expect(code, stdout + stderr).toBe(1);
      await until("the flags are down", async () => (await rollout.liveFlags())?.OPS_VIEW_DB_WRITE === false);
      expect(await rollout.liveFlags()).toEqual(READ);
      expect(finishOf(rollout, await rollout.ledger())).toBeUndefined();
    } finally {
      await ground.close();
    }
  });
});
