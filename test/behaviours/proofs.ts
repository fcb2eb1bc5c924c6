import type { Gate } from "../../src/gates/gate";
import { prove } from "../../src/promotion/prove";
import type { Rollout } from "../../src/rollout/rollout";
import { type Behaviour, type Shipped, same } from "./behaviour";
import { once } from "./cases";
import { at, DAY, MINUTE, NOW } from "./world/clock";
import { exitOf, gateBefore, smokeOf, sourcesOf } from "./world/gates";
import { against, type Published } from "./world/metrics";
import { opsView } from "./world/opsView";
import { pipeline } from "./world/pipeline";

const traffic: Readonly<Record<Shipped, () => Published>> = {
  "ops-view": once(() =>
    opsView({ forMs: 3 * DAY, everyMs: MINUTE, usual: { queue: 3, list: 2, write: 3 } }),
  ),
  "v2-pipeline": once(() =>
    pipeline({ forMs: 9 * DAY, everyMs: MINUTE, usual: { imports: 3, cpu: { 20: 1 }, memory: { 20: 1 } } }),
  ),
};

const proven = (
  of: Shipped,
  id: string,
  stage: string,
  find: (rollout: Rollout, stage: string, id: string) => Gate,
): Behaviour => ({
  rollout: of,
  rows: [id],
  title: `${id}: is seen to fail on what is known to be bad`,
  async run(rollout) {
    const gate = find(rollout, stage, id);
    const liveMs = of === "ops-view" ? 2 * DAY + DAY / 24 : 8 * DAY;
    const sources = sourcesOf({ rollout, promoted: stage, liveMs });
    const [proof] = await against(traffic[of](), () => at(NOW, () => prove([gate], sources, 1)));
    same(proof?.outcome, "proven", `what is known to be bad for ${id}`);
  },
});

export const PROOFS: readonly Behaviour[] = [
  proven("ops-view", "SA3", "stageA", smokeOf),
  proven("ops-view", "E1", "stageB", gateBefore),
  proven("ops-view", "F1", "stageB", exitOf),
  proven("ops-view", "F2", "stageB", exitOf),
  ...["percent50", "percent100", "deprecate-v1"].flatMap((stage) => [
    proven("v2-pipeline", "G5c", stage, gateBefore),
    proven("v2-pipeline", "G5g", stage, gateBefore),
  ]),
  proven("v2-pipeline", "D2", "deprecate-v1", gateBefore),
  proven("v2-pipeline", "X3", "remove-v1", gateBefore),
];
