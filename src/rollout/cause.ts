import { changes } from "../flags/flags";
import { ALL_STAGES, type Ledger, type LedgerEntry } from "../flags/ledger";
import { type Rollout, type Stage, stagesUpTo } from "./rollout";
import { flipsOf, isAbout } from "./stops";

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

/**
 * What brought the newest promotion of a stage down: the first deployment after it that lowered one of *this* stage's
 * flags, judged by its document, and by whom its note names where the document is gone. Absent where the flags are
 * still what it put there, or above. The one answer for the plan, status, report, pages and messages.
 */
export function causeOf(rollout: Rollout, stage: Stage, ledger: Pick<Ledger, "history">): Cause | undefined {
  const flips = flipsOf(rollout, stage, ledger).filter(({ note }) => note?.kind === "promote");
  const promoted = flips.find(({ state }) => state !== "rolled-back") ?? flips[0];
  if (!promoted?.note) return undefined;
  const { attempt } = promoted.note;
  if (promoted.state === "rolled-back")
    return {
      kind: "AppConfig",
      by: "AppConfig",
      attempt,
      deployment: promoted.deployment,
      at: promoted.completedAt,
    };
  const down = ledger.history
    .filter(({ deployment, state }) => deployment > promoted.deployment && state !== "rolled-back")
    .reverse()
    .find((entry) => lowers(rollout, stage, entry));
  return down && { ...whoseOf(down), attempt, deployment: down.deployment, at: down.completedAt };
}

function lowers(rollout: Rollout, stage: Stage, { note, carries, flags }: LedgerEntry): boolean {
  if (carries || note?.kind === "promote") return false;
  if (flags) return changes(rollout.flags, flags, stage.flags).some(({ direction }) => direction === "raise");
  if (note?.rollout !== rollout.name) return false;
  if (note.kind === "abort" && (note.stage === ALL_STAGES || isAbout(note, stage))) return true;
  const before = stagesUpTo(rollout, stage).filter((one) => one !== stage);
  return before.some((one) => isAbout(note, one));
}

function whoseOf({ note, deployment }: LedgerEntry): Pick<Cause, "kind" | "by" | "reason"> {
  const reason = note?.reason === undefined ? {} : { reason: note.reason };
  if (note?.kind === "abort" || note?.kind === "stop")
    return { kind: "abort", by: note.row ?? "hand", ...reason };
  if (note?.kind === "lower") return { kind: "lower", by: note.stage, ...reason };
  return { kind: "foreign", by: `deployment ${deployment}` };
}
