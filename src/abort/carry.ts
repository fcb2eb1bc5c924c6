import { setTimeout as sleep } from "node:timers/promises";
import type { Note } from "../flags/ledger";
import type { AbortStore } from "../flags/store";

/** What became of an entry that changes nothing. */
export type Carried =
  | { readonly kind: "recorded"; readonly deployment: number }
  | { readonly kind: "impossible"; readonly why: string };

/** Between two looks, in ms. */
const PAUSE_MS = 250;

/**
 * Puts an entry into the ledger that changes nothing, by deploying the version that is live once more: a hold, or its
 * release. Bound to what was read, and tried again where something came first; a deployment under way is waited for,
 * never ended.
 *
 * @param patience for how long, in ms
 * @param lookedAt the newest deployment that was looked at: what came after it was not, and nothing is recorded then.
 * Default: whatever is newest
 */
export async function carry(
  store: Pick<AbortStore, "read" | "redeploy" | "entry">,
  note: Note,
  patience: number,
  lookedAt?: number,
): Promise<Carried> {
  let why = "";
  for (const ends = performance.now() + patience; ; await sleep(PAUSE_MS)) {
    const { live, underWay, newest } = await store.read();
    // The answer to an earlier try may have been lost on its way.
    const before = newest > 0 && note.id !== undefined ? (await store.entry(newest)).note : undefined;
    if (before !== undefined && before.id === note.id) return { kind: "recorded", deployment: newest };
    if (lookedAt !== undefined && newest !== lookedAt)
      return { kind: "impossible", why: `deployment ${newest} came after what was looked at` };
    if (!live) return { kind: "impossible", why: "nothing was ever deployed" };
    why = underWay ? `deployment ${underWay.deployment} is under way` : "other deployments kept coming first";
    if (!underWay) {
      const result = await store.redeploy(live.version, note, newest);
      if (result.kind === "started") return { kind: "recorded", deployment: result.deployment };
      if (result.kind === "invalid") return { kind: "impossible", why: result.problem };
    }
    if (performance.now() > ends) return { kind: "impossible", why };
  }
}
