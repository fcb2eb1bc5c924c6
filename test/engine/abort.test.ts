import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCutover } from "../../cli/rehearse/command";
import { reportData } from "../../cli/report/data";
import { emulated } from "../../sandbox/aws/emulated";
import type { PromotionRecord } from "../../src/promotion/record";
import { Ground, OFF, outcome, READ, type TestRollout, WRITE } from "./harness";
import { worldOf } from "./listing";
import { evidenceIn, heldBy, plainState } from "./state";

/** What becomes of a rollout that was aborted by hand, past all stacks. Each test leans on those before it. */
describe("after an abort", () => {
  let ground: Ground;
  let rollout: TestRollout;

  beforeAll(async () => {
    ground = await Ground.open();
    rollout = await ground.rollout("aborted");
    for (const stack of ["baseline", "stageA", "stageB"] as const)
      expect(await outcome(rollout.up(stack))).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(WRITE);
    await rollout.deploy(OFF, { kind: "abort", stage: "stageB", attempt: 1, row: "XB1" });
  });
  afterAll(() => ground?.close());

  /** The record that a stage's stack holds. */
  const recordOf = async (stack: "stageA" | "stageB"): Promise<PromotionRecord> => {
    const held = (await rollout.state(stack)).find(({ urn }) => urn.endsWith(`::${stack}-record`));
    return held?.outputs?.output as PromotionRecord;
  };
  let first: PromotionRecord;

  for (const stack of ["stageB", "stageA"] as const) {
    it(`${stack} stays down: up of the same attempt says so, and changes nothing`, async () => {
      const [world, state] = [await worldOf(rollout), heldBy(await rollout.state(stack))];
      const run = await rollout.up(stack);
      expect(run.outcome, run.output).toBe("unchanged");
      expect(run.output).toMatch(new RegExp(`No flag changes: ${stack}, attempt 1, was aborted by XB1`));
      expect(run.output).toContain("stays down until attempt rises above 1");
      expect(await worldOf(rollout)).toEqual(world);
      expect(heldBy(await rollout.state(stack))).toEqual(state);
      expect(await rollout.liveFlags()).toEqual(OFF);
    });
  }

  it("a next attempt of stageB is refused while stageA is not live", async () => {
    const [world, state] = [await worldOf(rollout), plainState(await rollout.state("stageB"))];
    await rollout.edit("stageB", ["cutover:stage", "attempt"], 2);
    const run = await rollout.up("stageB", { policyPack: "none" });
    expect(run.outcome).toBe("blocked");
    expect(run.output).toContain("follows stageA, but live is baseline");
    expect(run.output).toContain("Promote stageA first");
    expect(await worldOf(rollout)).toEqual(world);
    expect(plainState(await rollout.state("stageB"))).toEqual(state);
  });

  it("a record of an older version, which names no attempt, is no change", async () => {
    first = await recordOf("stageA");
    expect(first).toMatchObject({ attempt: 1, atFlip: { evidence: { subject: { attempt: 1 } } } });
    const { stdout } = await rollout.must(["stack", "export", "--stack", "stageA"]);
    const file = join(rollout.project.folder, "older.json");
    const older = JSON.stringify(JSON.parse(stdout), (_, value) =>
      value?.atFlip ? { ...value, attempt: undefined } : value,
    );
    await writeFile(file, older);
    await rollout.must(["stack", "import", "--stack", "stageA", "--file", file]);
    const { attempt: _, ...without } = first;
    expect(await recordOf("stageA")).toEqual(without);
    expect(await outcome(rollout.up("stageA"))).toBe("unchanged");
    expect(await recordOf("stageA")).toEqual(without);
  });

  it("a next attempt of stageA is blocked while a gate fails, and what the first one left stays as it was", async () => {
    await rollout.pool.query("delete from schema_migrations where version = '013'");
    await rollout.edit("stageA", ["cutover:stage", "attempt"], 2);
    const [world, state] = [await worldOf(rollout), plainState(await rollout.state("stageA"))];
    for (const options of [{}, { policyPack: "none" }] as const) {
      const run = await rollout.up("stageA", options);
      expect(run.outcome).toBe("blocked");
      expect(run.output).toMatch(/A1\s*│\s*FAIL/);
      expect(await worldOf(rollout)).toEqual(world);
      expect(plainState(await rollout.state("stageA"))).toEqual(state);
    }
    await rollout.pool.query("insert into schema_migrations (version) values ('013')");
  });

  it("a next attempt goes through the same gates, and is promoted once they pass", async () => {
    const run = await rollout.up("stageA");
    expect(run.outcome, run.output).toBe("promoted");
    expect(run.verdicts.map((verdict) => verdict.gate)).toEqual(["A1", "A3", "A4"]);
    const { live } = await rollout.ledger();
    expect(live).toMatchObject({ flags: READ, note: { stage: "stageA", attempt: 2 } });
    expect(live?.note?.by).toMatch(/^arn:aws:/);
  });

  it("keeps what the first attempt was promoted on, word for word, and shows it", async () => {
    const { others, ...newest } = await recordOf("stageA");
    expect(newest).toMatchObject({ attempt: 2, atFlip: { evidence: { subject: { attempt: 2 } } } });
    expect(newest.heldTo?.definitions.stages.map(({ name }) => name)).toContain("stageA");
    expect(others).toEqual([first]);
    expect(await outcome(rollout.up("stageA"))).toBe("unchanged");
    expect(await recordOf("stageA")).toEqual({ ...newest, others });

    const world = { sandbox: ground.sandbox, project: rollout.project };
    const data = reportData.parse(JSON.parse((await runCutover(world, ["report", "--json"])).stdout));
    const records = data.evidence.find(({ stage }) => stage === "stageA")?.records;
    expect(
      records?.known &&
        records.value.map(({ attempt, gates }) => [
          attempt,
          ...gates.map((one) => `${one.row} ${one.outcome}`),
        ]),
    ).toEqual([
      [1, "A1 pass", "A3 pass", "A4 pass"],
      [2, "A1 pass", "A3 pass", "A4 pass"],
    ]);
    expect(data.ledger).toMatchObject({
      value: {
        attempts: expect.arrayContaining([
          expect.objectContaining({
            stage: "stageA",
            attempt: 1,
            said: expect.stringMatching(/^aborted by XB1/),
          }),
          expect.objectContaining({ stage: "stageA", attempt: 2, ended: "live" }),
        ]),
      },
    });
    const status = await runCutover(world, ["status"]);
    expect(status.stdout).toMatch(
      /ATTEMPTS\s+stageA\s+1\s+aborted by XB1[\s\S]*stageA\s+2\s+live; flipped at/,
    );
  });

  it("loses no record where config goes back to the first attempt", async () => {
    const before = await recordOf("stageA");
    await rollout.edit("stageA", ["cutover:stage", "attempt"], 1);
    const back = await rollout.up("stageA");
    expect(back.code, back.output).toBe(0);
    const { others: [second] = [] } = await recordOf("stageA");
    expect(await recordOf("stageA")).toEqual({ ...first, others: [second] });
    await rollout.edit("stageA", ["cutover:stage", "attempt"], 2);
    const again = await rollout.up("stageA");
    expect(again.code, again.output).toBe(0);
    expect(await recordOf("stageA")).toEqual(before);
    expect(await rollout.liveFlags()).toEqual(READ);
  });

  it("stageB is not promoted while one of its own alarms fires: it would never fire anew", async () => {
    const cloudwatch = new CloudWatchClient(emulated(ground.sandbox.aws));
    const writes = (Value: number) =>
      cloudwatch.send(
        new PutMetricDataCommand({
          Namespace: "OpsView",
          MetricData: [{ MetricName: "Write5xx", Value, StorageResolution: 1 }],
        }),
      );
    // A state that was set by hand would not last: CloudWatch judges anew within seconds.
    await writes(1);
    const failing = setInterval(() => void writes(1), 2_000);
    const run = await rollout.up("stageB");
    clearInterval(failing);
    expect(run.outcome).toBe("blocked");
    expect(run.output).toMatch(/XB1: its alarm aborted-stageB-XB1 is in ALARM already/);
    expect(await rollout.liveFlags()).toEqual(READ);
    const AlarmNames = ["aborted-stageB-XB1"];
    do {
      await sleep(500);
      await writes(0);
    } while (
      (await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames, StateValue: "ALARM" }))).MetricAlarms
        ?.length
    );
    cloudwatch.destroy();
  });

  it("stageB follows with a snapshot of its own, and keeps that of its first attempt", async () => {
    const run = await rollout.up("stageB");
    expect(run.outcome, run.output).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(WRITE);
    const { snapshots } = await worldOf(rollout);
    expect(snapshots.map((one) => one.DBSnapshotIdentifier).sort()).toEqual([
      "aborted-stageb-attempt-1",
      "aborted-stageb-attempt-2",
    ]);
    const evidence = evidenceIn(await rollout.state("stageB"));
    expect(evidence?.subject.attempt).toBe(2);
    expect(await outcome(rollout.up("stageB"))).toBe("unchanged");
  });
});
