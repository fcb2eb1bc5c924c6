import { type Gate, kindOf } from "../gates/gate";
import { fillGate } from "../rollout/config/parameters";
import { predecessorOf, type Rollout, type Stage, stagesUpTo } from "../rollout/rollout";
import type { Definitions } from "../rollout/strength/definitions";

/**
 * The gates that a promotion of `stage` is held to: its own entry, then its predecessor's exit.
 *
 * @param recorded what was in force at the predecessor's flip: an abort row that is gone since then still counts
 */
export function gatesFor(rollout: Rollout, stage: Stage, recorded?: Definitions): Gate[] {
  const predecessor = predecessorOf(rollout, stage);
  const entry = resolveAll(rollout, stage, "entry", predecessor, recorded);
  return predecessor ? [...entry, ...exitGatesOf(rollout, predecessor)] : entry;
}

/** What must hold before `stage` may be left. */
export function exitGatesOf(rollout: Rollout, stage: Stage): Gate[] {
  return resolveAll(rollout, stage, "exit", stage);
}

/** What is checked once the flags of `stage` are served. */
export function smokeGatesOf(rollout: Rollout, stage: Stage): Gate[] {
  return resolveAll(rollout, stage, "smoke", stage);
}

/** A stage's gates in full, while `live` is live. */
function resolveAll(
  rollout: Rollout,
  owner: Stage,
  phase: Gate["phase"],
  live: Stage | undefined,
  recorded?: Definitions,
): Gate[] {
  const line = stagesUpTo(rollout, live).map((one) => ({
    ...one,
    abort: { ...recorded?.stages.find(({ name }) => name === one.name)?.rows.abort, ...one.abort },
  }));
  const around = { rollout, line, promoted: owner };
  return Object.entries(owner[phase]).map(([id, definition]) => ({
    id,
    phase,
    stage: owner.name,
    definition: fillGate(definition, rollout.parameters),
    ...kindOf(definition).bind?.(definition, around),
  }));
}
