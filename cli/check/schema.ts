import { z } from "zod";
import { gateView } from "../gateView";

/** What `cutover check --json` prints. */
export const checkView = z.strictObject({
  rollout: z.string(),
  stage: z.string(),
  at: z.iso.datetime(),
  passes: z.boolean().meta({
    description:
      "Every exit gate that only looks passes, and none lets pass what is known to be bad. The exit code says the same.",
  }),
  gates: z.array(
    gateView.extend({
      tried: z
        .strictObject({
          outcome: z.enum(["proven", "unproven", "broken", "unknown", "no-probe"]),
          observed: z.string(),
        })
        .optional()
        .meta({ description: "How it came out on what is known to be bad." }),
    }),
  ),
});

export type CheckView = z.infer<typeof checkView>;
