import type { Ledger } from "../flags/ledger";
import { snapshotOf } from "../gates/kinds/snapshot";
import type { Plan } from "../rollout/plan";
import { flipOf } from "../rollout/stops";
import type { Situation } from "./sources";

/** What AWS holds of an attempt already, by import id. */
export interface Existing {
  readonly snapshot?: string;
  readonly version?: string;
}

/**
 * What a run of this very attempt left behind when it was killed before the engine could write it down. The stage
 * adopts it, since making it anew is refused by AWS (the snapshot), or would be another one than what is live (the
 * version). Where the stack's state knows it, which is nearly always, it makes no difference.
 */
export async function findExisting(situation: Situation, planned: Plan, ledger: Ledger): Promise<Existing> {
  switch (planned.kind) {
    case "none":
      return flipped(situation, ledger);
    case "raise":
    case "restart":
      return taken(situation);
    default:
      return {};
  }
}

function flipped({ rollout, stage, foundation }: Situation, ledger: Ledger): Existing {
  const { applicationId, profileId } = foundation.store;
  const flip = flipOf(rollout, stage, stage.attempt, ledger);
  return flip ? { version: `${applicationId}/${profileId}/${flip.configurationVersion}` } : {};
}

/** One that is not available yet is left to AWS to refuse: nobody would wait for it. */
async function taken({ rollout, stage, settings }: Situation): Promise<Existing> {
  const snapshot = snapshotOf(rollout.name, stage);
  if (!snapshot) return {};
  const { observeSnapshot } = await import("../gates/kinds/snapshot.look");
  const seen = await observeSnapshot({ snapshot }, settings.region);
  const whole = seen.kind === "snapshot" && seen.status === "available" && seen.of === snapshot.of;
  return whole ? { snapshot: snapshot.id } : {};
}
