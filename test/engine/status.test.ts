import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { statusCommand } from "../../cli/status/run";
import { statusView } from "../../cli/status/schema";
import { type AwsProxy, startAwsProxy } from "./awsProxy";
import { Ground, OFF, outcome, SLOW, type TestRollout } from "./harness";

/** `cutover status` of a rollout on its way up and down. Each test leans on those before it. */
describe("status", () => {
  let ground: Ground;
  let rollout: TestRollout;
  let proxy: AwsProxy;

  beforeAll(async () => {
    ground = await Ground.open();
    proxy = await startAwsProxy(ground.sandbox.aws.endpoint);
    vi.stubEnv("AWS_REGION", ground.sandbox.aws.region);
    rollout = await ground.rollout("told", { scale: SLOW, abortSwitch: true });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await proxy?.stop();
    await ground?.close();
  });

  async function status(stage?: string) {
    const written: string[] = [];
    const screen = { write: (text: string) => written.push(text) };
    const folder = rollout.project.folder;
    const code = await statusCommand({ folder, screen, json: true, stage });
    const view = statusView.parse(JSON.parse(written.join("")));
    const states = Object.fromEntries(view.stages.map(({ name, state }) => [name, state]));
    return { code, view, states };
  }

  it("before anything: never started, with what to do", async () => {
    const { code, view, states } = await status();
    expect(code).toBe(3);
    expect(states).toEqual({ baseline: "not started", stageA: "not started", stageB: "not started" });
    expect(view.attention[0]).toMatchObject({ what: expect.stringMatching(/^was never started in/) });
  });

  it("after stageA: it soaks, its alarms are there, and stageB waits for the soak", async () => {
    for (const stack of ["baseline", "stageA"] as const)
      expect(await outcome(rollout.up(stack))).toBe("promoted");
    const { code, view, states } = await status();
    expect(states).toEqual({ baseline: "passed", stageA: "soaking", stageB: "blocked" });
    expect(view.flags).toMatchObject({
      value: { values: { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: false } },
    });
    const left = Date.parse(view.stages[1]?.soakEnds ?? "") - Date.parse(view.at);
    // 24 h pass in 24 min.
    expect(left).toBeGreaterThan(10 * 60_000);
    expect(left).toBeLessThanOrEqual(24 * 60_000);
    const gates = view.gates?.known ? view.gates.value.verdicts : [];
    expect(Object.fromEntries(gates.map(({ id, outcome: how }) => [id, how]))).toEqual({
      B2: "fail",
      B4: "not-run",
    });
    const rows = view.alarms.known ? view.alarms.value.flatMap(({ row }) => row ?? []) : [];
    expect(rows).toEqual(["XA1", "XA2", "XA3", "XA4", "XA4q"]);
    expect({ code, attention: view.attention }).toEqual({ code: 0, attention: [] });
  });

  it("without the right to read alarms: these are unknown, and all else is told", async () => {
    vi.stubEnv("AWS_ENDPOINT_URL", proxy.url);
    const allow = proxy.deny(/DescribeAlarms/);
    try {
      const { code, view, states } = await status();
      expect(code).toBe(1);
      expect(view.alarms).toMatchObject({ known: false, why: expect.stringMatching(/^access denied/) });
      expect(states.stageA).toBe("soaking");
      expect(view.complete).toBe(false);
    } finally {
      allow();
      vi.stubEnv("AWS_ENDPOINT_URL", ground.sandbox.aws.endpoint);
    }
  });

  it("after an abort: by which row, and that baseline's flags are live", async () => {
    await rollout.deploy(OFF, { kind: "abort", stage: "stageA", attempt: 1, row: "XA1" });
    const { code, view, states } = await status();
    expect(code).toBe(3);
    expect(states).toMatchObject({ baseline: "live", stageA: "aborted", stageB: "not started" });
    expect(view.stages[1]?.aborted).toMatchObject({ by: "XA1", attempt: 1 });
    const alone = await status("stageA");
    expect(alone.view.stages.map(({ name }) => name)).toEqual(["stageA"]);
  });
});
