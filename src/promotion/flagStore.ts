import { randomUUID } from "node:crypto";
import { type BroughtDown, bringDown } from "../abort/bringDown";
import type { AbortRequest } from "../abort/request";
import { followersOf } from "../delivery/followers";
import { AppConfigStore, withAppConfig } from "../flags/appConfigStore";
import type { Note } from "../flags/ledger";
import { doorsOf } from "../rollout/doors";
import { promisedBy } from "../rollout/rollout";
import { existingArns } from "../rollout/topics";
import type { Situation } from "./sources";

/** Works on the rollout's flag store, with a client that is closed when the work has ended. */
export function withStore<T>(
  { foundation, settings }: Situation,
  work: (store: AppConfigStore) => Promise<T>,
): Promise<T> {
  const ids = { ...foundation.store, strategyId: foundation.strategyId };
  return withAppConfig(settings.region, (client) => work(new AppConfigStore(client, ids)));
}

/** How far down a stage's own `up` brings flags, and why. */
export interface Down
  extends Pick<AbortRequest, "floor" | "only" | "kind" | "exact" | "freeze">,
    Pick<Note, "row"> {
  /** For the ledger, and for people. */
  readonly reason: string;
}

/** Brings flags down as an abort does, in the name of the stage that is brought up. See `bringDown`. */
export function bringStageDown(
  situation: Situation,
  { floor, only, kind, exact, freeze, row, reason }: Down,
): Promise<BroughtDown> {
  const { rollout, stage, settings } = situation;
  return withStore(situation, (store) =>
    bringDown(store, {
      region: settings.region,
      specs: rollout.flags,
      doors: doorsOf(rollout),
      ...{ floor, only, kind, exact, freeze, formerly: stage.formerly },
      title: reason,
      note: {
        rollout: rollout.name,
        stage: stage.name,
        attempt: stage.attempt,
        row,
        reason,
        id: randomUUID(),
      },
      followers: followersOf(rollout),
      existing: existingArns(rollout),
      promised: promisedBy(rollout, stage),
    }),
  );
}
