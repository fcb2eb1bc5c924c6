import { NOTHING_LIVE, type Sources } from "../look";
import type { Seen } from "../observation";

/**
 * Since when the predecessor's flags are live: continuous occupancy, counted from the completion of the
 * deployment that put the live document there. Whatever that deployment was (an abort down to this stage
 * included), the soak starts anew with it; one that carries the same version on changes nothing.
 */
export function look(_: unknown, { ledger, live: stage }: Pick<Sources, "ledger" | "live">): Seen {
  if (!ledger.live) return NOTHING_LIVE;
  const { completedAt: since, deployment } = ledger.live;
  return { kind: "occupancy", stage, since, deployment };
}
