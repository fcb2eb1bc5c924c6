import type { Converged } from "../aws/converged";
import { type Follower, leftBehind } from "../delivery/followers";
import type { Promised } from "../gates/promise";
import { counted } from "../text/counted";
import { showDuration } from "../text/duration";

/** What is known of how long servers take to follow the flags down. */
export interface Arrival {
  /** What the last flip, or drill, took. Absent where nothing was measured. */
  readonly measured?: Converged | undefined;
  /** What the plan promises. */
  readonly promised?: Promised | undefined;
  /** What came of telling those who follow only when told. */
  readonly followers: readonly Follower[];
}

/** When the rollback reaches everyone, in words: from what was measured, and never from a constant. */
export function etaOf({ measured, promised, followers }: Arrival): string {
  const promise = promised && `${promised.row} promises < ${promised.within}`;
  const asked = followers.filter(({ problem }) => problem === undefined);
  const restarted = asked.filter(({ how }) => how === "restart").length;
  const delivered = asked.filter(({ how }) => how === "delivery").map(({ name }) => name);
  const how = [
    ...(restarted > 0 ? [`, restarting ${counted(restarted, "service")}`] : []),
    ...(delivered.length > 0 ? [`, carrying the flags on to ${delivered.join(", ")}`] : []),
  ].join("");
  const when = measured
    ? `every server follows within about ${showDuration(measured.ms)}${how}, as measured on ${measured.day}${promise ? `; ${promise}` : ""}`
    : `not measured yet${how}${promise ? `; ${promise}` : ""}`;
  const stuck = followers.filter(({ problem }) => problem !== undefined);
  const unknown = (["restart", "delivery"] as const).flatMap((how) => {
    const names = stuck.flatMap((one) => (one.how === how ? [one.name] : []));
    if (names.length === 0) return [];
    const which = `which ${leftBehind({ how })} and goes on with the flags of before`;
    return [`UNKNOWN for ${names.join(", ")}, ${which}`];
  });
  return unknown.length === 0 ? when : `${unknown.join("; ")}; otherwise ${when}`;
}
