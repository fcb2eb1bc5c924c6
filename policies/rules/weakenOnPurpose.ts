import { promotion } from "../../src/promotion/request";
import { judgeStrength, unexplained, weakeningProblems } from "../../src/rollout/strength/judge";
import { showProblem } from "../../src/text/problem";
import { stageInputs, stageRule } from "../stageRule";

/** What a stage is held to is never eased in silence. */
export const weakenOnPurpose = stageRule({
  name: "weaken-on-purpose",
  description:
    "What is weaker than at the last flip, at the predecessor's or in the base of the pull request has a written reason.",
  inputs: { stage: stageInputs.stage, promotion: promotion.optional() },
  check: (stage, report, { promoting }) => {
    const asked = promoting ? stage.promotion : undefined;
    // Lowering is never blocked, and a refused plan has its own rule.
    if (asked?.plan.kind !== "raise" && asked?.plan.kind !== "restart") return;
    if (!asked.strength)
      return report(
        `${stage.stage} does not say what it is held to, so it is not known what is weaker than before. Declare it through the Stage component of this version of cutover.`,
      );
    for (const problem of weakeningProblems(unexplained(judgeStrength(asked.strength))))
      report(`${stage.stage}: ${showProblem(problem)}`);
  },
});
