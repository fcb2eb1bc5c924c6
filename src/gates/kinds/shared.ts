import { z } from "zod";

/** A gate that several stages ask for: declared once, under the same id, in `gates` of the rollout. */
export const sharedGate = z
  .strictObject({ source: z.literal("shared") })
  .describe("The gate of this id in `gates` of cutover:rollout, which several stages share.");

/** True for one that stands for the rollout's own gate: no kind, and resolved before anything is measured. */
export function isShared(gate: { readonly source: string }): gate is z.infer<typeof sharedGate> {
  return gate.source === "shared";
}
