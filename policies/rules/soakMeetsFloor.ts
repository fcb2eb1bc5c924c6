import { z } from "zod";
import { milliseconds, showDuration } from "../../model/duration";
import { stageInputs, stageRule } from "../stageRule";

const soak = z.string().regex(/^\d{1,9}(ms|s|m|h|d)$/, "must be a duration such as 24h");

/** The floor lives in the pack's config: a stage's own config cannot shorten it. */
export const soakMeetsFloor = stageRule<
  {
    stage: z.ZodString;
    predecessor: typeof stageInputs.predecessor;
    isLast: z.ZodBoolean;
    soak: z.ZodOptional<typeof soak>;
  },
  { hours: number }
>({
  name: "soak-long-enough",
  description: "A stage that another one follows soaks at least as long as the organisation demands.",
  inputs: {
    stage: stageInputs.stage,
    predecessor: stageInputs.predecessor,
    isLast: z.boolean(),
    soak: soak.optional(),
  },
  configSchema: {
    properties: {
      hours: { type: "number", default: 24, minimum: 0, description: "The shortest soak allowed, in hours." },
    },
  },
  check: (stage, report, { config }) => {
    if (stage.isLast && stage.soak === undefined) return;
    const floor = config.hours * 3_600_000;
    if (stage.soak === undefined)
      return report(
        `${stage.stage} has no soak; at least ${showDuration(floor)} are demanded. Add soak: to cutover:stage.`,
      );
    if (milliseconds(stage.soak) < floor)
      report(
        `${stage.stage} soaks for ${stage.soak}; at least ${showDuration(floor)} are demanded. Lengthen soak: in cutover:stage.`,
      );
  },
});
