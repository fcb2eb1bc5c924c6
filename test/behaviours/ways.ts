import { rollbackOf } from "../../cli/runbook/back";
import { renderRunbook } from "../../cli/runbook/render";
import { reactionOf } from "../../src/abort/reaction";
import { milliseconds } from "../../src/text/duration";
import { type Behaviour, Otherwise, type Shipped, same, there } from "./behaviour";
import { MINUTE } from "./world/clock";
import { stageOf } from "./world/gates";

interface Way {
  readonly rollout: Shipped;
  readonly row: string;
  readonly stage: string;
  /** What is printed to be typed, or done. */
  readonly says: RegExp;
  /** How long the plan gives it. */
  readonly withinMs?: number;
}

/** A way back is in its stage's runbook, to be typed, and its alarms keep the time that the plan gives it. */
const way = ({ rollout: of, row, stage: name, says, withinMs }: Way): Behaviour => ({
  rollout: of,
  rows: [row],
  title: `${row}: the runbook of ${name} says how, and how long it may take`,
  async run(rollout) {
    const stage = stageOf(rollout, name);
    const back = rollbackOf(rollout, stage).find((one) => one.row === row);
    const { within, to } = there(back, `the way back ${row}`).step;
    same(within && milliseconds(within), withinMs, `how long ${row} may take`);
    const [, after = ""] = renderRunbook(rollout, stage, {}).split(`### ${row}: `);
    const [part = ""] = after.split(/\n##/);
    if (!says.test(part)) throw new Otherwise(`the runbook of ${name} does not say ${says.source} of ${row}`);
    if (to === undefined || withinMs === undefined) return;
    for (const [id, threshold] of Object.entries(stage.abort)) {
      const { downMs = 0 } = reactionOf(threshold);
      if (downMs > withinMs) throw new Otherwise(`${id} takes ${downMs} ms, and ${row} promises ${withinMs}`);
    }
  },
});

const everywhere = ["percent10", "percent50", "percent100", "deprecate-v1", "remove-v1"];

export const WAYS: readonly Behaviour[] = [
  way({ rollout: "ops-view", row: "R1", stage: "stageA", says: /abort.* -s stageA\b/, withinMs: 2 * MINUTE }),
  way({ rollout: "ops-view", row: "R2", stage: "stageB", says: /abort.* -s stageB\b/, withinMs: 2 * MINUTE }),
  way({ rollout: "ops-view", row: "R3", stage: "stageB", says: /abort.* --all\b/, withinMs: 2 * MINUTE }),
  way({
    rollout: "ops-view",
    row: "R4",
    stage: "stageA",
    says: /rollback-012-013\.sql/,
    withinMs: 10 * MINUTE,
  }),
  ...everywhere.flatMap((stage) => [
    way({ rollout: "v2-pipeline", row: "K1", stage, says: /abort.* --all\b/, withinMs: 2 * MINUTE }),
    way({ rollout: "v2-pipeline", row: "K2", stage, says: /logged/, withinMs: 5 * MINUTE }),
    way({ rollout: "v2-pipeline", row: "K3", stage, says: /let them finish/ }),
    way({ rollout: "v2-pipeline", row: "K4", stage, says: /Q4/ }),
  ]),
];
