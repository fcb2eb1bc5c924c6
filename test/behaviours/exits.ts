import { kindOf } from "../../src/gates/gate";
import type { Outcome } from "../../src/gates/judge";
import { type Behaviour, same } from "./behaviour";
import { gateBefore, stageOf } from "./world/gates";

export const EXITS: readonly Behaviour[] = [
  {
    rollout: "ops-view",
    rows: ["B1"],
    title: "B1: every exit gate of stage A has to pass",
    async run(rollout) {
      const gate = gateBefore(rollout, "stageB", "B1");
      const exits = Object.keys(stageOf(rollout, "stageA").exit);
      same(exits.sort(), ["E1", "E2", "E3", "E4", "E5"], "the exit gates of stage A");
      const judged = (odd: Outcome) => {
        const verdicts = exits.map((id) => ({ gate: id, outcome: id === "E5" ? odd : "pass" }));
        return kindOf(gate.definition).rollUp?.judge(verdicts as never).outcome;
      };
      same(
        [judged("pass"), judged("fail"), judged("inconclusive")],
        ["pass", "fail", "inconclusive"],
        "B1 by its exit gates",
      );
    },
  },
];
