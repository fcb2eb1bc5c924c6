import { showChange } from "../../src/flags/flags";
import { promotion } from "../../src/promotion/request";
import { stageInputs, stageRule } from "../stageRule";

/** A lower is never blocked by a gate; but through `up` it has to be meant. */
export const lowerFlagsOnPurpose = stageRule({
  name: "lower-flags-on-purpose",
  description: "Flags go down through pulumi up only with a written reason in the stage's config.",
  inputs: { stage: stageInputs.stage, promotion: promotion.optional() },
  check: (stage, report, { promoting }) => {
    const plan = promoting ? stage.promotion?.plan : undefined;
    if (plan?.kind !== "lower" || (plan.reason ?? "").trim() !== "") return;
    report(
      `${stage.stage} would lower flags (${plan.changes.map(showChange).join("; ")}) without a reason. Add lower: { reason: … } to cutover:stage, or use \`cutover abort\`, which needs none of this.`,
    );
  },
});
