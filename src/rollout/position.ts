import { sameFlags } from "../flags/flags";
import { type Ledger, type LedgerEntry, originOf } from "../flags/ledger";
import { type Rollout, type Stage, stageNamed } from "./rollout";

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
    note?.rollout === rollout.name && note.kind !== "abort" ? stageNamed(rollout, note.stage) : undefined;
  return named && has(named) ? named : rollout.stages.filter(has).at(-1);
}

/** The stage that follows the live one. */
export function nextStage(rollout: Rollout, ledger: Ledger): Stage | undefined {
  const live = liveStage(rollout, ledger);
  return live && rollout.stages.find((stage) => stage.predecessor === live.name);
}

/** The deployment that promoted a stage's present attempt. */
export function promotionOf(rollout: Rollout, stage: Stage, { history }: Ledger): LedgerEntry | undefined {
  return history.find(
    ({ note }) =>
      (note?.kind === "promote" || note?.kind === "lower") &&
      note.rollout === rollout.name &&
      note.stage === stage.name &&
      note.attempt === stage.attempt,
  );
}

/** An abort that brought a stage down, or AppConfig's own roll-back. */
export interface Abort {
  /** The row that fired, `AppConfig`, or `hand`. */
  readonly by: string;
  readonly at?: string | undefined;
  readonly attempt: number;
  readonly reason?: string | undefined;
}

/** What brought the newest attempt of a stage down, where something did. */
export function abortOf(rollout: Rollout, stage: Stage, { history }: Ledger): Abort | undefined {
  const promoted = history.find(
    ({ note }) => note?.kind === "promote" && note.rollout === rollout.name && note.stage === stage.name,
  );
  if (!promoted?.note) return undefined;
  const { attempt } = promoted.note;
  if (promoted.state === "rolled-back") return { by: "AppConfig", at: promoted.completedAt, attempt };
  // Of several, the first one brought it down; the list begins with the newest.
  const abort = history
    .filter(
      ({ note, deployment, state }) =>
        note?.kind === "abort" && deployment > promoted.deployment && state !== "rolled-back",
    )
    .at(-1);
  if (!abort?.note) return undefined;
  return {
    by: abort.note.row ?? "hand",
    at: abort.completedAt,
    attempt,
    ...(abort.note.reason === undefined ? {} : { reason: abort.note.reason }),
  };
}
