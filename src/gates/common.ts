import { z } from "zod";
import { duration } from "../text/duration";

/** A row's id in the runbook's sense (`A1`, `XB2`): the key under which config, reports and tests name it. */
export const rowId = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9-]{0,23}$/,
    "a row id: a letter, then up to 23 letters, digits or dashes, such as A1 or XB2",
  );

/** What every gate has. */
export const common = {
  title: z
    .string()
    .min(3)
    .max(120)
    .meta({ description: "What must hold, in a few words. Shown in reports." }),
  remedy: z.string().max(300).optional().meta({
    description: "What a person does when the gate does not pass. A general hint is shown without it.",
  }),
};

/** Said where values are filled in. */
export const parameterised = "`{name}` is replaced by the rollout's parameter of that name.";

/** How long a stage must be live: a length of time, or business cycles of the rollout's calendar. */
export const soakLength = z
  .string()
  .regex(/^(\d{1,9}(ms|s|m|h|d)|[1-9]\d? business cycles?)$/, "a duration such as 24h, or `1 business cycle`")
  .meta({
    description:
      "How long the stage must have been live, without a break: a duration, or business cycles (a full open-to-close window of the rollout's calendar).",
    examples: ["24h"],
  });

/** A window of time that ends now; `soak` begins when the predecessor went live. */
export const window = z.union([duration, z.literal("soak")]).meta({
  description: "How far back to look: a duration, or `soak` for all of the time since the stage went live.",
  examples: ["soak"],
});
