import { ALL_STAGES, type Note } from "../flags/ledger";
import type { AbortStore } from "../flags/store";
import { reasonOf } from "../text/problem";
import { back } from "./attempt";
import { type Carried, carry } from "./carry";

/** So long a deployment under way is waited for, in ms: what froze is told soon. */
const PATIENCE_MS = 10_000;

/** So many of the newest entries are asked whether an earlier delivery of the same act made them. */
const OWN = 100;

/** The hold that an earlier delivery of the same alarm made: a person may have released it since. */
async function heldBefore(
  store: Pick<AbortStore, "read" | "entry">,
  id: string,
): Promise<number | undefined> {
  const { newest } = await store.read();
  for await (const [deployment, { note }] of back(newest, OWN, store))
    if (note?.kind === "hold" && note.id === id) return deployment;
  return undefined;
}

/**
 * Holds a rollout whose flags a row left where they are: whatever is wrong, nothing goes up before a person has
 * released it. Once for each alarm, however often it is delivered. Never throws.
 */
export async function holdFrozen(
  store: Pick<AbortStore, "read" | "redeploy" | "entry">,
  { rollout, row, reason, by, id: act }: Pick<Note, "rollout" | "row" | "reason" | "by" | "id">,
): Promise<Carried> {
  const id = act === undefined ? undefined : `${act} hold`;
  const again = id === undefined ? undefined : await heldBefore(store, id).catch(() => undefined);
  if (again !== undefined) return { kind: "recorded", deployment: again };
  const note: Note = {
    ...{ cutover: 1, rollout, kind: "hold", stage: ALL_STAGES, attempt: 1, row, reason, by },
    ...(id === undefined ? {} : { id }),
  };
  return carry(store, note, PATIENCE_MS).catch((error: unknown) => ({
    kind: "impossible",
    why: reasonOf(error),
  }));
}
