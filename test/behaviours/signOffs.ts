import type { Gate } from "../../src/gates/gate";
import type { Rollout } from "../../src/rollout/rollout";
import { type Behaviour, type Shipped, same } from "./behaviour";
import { ago, DAY, HOUR } from "./world/clock";
import { exitOf, gateBefore, outcomeOf } from "./world/gates";

type Find = (rollout: Rollout, stage: string, id: string) => Gate;

/** A person has to state it, for this attempt, since the stage is live. */
const stated = (of: Shipped, id: string, stage: string, find: Find = gateBefore): Behaviour => ({
  rollout: of,
  rows: [id],
  title: `${id}: before ${stage}, somebody states it for this attempt, since it is live`,
  async run(rollout) {
    const gate = find(rollout, stage, id);
    const statement = { by: "ada@example.com", at: ago(HOUR), statement: "so it is", attempt: 1 };
    const outcome = (signOffs: Readonly<Record<string, typeof statement>>) =>
      outcomeOf(gate, {
        rollout,
        promoted: stage,
        liveMs: DAY,
        sources: { promoted: { name: stage, signOffs } },
      });
    same(await outcome({}), "inconclusive", "nobody has stated it");
    same(await outcome({ another: statement }), "inconclusive", "something else was stated");
    same(await outcome({ [id]: statement }), "pass", "it was stated");
    same(await outcome({ [id]: { ...statement, at: ago(2 * DAY) } }), "fail", "it was stated before");
    same(await outcome({ [id]: { ...statement, attempt: 2 } }), "fail", "it was stated of another attempt");
  },
});

export const SIGN_OFFS: readonly Behaviour[] = [
  stated("ops-view", "E4", "stageB"),
  stated("ops-view", "B3", "stageB"),
  stated("ops-view", "F4s", "stageB", exitOf),
  ...["percent50", "percent100", "deprecate-v1"].map((stage) => stated("v2-pipeline", "G4", stage)),
];
