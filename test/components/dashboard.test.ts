import { describe, expect, test } from "vitest";
import { dashboardBody } from "../../components/dashboardBody";
import { entry, note } from "../support/build";
import { rollout } from "./rollout";
import { declareStage, raising } from "./stageRun";

const DASHBOARD = "Dashboard stageB-dashboard";

/** What the stage itself deploys is number 3, completed at 12:31. */
const HISTORY = [
  entry(5, { note: note({ kind: "abort", stage: "stageB" }) }),
  entry(2),
  entry(1, { note: note({ stage: "baseline" }) }),
];
const OWN = entry(3, { completedAt: "2026-11-21T12:31:00.000Z", note: note({ stage: "stageB" }) });

const bodyOf = (inputs: Record<string, unknown>) => JSON.parse(String(inputs.dashboardBody));
const moments = (inputs: Record<string, unknown>): string[] =>
  bodyOf(inputs)
    .widgets.find(({ type }: { type: string }) => type === "metric")
    .properties.annotations.vertical.map(({ label }: { label: string }) => label);

describe("a stage's dashboard", () => {
  test("has exactly these inputs: the stages up to its own, the alarms, and the changes up to its flip", async () => {
    const spec = rollout();
    const { one, ofType } = await declareStage({ spec, promotion: raising(), history: HISTORY });
    // Those of the rows, and those that watch the switch itself; a drill's says nothing of the rollout.
    const alarms = ofType("aws:cloudwatch/metricAlarm:MetricAlarm").filter(
      ({ label }) => !label.endsWith("-drill"),
    );
    const { inputs } = one(DASHBOARD);
    expect(inputs).toEqual({
      dashboardName: "ops-view-eu-central-1-stageB",
      dashboardBody: expect.any(String),
    });
    const shown = bodyOf(inputs).widgets.find(({ type }: { type: string }) => type === "alarm").properties;
    expect(alarms.length).toBeGreaterThan(2);
    expect(shown.alarms).toHaveLength(alarms.length);
    expect(inputs.dashboardBody).toBe(
      dashboardBody({
        rollout: spec,
        stages: spec.stages,
        region: "eu-central-1",
        alarms: shown.alarms,
        changes: [...HISTORY.filter(({ deployment }) => deployment < 3), OWN],
        remark: remarkOf(inputs),
      }),
    );
  });

  test("does not show stages that come later", async () => {
    const { one } = await declareStage({ stage: "stageA", promotion: raising() });
    expect(String(one("Dashboard stageA-dashboard").inputs.dashboardBody)).not.toContain("stageB");
  });

  test("says the same when the stack is brought up once more, and after an abort", async () => {
    const first = await declareStage({ promotion: raising(), history: HISTORY.slice(1) });
    const again = await declareStage({ history: [OWN, ...HISTORY.slice(1)] });
    const aborted = await declareStage({ history: [...HISTORY, OWN] });
    const said = first.one(DASHBOARD).inputs.dashboardBody;
    expect(moments(first.one(DASHBOARD).inputs)).toEqual([
      "baseline, attempt 1",
      "stageA, attempt 1",
      "stageB, attempt 1",
    ]);
    expect(again.one(DASHBOARD).inputs.dashboardBody).toBe(said);
    expect(aborted.one(DASHBOARD).inputs.dashboardBody).toBe(said);
  });

  test("waits for the flip, which nothing of it holds up", async () => {
    const { one, all } = await declareStage({ promotion: raising() });
    expect(one(DASHBOARD).dependsOn).toContain("Stash stageB-flip");
    // But for the latch, which a destroy comes upon first.
    const waiting = all.filter(({ dependsOn }) => dependsOn.includes(DASHBOARD));
    expect(waiting.map(({ label }) => label)).toEqual([
      "Stash stageB-to-destroy-run-cutover-abort-then-pulumi-up",
    ]);
  });
});

function remarkOf(inputs: Record<string, unknown>): string {
  const [{ properties }] = bodyOf(inputs).widgets;
  return properties.markdown.split("\n")[1].split(" Declared by")[0];
}
