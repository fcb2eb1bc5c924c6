import { sameFlags } from "../flags/flags";
import { type Ledger, originOf } from "../flags/ledger";
import { isAbout } from "./entries";
import type { Rollout, Stage } from "./rollout";

/**
 * The stage whose flags are live. An abort, or somebody by hand, may have put them there: then the last stage that
 * has these flags. Absent where no stage has them.
 */
export function liveStage(rollout: Rollout, ledger: Ledger): Stage | undefined {
  const { live } = ledger;
  if (!live) return undefined;
  const has = (stage: Stage) => sameFlags(rollout.flags, stage.flags, live.flags);
  const note = originOf(ledger)?.note;
  const named =
    note?.rollout === rollout.name && note.kind !== "abort"
      ? rollout.stages.find((stage) => isAbout(note, stage))
      : undefined;
  return named && has(named) ? named : rollout.stages.filter(has).at(-1);
}

/** The stage that follows the live one. */
export function nextStage(rollout: Rollout, ledger: Ledger): Stage | undefined {
  const live = liveStage(rollout, ledger);
  return live && rollout.stages.find((stage) => stage.predecessor === live.name);
}
