import { z } from "zod";
import {
  changes,
  direction,
  isLeftOf,
  lowersBeyond,
  lowerTo,
  sameFlags,
  showChange,
  showFlags,
} from "../../src/flags/flags";
import { promotion } from "../../src/promotion/request";
import { showProblem } from "../../src/text/problem";
import { stageInputs, stageRule } from "../stageRule";

/** A stage is promoted from its predecessor's flags and from no others, and never where the plan was refused. */
export const promoteStagesInOrder = stageRule({
  name: "promote-stages-in-order",
  description: "A stage is promoted only while its predecessor is live: nobody skips a soak.",
  inputs: {
    stage: stageInputs.stage,
    flags: stageInputs.flags,
    flagSpecs: stageInputs.flagSpecs,
    predecessor: stageInputs.predecessor,
    /** What this stage lowers, and what any stage of the rollout does. */
    contracts: z.array(z.string()).default([]),
    contracted: z.array(z.string()).default([]),
    promotion: promotion.optional(),
  },
  check: (stage, report, { promoting }) => {
    const plan = promoting ? stage.promotion?.plan : undefined;
    if (!plan) return;
    if (plan.kind === "refused") {
      for (const problem of plan.problems) report(showProblem(problem));
      if (plan.problems.length === 0)
        report(`${stage.stage} is refused without a reason. Look at what is live with cutover status.`);
      return;
    }
    // What a plan calls itself decides which rules hold for it: a raise that says "lower" would need no evidence.
    const list = changes(stage.flagSpecs, plan.from, plan.to);
    const way = direction(list);
    const called = plan.kind === "restart" ? "none" : plan.kind;
    // Flags that an abort came down to may be promoted as they are: nothing rises, and every gate is asked.
    const adopts = plan.kind === "raise" && way === "none";
    // A step forward lowers what its stage contracts, and nothing else.
    const forward = plan.kind === "raise" && lowersBeyond(stage.contracts, list).length === 0;
    if (way !== called && !forward) {
      const really = way === "none" ? "change none" : `${way === "mixed" ? "raise and lower" : way} some`;
      report(
        `${stage.stage} says that it would ${plan.kind} flags, but would ${really}${list.length > 0 ? ` (${list.map(showChange).join("; ")})` : ""}. Run pulumi up again.`,
      );
    }
    // What lowers raises no flag to get there: it ends at the stage's flags, or below.
    const wanted = plan.kind === "lower" ? lowerTo(stage.flagSpecs, plan.from, stage.flags) : stage.flags;
    if (!sameFlags(stage.flagSpecs, plan.to, wanted)) {
      report(
        `${stage.stage} plans for ${showFlags(plan.to)}, but declares ${showFlags(stage.flags)}. Run pulumi up again.`,
      );
    }
    // An abort raises nothing: what some stage contracted is down still, of the predecessor or of this very stage.
    const follows = [stage.predecessor, stage].some(({ flags }) =>
      isLeftOf(stage.flagSpecs, stage.contracted, flags, plan.from),
    );
    if (plan.kind === "raise" && !adopts && !follows) {
      report(
        `${stage.stage} follows ${stage.predecessor.stage} (${showFlags(stage.predecessor.flags)}), but live is ${showFlags(plan.from)}. Promote ${stage.predecessor.stage} first.`,
      );
    }
  },
});
