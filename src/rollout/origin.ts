import { sameFlags } from "../flags/flags";
import type { Ledger, LedgerEntry } from "../flags/ledger";
import { isAbout, promotionsOf } from "./entries";
import { predecessorOf, type Rollout, type Stage } from "./rollout";

/**
 * Why the live flags are no ground to raise anything on: what is wrong with the deployment that put them there, as the
 * end of a sentence. Undefined where they are of this rollout's making: put there by an entry of its own that keeps to
 * the stages' order, or answered for by a stop of its own since. Somebody looked then, and what a stranger raised
 * above the floor is down.
 */
export function doubtAbout(
  rollout: Rollout,
  origin: LedgerEntry,
  ledger: Pick<Ledger, "history" | "cutAt">,
): string | undefined {
  return answeredFor(rollout, origin, ledger) ? undefined : strange(rollout, origin, ledger);
}

/** Whether a stop of this rollout answers for what was there before it. */
export function answeredFor(
  { name }: Pick<Rollout, "name">,
  origin: LedgerEntry,
  { history }: Pick<Ledger, "history">,
): boolean {
  return history.some(
    ({ deployment, state, carries, note }) =>
      deployment > origin.deployment &&
      state === "complete" &&
      carries &&
      note?.kind === "stop" &&
      note.rollout === name,
  );
}

function strange(
  rollout: Rollout,
  origin: LedgerEntry,
  ledger: Pick<Ledger, "history" | "cutAt">,
): string | undefined {
  const { note, foreign, flags } = origin;
  if (!note) return `which cutover did not make${foreign ? `: its note is not true, ${foreign}` : ""}`;
  if (note.rollout !== rollout.name) return `for the rollout ${note.rollout}`;
  const stage = note.kind === "promote" && rollout.stages.find((one) => isAbout(note, one));
  if (!stage) return undefined;
  const says = `whose note says that it promotes ${stage.name}`;
  const skipped = skippedBy(rollout, stage, origin, ledger);
  if (skipped)
    return `${says}, though ${skipped.name} was never promoted before it (where that was added to the stack files since, take it out again)`;
  const has = (one: Stage) => flags !== undefined && sameFlags(rollout.flags, one.flags, flags);
  const other = has(stage) ? undefined : rollout.stages.find(has);
  return other && `${says}, but its flags are those of ${other.name}`;
}

/** The stage that a promotion had to follow, and did not. The first one is the foundation, which raises nothing. */
function skippedBy(
  rollout: Rollout,
  stage: Stage,
  { deployment }: LedgerEntry,
  { history, cutAt }: Pick<Ledger, "history" | "cutAt">,
): Stage | undefined {
  const before = predecessorOf(rollout, stage);
  if (!before || before === rollout.stages[0] || cutAt !== undefined) return undefined;
  const earlier = history.filter((entry) => entry.deployment < deployment && entry.state === "complete");
  return promotionsOf(rollout, before, { history: earlier }).length === 0 ? before : undefined;
}
