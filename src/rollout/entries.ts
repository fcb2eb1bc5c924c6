import type { Ledger, LedgerEntry, Note } from "../flags/ledger";
import type { Named, Rollout } from "./rollout";

/** The names that a stage has had: entries of all of them are its own. */
export function namesOf({ name, formerly = [] }: Named): readonly string[] {
  return [name, ...formerly];
}

/** Whether a note speaks of this stage by any of its names. */
export function isAbout(note: Pick<Note, "stage">, stage: Named): boolean {
  return namesOf(stage).includes(note.stage);
}

/** Entries that promoted a stage, or lowered to it, newest first. */
export function flipsOf(
  rollout: Pick<Rollout, "name">,
  stage: Named,
  { history }: Pick<Ledger, "history">,
): LedgerEntry[] {
  return history.filter(
    ({ note }) =>
      note !== undefined &&
      (note.kind === "promote" || note.kind === "lower") &&
      note.rollout === rollout.name &&
      isAbout(note, stage),
  );
}

/** Entries that promoted a stage, newest first. To lower to a stage asks none of its gates: it promotes nothing. */
export function promotionsOf(
  rollout: Pick<Rollout, "name">,
  stage: Named,
  ledger: Pick<Ledger, "history">,
): LedgerEntry[] {
  return flipsOf(rollout, stage, ledger).filter(({ note }) => note?.kind === "promote");
}
