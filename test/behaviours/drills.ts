import type { Seen } from "../../src/gates/observation";
import { type Behaviour, type Shipped, same } from "./behaviour";
import { ago, DAY, SECOND } from "./world/clock";
import { gateBefore, onSeen } from "./world/gates";

const drilled = (of: Shipped, id: string, stage: string, path: string): Behaviour => ({
  rollout: of,
  rows: [id],
  title: `${id}: the way down from before ${stage} was drilled within two minutes, not longer ago than 30 days`,
  async run(rollout) {
    const gate = gateBefore(rollout, stage, id);
    const seen = (agoMs: number, tookMs: number, drilledStage = path): Seen => ({
      ...{ kind: "drill", rollout: rollout.name, stage: drilledStage, deployment: 1 },
      ...{ completedAt: ago(agoMs), breachAt: ago(agoMs + tookMs) },
    });
    same(onSeen(gate, seen(DAY, 119 * SECOND)), "pass", "119 s");
    same(onSeen(gate, seen(DAY, 120 * SECOND)), "fail", "120 s");
    same(onSeen(gate, seen(31 * DAY, SECOND)), "fail", "31 days ago");
    same(onSeen(gate, seen(DAY, SECOND, "another")), "fail", "that of another stage");
  },
});

const FOLLOWING = ["percent50", "percent100", "deprecate-v1", "remove-v1"];

export const DRILLS: readonly Behaviour[] = [
  drilled("ops-view", "B5", "stageB", "stageA"),
  ...FOLLOWING.map((stage) =>
    drilled("v2-pipeline", "A1", stage, stage === "remove-v1" ? "deprecate-v1" : "percent10"),
  ),
];
