import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Run, up } from "../../cli/rehearse/up";
import { type OpsViewWorld, openOpsView } from "../../cli/rehearse/world";
import { openSandbox, type Sandbox, silentProgress } from "../../sandbox";
import { migrate } from "../../sandbox/demo/ops-view/migrate";

const OFF = { OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: false };
const READ = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: false };

let sandbox: Sandbox;
let world: OpsViewWorld;
let failed: Run;

const upStageA = () => up(sandbox, { folder: world.project.folder, stack: "stageA" });

beforeAll(async () => {
  sandbox = await openSandbox({ progress: silentProgress });
  world = await openOpsView(sandbox, silentProgress);
  await up(sandbox, { folder: world.project.folder, stack: "baseline" });
  await migrate(world.pool);
  await world.fleet.faults({ roleLeak: true });
  failed = await upStageA();
});

afterAll(async () => {
  await world?.traffic.stop();
  await world?.stop();
  await sandbox?.stop();
});

/** The servers' poll comes after the deployment. */
const served = () => expect.poll(() => world.servedFlags());

describe("a smoke check that fails", () => {
  it("takes the flags down again, and fails the run in its own words", async () => {
    expect(failed.outcome, failed.output).toBe("aborted");
    expect(failed.output).toMatch(
      /promoted and taken down again by SA2 .*the analyst sees items of 3 authors/,
    );
    expect(failed.output).not.toMatch(/^\s+at .*\.[jt]s:\d+/m);
    await served().toEqual([OFF, OFF]);
  });

  it("tells on-call, ops and stakeholders", async () => {
    const topics = () =>
      world.webhook.delivered
        .filter(({ subject }) => /Incident.*stageA/.test(subject ?? ""))
        .map(({ topic }) => topic);
    await expect
      .poll(() => topics().sort())
      .toEqual(["ops-view-on-call", "ops-view-ops", "ops-view-stakeholders"]);
  });

  it("stays down in the same attempt, and the record says why", async () => {
    await world.fleet.faults({});
    const again = await upStageA();
    expect(again.outcome, again.output).toBe("unchanged");
    expect(again.report?.plan).toMatchObject({
      kind: "none",
      why: "aborted",
      sentence: expect.stringContaining("SA2"),
    });
    await served().toEqual([OFF, OFF]);
    const state = await sandbox.pulumi(["stack", "export", "--stack", "stageA"], {
      cwd: world.project.folder,
    });
    expect(state.stdout).toMatch(/"outcome": "aborted"/);
  });

  it("is promoted in a new attempt, once it is mended", async () => {
    await world.project.edit("stageA", ["cutover:stage", "attempt"], 2);
    const second = await upStageA();
    expect(second.outcome, second.output).toBe("promoted");
    expect(second.report?.settlement?.outcome).toBe("settled");
    await served().toEqual([READ, READ]);
  });
});
