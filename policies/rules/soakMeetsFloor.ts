import { z } from "zod";
import { allOff, sameFlags } from "../../src/flags/flags";
import { soakLength } from "../../src/gates/common";
import { showTime } from "../../src/gates/judge";
import { promotion } from "../../src/promotion/request";
import { milliseconds, showDuration } from "../../src/text/duration";
import { stageInputs, stageRule } from "../stageRule";

const HOUR_MS = 3_600_000;
const soak = z
  .string()
  .refine(
    (text) => soakLength.safeParse(text).success,
    "must be a duration such as 24h, or 1 business cycle",
  );

const inputs = {
  stage: stageInputs.stage,
  flagSpecs: stageInputs.flagSpecs,
  predecessor: stageInputs.predecessor.extend({ soak: soak.optional() }),
  isLast: z.boolean(),
  soak: soak.optional(),
  promotion: promotion.optional(),
};

/** The floor lives in the pack's config: a stage's own config cannot shorten it. */
export const soakMeetsFloor = stageRule<typeof inputs, { hours: number; businessCycleHours: number }>({
  name: "soak-long-enough",
  description: "A stage that another one follows soaks at least as long as the organisation demands.",
  inputs,
  configSchema: {
    properties: {
      hours: { type: "number", default: 24, minimum: 0, description: "The shortest soak allowed, in hours." },
      businessCycleHours: {
        type: "number",
        default: 24,
        minimum: 0,
        description:
          "What one business cycle counts as. How long it lasts is the rollout's own calendar's say.",
      },
    },
  },
  check: (stage, report, { config, promoting }) => {
    // Lowering is never blocked.
    if (stage.promotion?.plan.kind === "lower") return;
    const floor = config.hours * HOUR_MS;
    const demanded = `at least ${showDuration(floor)} are demanded`;
    const tooShort = (text: string) => {
      const cycles = /^(\d+) business/.exec(text)?.[1];
      return (cycles ? Number(cycles) * config.businessCycleHours * HOUR_MS : milliseconds(text)) < floor;
    };

    if (stage.soak === undefined) {
      if (!stage.isLast) report(`${stage.stage} has no soak; ${demanded}. Add soak: to cutover:stage.`);
    } else if (tooShort(stage.soak)) {
      report(`${stage.stage} soaks for ${stage.soak}; ${demanded}. Lengthen soak: in cutover:stage.`);
    }

    // The soak that this promotion waits for: it may have been edited since the predecessor was judged itself.
    // Where every flag is off, nothing has changed for anybody yet.
    const { predecessor, flagSpecs } = stage;
    if (sameFlags(flagSpecs, predecessor.flags, allOff(flagSpecs))) return;
    if (predecessor.soak === undefined || tooShort(predecessor.soak)) {
      const what = predecessor.soak === undefined ? "has no soak" : `soaks for ${predecessor.soak}`;
      report(
        `${stage.stage} follows ${predecessor.stage}, which ${what}; ${demanded}. Correct soak: in Pulumi.${predecessor.stage}.yaml.`,
      );
    }
    // How long a business cycle lasts is the rollout's own calendar's say; that the floor has passed is the clock's.
    const asked = promoting ? stage.promotion : undefined;
    if (asked?.plan.kind !== "raise" || !/business/.test(predecessor.soak ?? "")) return;
    const since = Date.parse(asked.subject.liveSince);
    const lived = (Date.now() - since) * asked.timeScale;
    if (!(lived >= floor)) {
      const earliest = new Date(Math.ceil(since + floor / asked.timeScale));
      const when = Number.isNaN(earliest.getTime()) ? "" : ` That is at ${showTime(earliest.toISOString())}.`;
      report(
        `${stage.stage} follows ${predecessor.stage}, which soaks for ${predecessor.soak} and has been live for ${showDuration(lived)}; ${demanded}, however short the calendar's cycle is.${when}`,
      );
    }
  },
});
