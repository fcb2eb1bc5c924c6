import { z } from "zod";
import type { Predecessor } from "../rollout/planRaise";
import { type HeldTo, heldTo } from "../rollout/strength/judge";
import type { PromotionRecord } from "./record";

/** What a stage's stack puts out for the stage after it. */
const promotionOutput = z.object({
  attempt: z.number().int().positive(),
  outcome: z.enum(["settled", "aborted"]),
});

/** The same, of a record: what was not taken down is settled, since a record is made only then. */
export function promotionOutputOf(
  attempt: number,
  { settlement }: PromotionRecord,
): z.infer<typeof promotionOutput> {
  return { attempt, outcome: settlement?.outcome === "aborted" ? "aborted" : "settled" };
}

/** What became of a stage's newest finished `up`, by the outputs of its stack. */
export function predecessorIn(
  stack: string,
  { promotion }: { readonly promotion?: unknown },
): Exclude<Predecessor, { kind: "unasked" }> {
  const parsed = promotionOutput.safeParse(promotion);
  return parsed.success
    ? { kind: "recorded", ...parsed.data }
    : { kind: "unreadable", why: `the stack ${stack} puts none out yet` };
}

/** The output in which a stack keeps what its last flip was held to. Secret, so that no display prints all of it. */
export const HELD_TO = "heldTo";

/** The same, of a stack's outputs; undefined where none was written down. Throws where it is of another kind. */
export function heldToIn({ [HELD_TO]: written }: Readonly<Record<string, unknown>>): HeldTo | undefined {
  return written === undefined || written === null ? undefined : heldTo.parse(written);
}
