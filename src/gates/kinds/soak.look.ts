import type { Ledger } from "../../flags/ledger";
import { NOTHING_LIVE, type Sources } from "../look";
import type { Seen } from "../observation";

/**
 * Since when the predecessor's flags are live: continuous occupancy, counted from the completion of the
 * deployment that put the live document there. Whatever that deployment was (an abort down to this stage
 * included), the soak starts anew with it; one that carries the same version on changes nothing.
 */
export function observeSoak(ledger: Ledger, predecessor: string): Seen {
  if (!ledger.live) return NOTHING_LIVE;
  return {
    kind: "occupancy",
    stage: predecessor,
    since: ledger.live.completedAt,
    deployment: ledger.live.deployment,
  };
}

export const look = (_: unknown, { ledger, live }: Sources): Seen => observeSoak(ledger, live);
