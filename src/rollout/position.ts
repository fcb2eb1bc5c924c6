import { type Flags, isLeftOf, sameFlags } from "../flags/flags";
import { ALL_STAGES, type Ledger, originOf } from "../flags/ledger";
import { downSince } from "./cause";
import { isAbout, promotionsOf } from "./entries";
import { type Rollout, type Stage, stagesUpTo } from "./rollout";

/**
 * The stage whose flags are live. Somebody by hand may have put them there: then the last stage that has these flags, of
 * those that were ever promoted where there are any. After an abort it is the last one with these flags that the abort left
 * standing: of some flags alone it may leave those of a stage whose turn never came, and which is not live. What an abort
 * left of a stage, without flags that another had contracted, is that stage's still. Absent where no stage has them.
 */
export function liveStage(rollout: Rollout, ledger: Ledger): Stage | undefined {
  const { live } = ledger;
  if (!live) return undefined;
  const has = (stage: Stage) => sameFlags(rollout.flags, stage.flags, live.flags);
  const origin = originOf(ledger)?.note;
  const note = origin?.rollout === rollout.name ? origin : undefined;
  const named = note && rollout.stages.find((stage) => isAbout(note, stage));
  if (named && note.kind !== "abort" && has(named)) return named;
  const having = rollout.stages.filter(has);
  const under = note?.kind === "abort" ? below(rollout, note.stage, named) : undefined;
  const found = under ? leftStanding(rollout, having, under, ledger) : lastPromoted(rollout, having, ledger);
  if (found || !note || (note.kind !== "abort" && note.kind !== "lower")) return found;
  // A lowering names the stage that it leaves, an abort the one that it brings down.
  return (under ?? stagesUpTo(rollout, named)).findLast(
    (stage) => leavesOf(rollout, stage, live.flags) && stands(rollout, stage, ledger),
  );
}

function lastPromoted(rollout: Rollout, having: readonly Stage[], ledger: Ledger): Stage | undefined {
  const promoted = having.filter((stage) => promotionsOf(rollout, stage, ledger).length > 0);
  return promoted.at(-1) ?? having.at(-1);
}

/** The last of those that the abort left standing, below the stage that it names where there is one. */
function leftStanding(
  rollout: Rollout,
  having: readonly Stage[],
  under: readonly Stage[],
  ledger: Ledger,
): Stage | undefined {
  // Of a ledger that is not read to its beginning, it is not known what was promoted.
  const isKnown = ledger.cutAt === undefined;
  const standing = having.filter((stage) => !isKnown || stands(rollout, stage, ledger));
  return standing.findLast((stage) => under.includes(stage)) ?? standing.at(-1);
}

/** Whether a stage was promoted, and what it put there stands but for what was contracted since. */
export function stands(rollout: Rollout, stage: Stage, ledger: Ledger): boolean {
  // The first stage raises nothing that could come down.
  if (stage === rollout.stages[0]) return true;
  const newest = promotionsOf(rollout, stage, ledger).find(({ state }) => state === "complete");
  return newest !== undefined && downSince(rollout, stage, newest, ledger) === undefined;
}

/** Whether flags are what an abort leaves of a stage: all of it, or without what one of the stages contracts. */
export function leavesOf(rollout: Rollout, stage: Stage, flags: Flags): boolean {
  return isLeftOf(rollout.flags, contractedIn(rollout.stages), stage.flags, flags);
}

/** Every flag that one of these stages contracts. */
export function contractedIn(stages: readonly Stage[]): string[] {
  return [...new Set(stages.flatMap(({ contracts = [] }) => contracts))];
}

/** The stages before the one that an abort brought down. */
function below(rollout: Rollout, aborted: string, stage: Stage | undefined): Stage[] {
  if (aborted === ALL_STAGES) return [rollout.stages[0]];
  return stagesUpTo(rollout, stage).filter((one) => one !== stage);
}

/** The stage that follows the live one. */
export function nextStage(rollout: Rollout, ledger: Ledger): Stage | undefined {
  const live = liveStage(rollout, ledger);
  return live && rollout.stages.find((stage) => stage.predecessor === live.name);
}
