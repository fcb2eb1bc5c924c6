import { changes, type FlagSpecs, type Flags, lowerTo } from "../flags/flags";
import { ALL_STAGES, CARRYING, type Ledger, type LedgerEntry } from "../flags/ledger";
import { isAbout, promotionsOf } from "./entries";
import { type Named, type Rollout, type Stage, stagesUpTo } from "./rollout";

/** What brought a stage down. */
export interface Cause {
  readonly kind: "abort" | "lower" | "foreign" | "AppConfig";
  /** The row that fired, `hand`, `AppConfig`, the stage that was lowered to, or a deployment that nobody declared. */
  readonly by: string;
  /** The attempt that was brought down. */
  readonly attempt: number;
  readonly deployment: number;
  readonly at?: string | undefined;
  readonly reason?: string | undefined;
}

/** A stage as the ledger is asked about it. Plain data, so that a function in the cloud may hold it. */
export interface Asked extends Named {
  readonly rollout: string;
  readonly specs: FlagSpecs;
  /** What it puts there. */
  readonly flags: Flags;
  /** The stages before it: what lowers to one of these lowers it, too. */
  readonly before: readonly Named[];
}

/** A stage of a rollout, as `broughtDown` is asked about it. */
export function askedOf(rollout: Rollout, stage: Stage): Asked {
  const named = ({ name, formerly }: Named): Named => ({ name, ...(formerly ? { formerly } : {}) });
  return {
    ...named(stage),
    rollout: rollout.name,
    specs: rollout.flags,
    flags: stage.flags,
    before: stagesUpTo(rollout, stage)
      .filter((one) => one !== stage)
      .map(named),
  };
}

/**
 * The first entry after a stage's flip that lowered one of *this* stage's flags: judged by its document, and by whom
 * its note names where the document is gone.
 *
 * @param flip the number of the deployment that put the flags there
 */
export function broughtDown(
  asked: Asked,
  { history }: Pick<Ledger, "history">,
  flip: number,
): LedgerEntry | undefined {
  const later = history
    .filter(({ deployment }) => deployment > flip)
    .sort((a, b) => a.deployment - b.deployment);
  let left = asked;
  for (const entry of later) {
    if (entry.state !== "rolled-back" && lowers(left, entry)) return entry;
    left = leftBy(asked, left, entry);
  }
  return undefined;
}

/**
 * The same stage, with what an entry that does not bring it down leaves of its flags: what a later stage contracted is down
 * already, and an abort of that one lowers no more of them.
 *
 * @param put the stage with all that it put there
 */
export function leftBy(put: Asked, left: Asked, { flags, state, note }: LedgerEntry): Asked {
  const from = state === "complete" ? put : note?.kind === "promote" ? left : undefined;
  // Of a promotion that did not come to its end servers may have had the flags all the same, and an abort goes by that.
  return flags && from ? { ...put, flags: lowerTo(put.specs, from.flags, flags) } : left;
}

/**
 * What brought the newest promotion of a stage down. Absent where its flags are still what it put there, or above. The one
 * answer for the plan, status, report, pages and messages.
 */
export function causeOf(rollout: Rollout, stage: Stage, ledger: Pick<Ledger, "history">): Cause | undefined {
  const flips = promotionsOf(rollout, stage, ledger);
  const promoted = flips.find(({ state }) => state !== "rolled-back") ?? flips[0];
  return promoted && causeOfFlip(rollout, stage, promoted, ledger);
}

/** The same of one of the stage's flips. */
export function causeOfFlip(
  rollout: Rollout,
  stage: Stage,
  flip: LedgerEntry,
  ledger: Pick<Ledger, "history">,
): Cause | undefined {
  if (!flip.note) return undefined;
  const { attempt } = flip.note;
  if (flip.state === "rolled-back")
    return {
      kind: "AppConfig",
      by: "AppConfig",
      attempt,
      deployment: flip.deployment,
      at: flip.completedAt,
    };
  const down = downSince(rollout, stage, flip, ledger);
  return down && { ...whoseOf(down), attempt, deployment: down.deployment, at: down.completedAt };
}

/** What brought down since then what one of a stage's flips put there. */
export function downSince(
  rollout: Rollout,
  stage: Stage,
  flip: LedgerEntry,
  ledger: Pick<Ledger, "history">,
): LedgerEntry | undefined {
  return broughtDown(putThere(askedOf(rollout, stage), flip), ledger, flip.deployment);
}

/** The same stage, with the flags that one of its flips put there: those in its config may be of a later attempt. */
export function putThere(asked: Asked, { flags }: LedgerEntry): Asked {
  return flags ? { ...asked, flags } : asked;
}

/**
 * Whether an entry brings a stage down. What says that it changes no flag never does, and neither does the
 * promotion of a later stage; that of an earlier one goes back from it.
 */
export function lowers(asked: Asked, { note, carries, flags }: LedgerEntry): boolean {
  if (carries || (note && CARRYING.includes(note.kind))) return false;
  if (note?.kind === "promote")
    return note.rollout === asked.rollout && asked.before.some((one) => isAbout(note, one));
  // With the stage that an abort names goes every one after it, though a contract left nothing of it to lower.
  if (
    note?.kind === "abort" &&
    note.rollout === asked.rollout &&
    asked.before.some((one) => isAbout(note, one))
  )
    return true;
  if (flags) return changes(asked.specs, flags, asked.flags).some(({ direction }) => direction === "raise");
  if (note?.rollout !== asked.rollout) return false;
  if (note.kind === "abort" && (note.stage === ALL_STAGES || isAbout(note, asked))) return true;
  return asked.before.some((one) => isAbout(note, one));
}

function whoseOf({ note, deployment }: LedgerEntry): Pick<Cause, "kind" | "by" | "reason"> {
  const reason = note?.reason === undefined ? {} : { reason: note.reason };
  if (note?.kind === "abort" || note?.kind === "stop")
    return { kind: "abort", by: note.row ?? "hand", ...reason };
  if (note?.kind === "lower" || note?.kind === "promote") return { kind: "lower", by: note.stage, ...reason };
  return { kind: "foreign", by: `deployment ${deployment}` };
}
