import { lastConverged } from "../aws/converged";
import { type Followers, follow, showStuck } from "../delivery/followers";
import type { AbortStore } from "../flags/store";
import type { Promised } from "../gates/promise";
import { holdFrozen } from "./freeze";
import { lowerFlags } from "./lower";
import { incidentNotice } from "./pages";
import type { AbortOutcome, AbortRequest } from "./request";
import { tellEveryone, type Whose } from "./tellEveryone";

/** A rollback that a person, or a promotion, asks for: alarms have the switch for it. */
export interface BringDown extends AbortRequest {
  readonly region: string;
  /** What people read as its cause. */
  readonly title: string;
  /** Who follows the flags only when told. */
  readonly followers: Followers;
  /** The ARNs of topics that are the account's own. */
  readonly existing?: Whose["existing"];
  /** What the rollout promises of such a rollback. */
  readonly promised?: Promised | undefined;
}

/** What was done, and what went wrong on the side: the flags are down all the same. */
export interface BroughtDown {
  readonly outcome: AbortOutcome;
  readonly warnings: readonly string[];
}

/**
 * Brings flags down, starts servers anew, and tells people (C5), in this order. Throws only where the flags may still
 * be up. Where nothing had to be lowered, nobody has anything to hear of.
 *
 * @param lowered hears of the outcome as soon as the flags are down
 */
export async function bringDown(
  store: AbortStore,
  asked: BringDown,
  lowered: (outcome: AbortOutcome) => void = () => {},
): Promise<BroughtDown> {
  const outcome = await lowerFlags(store, asked);
  lowered(outcome);
  const { region, promised, title, note, specs } = asked;
  const held = outcome.frozen ? await holdFrozen(store, note) : undefined;
  const unheld = held?.kind === "impossible" ? [`the rollout is NOT held: ${held.why}`] : [];
  if (outcome.deployment === undefined && outcome.stopped.length === 0) return { outcome, warnings: unheld };
  // Servers before people: what people are told of the time depends on it.
  const [followers, measured] = await Promise.all([
    follow(region, note.rollout, asked.followers),
    lastConverged(region, note.rollout),
  ]);
  const notice = incidentNotice(
    { rollout: note.rollout, stage: note.stage, specs },
    { title, row: note.row },
    outcome,
    { measured, promised, followers },
  );
  const untold = await tellEveryone(region, { name: note.rollout, existing: asked.existing }, notice);
  return {
    outcome,
    warnings: [
      ...unheld,
      ...untold.map((problem) => `not everyone could be told: ${problem}`),
      ...followers.filter(({ problem }) => problem !== undefined).map(showStuck),
    ],
  };
}
