import type { Converged } from "../aws/converged";
import type { Restart } from "../flags/restart";
import type { Promised } from "../gates/promise";
import { showDuration } from "../text/duration";

/** What is known of how long servers take to follow the flags down. */
export interface Arrival {
  /** What the last flip, or drill, took. Absent where nothing was measured. */
  readonly measured?: Converged | undefined;
  /** What the plan promises. */
  readonly promised?: Promised | undefined;
  /** What came of restarting servers that read their environment. */
  readonly restarts: readonly Restart[];
}

/** When the rollback reaches everyone, in words: from what was measured, and never from a constant. */
export function etaOf({ measured, promised, restarts }: Arrival): string {
  const promise = promised && `${promised.row} promises < ${promised.within}`;
  const asked = restarts.filter(({ problem }) => problem === undefined).length;
  const how = asked > 0 ? `, restarting ${asked === 1 ? "one service" : `${asked} services`}` : "";
  const when = measured
    ? `every server follows within about ${showDuration(measured.ms)}${how}, as measured on ${measured.day}${promise ? `; ${promise}` : ""}`
    : `not measured yet${how}${promise ? `; ${promise}` : ""}`;
  const stuck = restarts.filter(({ problem }) => problem !== undefined).map(({ service }) => service);
  return stuck.length === 0
    ? when
    : `UNKNOWN for ${stuck.join(", ")}, which could not be restarted and goes on with the flags of before; otherwise ${when}`;
}
