import type { Ledger, LedgerEntry, Note } from "../flags/ledger";

/** What speaks of the whole rollout's end: its finish, or what changes flags, or stops a stage, after it. */
const SPEAKING: readonly Note["kind"][] = ["finish", "promote", "lower", "abort", "stop"];

/**
 * The entry that finished a rollout, where it is finished still: the newest finish with no promotion, lowering, abort
 * or stop of the rollout after it, since only `cutover abort --reopen` makes one of these then. Absent where it is not.
 * A finish that AppConfig took back finishes nothing; an abort ends it in any state of its deployment.
 */
export function finishOf(
  { name }: { readonly name: string },
  { history }: Pick<Ledger, "history">,
): LedgerEntry | undefined {
  const newest = [...history]
    .sort((a, b) => b.deployment - a.deployment)
    .find(
      ({ note, state }) =>
        note?.rollout === name &&
        SPEAKING.includes(note.kind) &&
        (state !== "rolled-back" || note.kind === "abort" || note.kind === "stop"),
    );
  return newest?.note?.kind === "finish" ? newest : undefined;
}
