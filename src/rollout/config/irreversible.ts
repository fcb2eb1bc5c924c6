import { z } from "zod";
import { flagName, flagValue } from "./flagSpec";

/** From a stage's flip on, how far down anything may bring the flags, and why no further. */
export const irreversible = z
  .strictObject({
    floor: z.union([z.string().min(1), z.record(flagName, flagValue)]).meta({
      description:
        "The flags that stay at least as they are here: a stage's, by its name (this one's, or one before it), or just its values, flag by flag; a flag that is left out may go off. An abort ends there, and a stage has to go on from it.",
      examples: ["percent100", { ROLLOUT_PERCENT: 100 }],
    }),
    because: z
      .string()
      .trim()
      .min(10)
      .max(200)
      .refine((text) => !/[\p{Cc}\p{Cf}]/u.test(text), "one line of words that can be shown")
      .meta({
        description:
          "Why there is no way back. On-call reads it at night. Never a secret: every server and every page has it as it stands.",
        examples: ["v1 is removed from the code"],
      }),
  })
  .meta({
    description:
      "Once this stage is live, no abort, rollback, `off` or lowering goes below the floor. Its promotion asks for a sign-off of its own, under the id `irreversible`.",
  });

export type Irreversible = z.infer<typeof irreversible>;
