import { boundOf, floorBy, keptWords, marksFor } from "../flags/doors";
import { changes, type FlagChange, type Flags, isAtMost, lowerTo, sameFlags } from "../flags/flags";
import { restartsOf } from "../flags/restart";
import type { AbortThreshold } from "../rollout/config/abortRow";
import { staysDown } from "../rollout/contracted";
import { doorsUpTo } from "../rollout/doors";
import { downTo, floorOf, phaseBefore, type Rollout, type Stage, stagesUpTo } from "../rollout/rollout";
import { firesWhen } from "../rollout/signal";
import { showPhase } from "./previous";
import { reactionOf } from "./reaction";

/** What one abort row watches, does, and how fast. */
export interface AbortView {
  readonly row: string;
  /** The stage that declares it: an earlier one's rows stay in force. */
  readonly stage: string;
  readonly title: string;
  /** When it fires, in words. */
  readonly fires: string;
  readonly action: "rollback" | "page";
  /** What it does to the stage's flags, at once or where nobody decided. Empty for a row that only pages. */
  readonly flags: readonly FlagChange[];
  /** How far down that is, in words, where it is not what the stages say: a phase, or some flags alone. */
  readonly reach?: string | undefined;
  /** From the first breaching request until on-call is paged, at most. Milliseconds. */
  readonly pagedMs: number;
  /** The same until the flags are down; absent where none goes down by it. */
  readonly downMs?: number | undefined;
  /** How long on-call has for a decision before they are reminded, as config writes it. */
  readonly remindAfter?: string | undefined;
  /** A row that pages takes the flags down where nobody decided by then. */
  readonly undecided?: "rollback" | undefined;
  /** Whether it opens an incident. */
  readonly incident: boolean;
  /** Servers that read flags from their environment are restarted, which takes as long as it takes. */
  readonly restarts: boolean;
  /**
   * What it does to flags while the stage is behind a door, its own or an earlier one: down to the door's floor, or none
   * at all and a hold. Absent where it is behind none, and for a row that only pages.
   */
  readonly behindDoor?: "revert" | "freeze" | undefined;
  /** What stays above the row's own floor behind a door, and why, in words. */
  readonly kept?: string | undefined;
}

/**
 * Every abort row that is in force while a stage's flags are live, and what it does to them: the stage's own, then
 * those of the stages before it.
 */
export function abortsOf(rollout: Rollout, stage: Stage): AbortView[] {
  const restarts = restartsOf(rollout).length > 0;
  const behindDoor = doorsUpTo(rollout, stage).length > 0;
  return stagesUpTo(rollout, stage)
    .reverse()
    .flatMap((owner) => Object.entries(owner.abort).map(([row, threshold]) => ({ owner, row, threshold })))
    .map(({ owner, row, threshold }): AbortView => {
      const { title, action, remind, incident, whenIrreversible = "revert" } = threshold;
      const freeze = whenIrreversible === "freeze";
      const { floor, kept } = floorIn(rollout, stage, floorOf(rollout, owner, threshold, stage), {
        freeze,
        only: threshold.flags,
      });
      const lowers = action === "rollback" || remind?.undecided === "rollback";
      const flags = lowers
        ? changes(rollout.flags, stage.flags, lowerTo(rollout.flags, stage.flags, floor))
        : [];
      const { pagedMs, downMs } = reactionOf(threshold);
      return {
        row,
        stage: owner.name,
        title,
        fires: firesWhen(threshold),
        action,
        flags,
        ...(lowers ? reachOf(rollout, { owner, live: stage }, threshold) : {}),
        pagedMs,
        ...(flags.length > 0 ? { downMs } : {}),
        remindAfter: remind?.after,
        ...(remind?.undecided === undefined ? {} : { undecided: remind.undecided }),
        incident: incident !== undefined,
        restarts: restarts && flags.length > 0,
        ...(lowers && behindDoor ? { behindDoor: whenIrreversible } : {}),
        ...(lowers && kept !== undefined ? { kept } : {}),
      };
    });
}

/** As it is while `live` is; empty where the row goes by its own stage, and takes all flags down. */
export function reachOf(
  rollout: Pick<Rollout, "abortTo" | "flags" | "stages">,
  { owner, live }: { readonly owner: Stage; readonly live: Stage },
  row: Pick<AbortThreshold, "to" | "flags">,
): { readonly reach?: string } {
  if (row.flags) return { reach: `${row.flags.join(", ")} alone, and what requires it` };
  const below = downTo(rollout, owner, row) === "previous" ? phaseBefore(rollout, live, owner) : undefined;
  return below ? { reach: showPhase({ stage: (below.above ?? live).name, to: below.to.name }) } : {};
}

/**
 * How far down an abort goes while a stage's flags are live, and what it keeps and why, in words.
 *
 * @param of behind a door it lowers nothing at all (`freeze`), or it takes these flags down alone (`only`)
 */
export function floorIn(
  rollout: Pick<Rollout, "flags" | "stages">,
  stage: Stage,
  declared: Flags,
  { freeze = false, only }: { readonly freeze?: boolean; readonly only?: readonly string[] | undefined } = {},
): { readonly floor: Flags; readonly kept?: string | undefined } {
  const { flags: specs } = rollout;
  const doors = doorsUpTo(rollout, stage);
  const live = { flags: stage.flags, doors: marksFor(doors) };
  const bound = boundOf(specs, doors, live, freeze);
  const floor = floorBy(specs, bound, declared, only);
  const door = keptWords(specs, bound);
  // Where a stage only contracts, its own floor is above it already, and nothing is left to lower.
  const contracted = isAtMost(specs, stage.flags, floor) ? staysDown(rollout, stage, declared) : undefined;
  const words = sameFlags(specs, floor, declared) ? contracted && (door ?? contracted) : door;
  return { floor, ...(words === undefined ? {} : { kept: words }) };
}
