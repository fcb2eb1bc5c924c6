import type { Ledger } from "../../flags/ledger";
import type { Seen } from "../observation";

/**
 * Since when the predecessor's flags are live: continuous occupancy, counted from the completion of the
 * deployment that is live now. Whatever that deployment was (an abort down to this stage included), the soak
 * starts anew with it.
 */
export function observeSoak(ledger: Ledger, predecessor: string): Seen {
  if (!ledger.live) return { kind: "failure", failure: "no-data", message: "no flags are live" };
  return {
    kind: "occupancy",
    stage: predecessor,
    since: ledger.live.completedAt,
    deployment: ledger.live.deployment,
  };
}
