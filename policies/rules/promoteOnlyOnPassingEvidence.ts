import stringify from "safe-stable-stringify";
import { z } from "zod";
import { changes, showFlags } from "../../src/flags/flags";
import { admit } from "../../src/promotion/admit";
import { promotion } from "../../src/promotion/request";
import { showJudgement } from "../../src/promotion/show";
import { stageInputs, stageRule } from "../stageRule";

/** The rule that the project exists for: judges the evidence anew from its observations. */
export const promoteOnlyOnPassingEvidence = stageRule<EvidenceInputs, { maxAgeMinutes: number }>({
  name: "promote-only-on-passing-evidence",
  description:
    "A stage raises its flags only when every gate passes on fresh evidence, measured for this very promotion.",
  inputs: {
    stage: stageInputs.stage,
    rollout: z.string(),
    attempt: z.number(),
    flags: stageInputs.flags,
    flagSpecs: stageInputs.flagSpecs,
    gates: z.object({ entry: z.array(z.string()), predecessorExit: z.array(z.string()) }),
    promotion: promotion.optional(),
  },
  configSchema: {
    properties: {
      maxAgeMinutes: {
        type: "number",
        default: 10,
        minimum: 0.1,
        maximum: 60,
        description: "Older evidence does not count.",
      },
    },
  },
  check: (stage, report, { promoting, config }) => {
    if (!promoting) return;
    const asked = stage.promotion;
    if (!asked)
      return report(
        `${stage.stage} is promoted without saying on what. Declare it through the Stage component.`,
      );
    // A refused plan has its own rule. What raises no flag needs no gate, whatever it calls itself.
    if (asked.plan.kind === "refused") return;
    const raises = changes(stage.flagSpecs, asked.plan.from, stage.flags).some(
      (change) => change.direction === "raise",
    );
    if (asked.plan.kind !== "raise" && !raises) return;
    const { plan, subject, gates, evidence } = asked;
    if (!evidence)
      return report(`${stage.stage} is not promoted: nothing was measured. Run pulumi up again.`);
    if (
      subject.rollout !== stage.rollout ||
      subject.stage !== stage.stage ||
      subject.attempt !== stage.attempt
    ) {
      return report(
        `The promotion is about ${subject.rollout}/${subject.stage} attempt ${subject.attempt}, but the stage is ${stage.rollout}/${stage.stage} attempt ${stage.attempt}.`,
      );
    }
    const { from, to, liveDeployment } = plan;
    const same =
      subject.liveDeployment === liveDeployment &&
      stringify([subject.from, subject.to]) === stringify([from, to]) &&
      stringify(to) === stringify(stage.flags);
    if (!same) {
      return report(
        `${stage.stage} is not promoted: it was measured for another change of flags (${showFlags(subject.from)} → ${showFlags(subject.to)}, from deployment ${subject.liveDeployment}) than is asked for (${showFlags(from)} → ${showFlags(stage.flags)}, from deployment ${liveDeployment}). Run pulumi up again.`,
      );
    }
    const declared = [...stage.gates.entry, ...stage.gates.predecessorExit];
    const missing = declared.filter((id) => !gates.some((gate) => gate.id === id));
    if (missing.length > 0)
      report(
        `${stage.stage} leaves out gates that its config declares: ${missing.join(", ")}. Every declared gate counts.`,
      );
    const judgement = admit(
      { subject, gates, evidence, unarmed: asked.unarmed },
      {
        now: Date.now(),
        timeScale: asked.timeScale,
        maxAgeMs: config.maxAgeMinutes * 60_000,
        moment: "admission",
      },
    );
    if (!judgement.go) report(showJudgement(subject, judgement));
  },
});

type EvidenceInputs = {
  stage: z.ZodString;
  rollout: z.ZodString;
  attempt: z.ZodNumber;
  flags: typeof stageInputs.flags;
  flagSpecs: typeof stageInputs.flagSpecs;
  gates: z.ZodObject<{ entry: z.ZodArray<z.ZodString>; predecessorExit: z.ZodArray<z.ZodString> }>;
  promotion: z.ZodOptional<typeof promotion>;
};
