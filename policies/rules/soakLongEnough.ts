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

/** What the organisation demands, in hours. */
interface Floor {
  readonly hours: number;
  readonly businessCycleHours: number;
  readonly workingDayHours: number;
}

/** The floor lives in the pack's config: a stage's own config cannot shorten it. */
export const soakLongEnough = stageRule<typeof inputs, Floor>({
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
          "What one business cycle counts as in a stage's config. How long it lasts is the rollout's own calendar's say.",
      },
      workingDayHours: {
        type: "number",
        default: 8,
        minimum: 0,
        description:
          "So long must have passed for each business cycle, whatever the rollout's own calendar calls one: it may be as short as minutes there.",
      },
    },
  },
  check: (stage, report, { config }) => {
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
      return;
    }
    if (stage.promotion?.plan.kind !== "raise" || !predecessor.soak.includes("business")) return;
    // A calendar of the rollout's own may make a cycle last for minutes.
    const cycles = Number(/^\d+/.exec(predecessor.soak)?.[0]);
    const days = Math.min(floor, cycles * config.workingDayHours * HOUR_MS);
    const { subject, evidence, timeScale } = stage.promotion;
    const since = Date.parse(subject.liveSince);
    const soaked = (Date.parse(evidence?.measuredAt ?? "") - since) * timeScale;
    if (!(soaked >= days)) {
      const end = new Date(Math.ceil(since + days / timeScale));
      const until = Number.isNaN(end.getTime()) ? "" : ` until ${showTime(end.toISOString())}`;
      report(
        `${stage.stage} follows ${predecessor.stage}, which soaked for ${predecessor.soak} in ${showDuration(soaked)}; at least ${showDuration(days)} are demanded, however short the calendar's cycles are. Wait${until}.`,
      );
    }
  },
});
