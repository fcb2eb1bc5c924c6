import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { POLICY_PACK } from "../../cli/policyPack";
import { runCutover } from "../../cli/rehearse/command";
import { reportData } from "../../cli/report/data";
import { gapsOf, standings } from "../../cli/report/standing";
import { migrate } from "../../sandbox/demo/ops-view/migrate";
import { FAST, Ground, OFF, READ, SLOW, STACKS, type TestRollout, WRITE } from "./harness";
import { type World, worldOf } from "./listing";
import { created, evidenceIn } from "./state";

/** The story of one rollout, from nothing to its last stage. Each test leans on those before it. */
describe("a rollout's promotions", () => {
  let ground: Ground;
  let rollout: TestRollout;

  beforeAll(async () => {
    ground = await Ground.open();
    rollout = await ground.rollout("story", { migrated: "011", scale: SLOW, abortSwitch: true });
  });
  afterAll(() => ground?.close());

  /** Runs a command as people do. */
  const cutover = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCutover(
      { sandbox: ground.sandbox, project: rollout.project },
      args,
    );
    ground.printed.push(stdout, stderr);
    return { code, stdout, output: `${stdout}\n${stderr}` };
  };

  it("brings the foundation up with every flag off", async () => {
    const run = await rollout.up("baseline");
    expect(run.output).not.toMatch(/error/i);
    expect(run.outcome).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(OFF);
  });

  it("blocks stageA while A1 fails, and leaves cloud, database and state as they were", async () => {
    const before = await worldOf(rollout);
    const run = await rollout.up("stageA");
    expect(run).toMatchObject({ outcome: "blocked", code: expect.any(Number) });
    expect(run.code).not.toBe(0);
    expect(run.account.violations.map((violation) => violation.rule)).toEqual([
      "promote-only-on-passing-evidence",
    ]);
    // The whole table, the gate that fails with what was seen, what is asked for and what to do about it.
    expect(run.output).toMatch(/A1\s*│\s*FAIL/);
    for (const row of ["A3", "A4"]) expect(run.output).toMatch(new RegExp(`${row}\\s*│\\s*PASS`));
    expect(run.output).toContain("Apply migrations 012 and 013");
    expect(run.output).toContain("2 of 3 gates pass");
    expect(await worldOf(rollout)).toEqual(before);
    expect(created(await rollout.state("stageA"))).toEqual([]);
  });

  it("blocks it without any policy pack as well", async () => {
    const before = await worldOf(rollout);
    const run = await rollout.up("stageA", { policyPack: "none" });
    expect(run.outcome).toBe("blocked");
    expect(run.account.violations).toEqual([]);
    expect(run.output).toMatch(/A1\s*│\s*FAIL/);
    expect(await worldOf(rollout)).toEqual(before);
    expect(created(await rollout.state("stageA"))).toEqual([]);
  });

  it("says so in a preview already", async () => {
    const before = await worldOf(rollout);
    const run = await rollout.up("stageA", { preview: true });
    expect(run.outcome).toBe("blocked");
    expect(run.code).not.toBe(0);
    expect(run.output).toMatch(/A1\s*│\s*FAIL/);
    expect(await worldOf(rollout)).toEqual(before);
  });

  it("promotes stageA once its gates pass, by one deployment of the whole document", async () => {
    await migrate(rollout.pool);
    const run = await rollout.up("stageA");
    expect(run.outcome).toBe("promoted");
    expect(run.verdicts.map(({ gate, outcome }) => `${gate} ${outcome}`)).toEqual([
      "A1 pass",
      "A3 pass",
      "A4 pass",
    ]);
    const { live, history } = await rollout.ledger();
    expect(live).toMatchObject({ flags: READ, note: { kind: "promote", stage: "stageA", attempt: 1 } });
    expect(history).toHaveLength(2);
    expect(alarmsOf(await worldOf(rollout))).toEqual(["XA1", "XA2", "XA3", "XA4", "XA4q"]);
  });

  it("keeps the evidence of the flip in the stack's state", async () => {
    const evidence = evidenceIn(await rollout.state("stageA"));
    expect(evidence?.subject).toMatchObject({ stage: "stageA", attempt: 1, from: OFF, to: READ });
    expect(evidence?.observations.map((one) => one.gate)).toEqual(["A1", "A3", "A4"]);
    expect(evidence?.observations[0]?.seen).toMatchObject({ kind: "value", value: 2 });
  });

  it("blocks stageB right after stageA, says when it could pass, and leaves everything as it was", async () => {
    const before = await worldOf(rollout);
    const run = await rollout.up("stageB");
    expect(run.outcome).toBe("blocked");
    expect(run.output).toMatch(/B2\s*│\s*FAIL/);
    expect(run.output).toMatch(/Earliest promotion: \d{4}-\d\d-\d\d/);
    expect(await worldOf(rollout)).toEqual(before);
    expect(created(await rollout.state("stageB"))).toEqual([]);
  });

  it("promotes stageB after the soak, on a snapshot of its own", async () => {
    await rollout.edit("stageB", ["cutover:timeScale"], FAST);
    const run = await rollout.up("stageB");
    expect(run.outcome).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(WRITE);
    const world = await worldOf(rollout);
    expect(world.snapshots.map((one) => one.DBSnapshotIdentifier)).toEqual(["story-stageb-attempt-1"]);
    expect(alarmsOf(world)).toEqual(["XA1", "XA2", "XA3", "XA4", "XA4q", "XB1", "XB2", "XB2q"]);
  });

  for (const stack of STACKS) {
    it(`changes nothing in ${stack} the second time`, async () => {
      const before = await worldOf(rollout);
      const again = ["up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", stack];
      // Without the pack, nothing but the stage's own hooks could stop a change.
      for (const pack of stack === "stageB" ? [POLICY_PACK, ""] : [POLICY_PACK]) {
        const { code, stdout, stderr } = await rollout.pulumi(again, { PULUMI_OPTION_POLICY_PACK: pack });
        expect(code, stdout + stderr).toBe(0);
      }
      expect(await worldOf(rollout)).toEqual(before);
    });

    it(`finds no drift in ${stack}`, async () => {
      const refresh = ["refresh", "--yes", "--skip-preview", "--expect-no-changes", "--stack", stack];
      const { code, stdout, stderr } = await rollout.pulumi(refresh);
      expect(code, stdout + stderr).toBe(0);
    });
  }

  it("may be left or not, as cutover check measures and its exit code says", async () => {
    const check = async (required: number) => {
      await rollout.edit("stageB", ["cutover:stage", "exit"], {
        F9: { title: "Seven is measured", source: "sql", query: "select 7", expect: { eq: required } },
      });
      const { code, output } = await cutover("check", "-s", "stageB");
      return { code, output };
    };
    expect(await check(7)).toMatchObject({ code: 0, output: expect.stringMatching(/F9\s*│\s*PASS/) });
    expect(await check(8)).toMatchObject({ code: 3, output: expect.stringMatching(/F9\s*│\s*FAIL/) });
    await rollout.edit("stageB", ["cutover:stage", "exit"], undefined);
  });

  it("is told as a whole by cutover report: deployments, alarms, signals, messages and evidence", async () => {
    const { stdout } = await cutover("report", "--json");
    const data = reportData.parse(JSON.parse(stdout));
    // No app publishes anything here, which the report says of each alarm; beside that it lacks nothing.
    expect(gapsOf(data).filter((gap) => !/^Alarm .*: without data\.$/.test(gap))).toEqual([]);
    expect(standings(data).map(({ standing }) => standing)).toEqual(["passed", "passed", "soaking"]);
    if (!data.ledger.known) throw new Error("a report without gaps knows the ledger");
    const { live, deployments } = data.ledger.value;
    expect(live).toMatchObject({ stage: "stageB", flags: WRITE });
    expect(deployments.map(({ stage, flags }) => [stage, flags])).toEqual([
      ["baseline", { known: true, value: OFF }],
      ["stageA", { known: true, value: READ }],
      ["stageB", { known: true, value: WRITE }],
    ]);
    const rows = data.evidence.flatMap(({ records }) =>
      records.known ? records.value.flatMap(({ gates }) => gates) : [],
    );
    expect(rows.map(({ row, outcome }) => `${row} ${outcome}`)).toEqual(
      expect.arrayContaining(["A1 pass", "A3 pass", "A4 pass", "B4 pass"]),
    );
  });

  it("shows a secret to nobody: not in state, outputs, output or reports", async () => {
    const secrets = [ground.sandbox.postgres.password, await gatePassword(rollout)];
    const places: Record<string, string> = {
      "what pulumi printed": ground.printed.join("\n"),
      "messages to topics": JSON.stringify(ground.webhook.delivered),
    };
    for (const stack of STACKS) {
      places[`state of ${stack}`] = JSON.stringify(await rollout.state(stack));
      places[`outputs of ${stack}`] = JSON.stringify(await rollout.outputs(stack));
      places[`config of ${stack}`] = await readFile(
        join(rollout.project.folder, `Pulumi.${stack}.yaml`),
        "utf8",
      );
    }
    for (const file of await ground.reports()) places[file] = await readFile(file, "utf8");
    expect(Object.keys(places).length).toBeGreaterThan(15);
    for (const [place, text] of Object.entries(places))
      for (const secret of secrets) expect(text.includes(secret), `${place} holds a password`).toBe(false);
  });
});

/** The abort rows that have an alarm. */
function alarmsOf(world: World): string[] {
  const rows = world.alarms.map(({ AlarmName }) => AlarmName?.split("-").at(-1) ?? "");
  // The abort switch has alarms on itself as well.
  return rows.filter((row) => /^X[AB]\dq?$/.test(row)).sort();
}

/** The gate role's password: read the only way there is, by someone who may decrypt the state. */
async function gatePassword(rollout: TestRollout): Promise<string> {
  const { sandbox } = rollout.ground;
  const args = ["stack", "output", "gateLogin", "--show-secrets", "--json", "--stack", "baseline"];
  const { stdout } = await sandbox.pulumi(args, { cwd: rollout.project.folder });
  const { password } = JSON.parse(stdout) as { password: string };
  expect(password.length).toBeGreaterThan(20);
  return password;
}
