import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { untilQuiet } from "../../cli/rehearse/quiet";
import { type Run, up } from "../../cli/rehearse/up";
import { PROGRAM } from "../../cli/sandbox/project";
import { openSandbox, type Sandbox, silentProgress } from "../../sandbox";
import { migrate } from "../../sandbox/demo/ops-view/migrate";
import { loadRollout } from "../../src/rollout/load";
import { type AwsProxy, startAwsProxy } from "./awsProxy";
import { type OpsViewWorld, openOpsView } from "./opsView";

const OFF = { OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: false };
const READ = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: false };

const rollout = loadRollout(PROGRAM);

let sandbox: Sandbox;
let world: OpsViewWorld;
let failed: Run;

const upStageA = (env: Readonly<Record<string, string>> = {}) => {
  const pulumi: Sandbox["pulumi"] = (args, given) =>
    sandbox.pulumi(args, { ...given, env: { ...given.env, ...env } });
  return up({ ...sandbox, pulumi }, { folder: world.project.folder, stack: "stageA" });
};

const FLIP = /^POST .*\/deployments/;

/**
 * Roles leak from the flip on. Any earlier, the stage's own alarm would see it, and the last look would refuse.
 *
 * @param spoil what else happens then
 */
async function upLeaking(spoil: (proxy: AwsProxy) => void = () => {}): Promise<Run> {
  const proxy = await startAwsProxy(sandbox.aws.endpoint);
  proxy.after(FLIP, async () => {
    spoil(proxy);
    await world.fleet.faults({ roleLeak: true });
  });
  try {
    return await upStageA({ AWS_ENDPOINT_URL: proxy.url });
  } finally {
    await proxy.stop();
  }
}

beforeAll(async () => {
  sandbox = await openSandbox({ progress: silentProgress });
  world = await openOpsView(sandbox, silentProgress);
  await up(sandbox, { folder: world.project.folder, stack: "baseline" });
  await migrate(world.pool);
  failed = await upLeaking();
});

afterAll(async () => {
  await world?.stop();
  await sandbox?.stop();
});

/** The servers start anew after the deployment, which takes as long as it does here. */
const served = () => expect.poll(() => world.servedFlags(), { timeout: 60_000 });

describe("a smoke check that fails", () => {
  it("takes the flags down again, and fails the run in its own words", async () => {
    expect(failed.outcome, failed.output).toBe("aborted");
    expect(failed.output).toMatch(/promoted and taken down again by SA2 .*false \(200 in/);
    expect(failed.output).not.toMatch(/^\s+at .*\.[jt]s:\d+/m);
    expect(failed.account.errors).toEqual([
      expect.stringMatching(/^stageA was promoted and taken down again by SA2 .*until the attempt rises/),
    ]);
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

  it("is settled by the next run, where the flags could not be taken down at once", async () => {
    await untilQuiet(world, rollout);
    await world.project.edit("stageA", ["cutover:stage", "attempt"], 2);
    const stuck = await upLeaking((proxy) =>
      proxy.throttle(/^POST .*\/(deployments|hostedconfigurationversions)/, 1_000),
    );
    expect(stuck.outcome, stuck.output).toBe("failed");
    expect(stuck.account.errors.join("\n")).toMatch(/SA2 .*THE FLAGS COULD NOT BE TAKEN DOWN/);
    expect(stuck.output).toMatch(/abort --rollout ops-view .*-s stageA/);
    await served().toEqual([READ, READ]);

    const next = await upStageA();
    expect(next.outcome, next.output).toBe("aborted");
    expect(next.output).toMatch(/promoted and taken down again by SA2/);
    await served().toEqual([OFF, OFF]);
  });

  it("is promoted in a new attempt, once it is mended and the stage's own alarms have calmed down", async () => {
    await world.fleet.faults({});
    await untilQuiet(world, rollout);
    await world.project.edit("stageA", ["cutover:stage", "attempt"], 3);
    const third = await upStageA();
    expect(third.outcome, third.output).toBe("promoted");
    expect(third.report?.settlement?.outcome).toBe("settled");
    await served().toEqual([READ, READ]);
  });
});
