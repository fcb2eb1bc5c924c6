import { ALL_STAGES, type Note } from "../flags/ledger";
import type { AbortStore } from "../flags/store";
import { reasonOf } from "../text/problem";
import { type Carried, carry } from "./carry";

/** So long a deployment under way is waited for, in ms: what froze is told soon. */
const PATIENCE_MS = 10_000;

/**
 * Holds a rollout whose flags a row left where they are: whatever is wrong, nothing goes up before a person has
 * released it. Never throws.
 */
export async function holdFrozen(
  store: Pick<AbortStore, "read" | "redeploy" | "entry">,
  { rollout, row, reason, by, id }: Pick<Note, "rollout" | "row" | "reason" | "by" | "id">,
): Promise<Carried> {
  const note: Note = {
    ...{ cutover: 1, rollout, kind: "hold", stage: ALL_STAGES, attempt: 1, row, reason, by },
    ...(id === undefined ? {} : { id: `${id} hold` }),
  };
  return carry(store, note, PATIENCE_MS).catch((error: unknown) => ({
    kind: "impossible",
    why: reasonOf(error),
  }));
}
