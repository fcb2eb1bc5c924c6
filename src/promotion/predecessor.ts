import { z } from "zod";
import type { Predecessor } from "../rollout/planRaise";
import { predecessorOf, type Rollout, type Stage } from "../rollout/rollout";
import { reasonOf } from "../text/problem";
import type { PromotionRecord } from "./record";
import type { Settings } from "./settings";
import { readOutputs } from "./stackState";

/** What a stage's stack puts out for the stage after it. */
export const promotionOutput = z.object({
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

/** Reads what became of the predecessor's newest finished `up`, from its own stack. Never rejects. */
export async function readPredecessor(
  rollout: Rollout,
  stage: Stage,
  settings: Pick<Settings, "organization" | "project">,
): Promise<Predecessor> {
  const before = predecessorOf(rollout, stage);
  // The foundation was read already: it stands, or nothing of this would be known.
  if (!before || before === rollout.stages[0]) return { kind: "unasked" };
  try {
    const { promotion } = await readOutputs(settings, before.name);
    const parsed = promotionOutput.safeParse(promotion);
    return parsed.success
      ? { kind: "recorded", ...parsed.data }
      : { kind: "unreadable", why: `the stack ${before.name} puts none out yet` };
  } catch (error) {
    return { kind: "unreadable", why: reasonOf(error) };
  }
}
