import { type Ledger, type LedgerEntry, showEntry } from "../flags/ledger";
import { showTime } from "../gates/judge";

/** The flip that a message is about. */
export interface Flip {
  readonly rollout: string;
  readonly stage: string;
  readonly attempt: number;
  /** The deployment that raised the flags. */
  readonly deployment: number;
}

/** What has become of a flip by the time its message is due. */
export type Standing =
  | { readonly kind: "live"; readonly since: string }
  /** Live for all of the time that the message speaks of, and then followed by the next stage. */
  | {
      readonly kind: "followed";
      readonly since: string;
      readonly by: { readonly stage: string; readonly at: string };
    }
  /** The message would not be true: it is not sent. */
  | {
      readonly kind: "aborted" | "superseded" | "repeated" | "broken" | "unknown";
      readonly sentence: string;
    };

/**
 * Decides from the ledger whether what a timed message says is true: this very flip is live, and has been without
 * a break. An abort thereby cancels the message by itself, with nothing to be undone while flags come down.
 *
 * @param neededMs how long it must have been live, on the clock
 */
export function standing({ history }: Ledger, flip: Flip, neededMs: number): Standing {
  const own = history.find(({ deployment }) => deployment === flip.deployment);
  const attempt = `${flip.stage}, attempt ${flip.attempt},`;
  if (!own) return { kind: "unknown", sentence: `deployment ${flip.deployment} is not in the ledger` };
  if (!isOf(own, flip))
    return {
      kind: "unknown",
      sentence: `deployment ${flip.deployment} is ${showEntry(own)}, not ${attempt} of ${flip.rollout}`,
    };
  if (own.state === "rolled-back")
    return { kind: "aborted", sentence: `${attempt} was taken back by AppConfig` };
  if (own.state !== "complete" || own.completedAt === undefined)
    return { kind: "unknown", sentence: `${attempt} is still being deployed` };

  const later = history
    // A drill deploys the flags that it finds: nothing that a message says is any less true after it.
    .filter(({ deployment, note }) => deployment > own.deployment && note?.kind !== "drill")
    .sort((a, b) => a.deployment - b.deployment);
  const abort = later.find(({ note, state }) => note?.kind === "abort" && state !== "rolled-back");
  if (abort) return { kind: "aborted", sentence: `${attempt} was brought down by ${dated(abort)}` };
  const next = later.find(({ state, note }) => state !== "rolled-back" && !isComing(state, note, flip));
  const back = later.find(
    ({ state, deployment }) => state === "rolled-back" && !(next && deployment > next.deployment),
  );
  if (back)
    return { kind: "broken", sentence: `${attempt} was interrupted by ${dated(back)}, which was taken back` };
  if (!next) return { kind: "live", since: own.completedAt };
  if (next.note?.stage === flip.stage && next.note.rollout === flip.rollout)
    return { kind: "repeated", sentence: `${attempt} was followed by ${dated(next)}` };
  const lived = Date.parse(next.completedAt ?? "") - Date.parse(own.completedAt);
  if (next.note?.kind === "promote" && next.note.rollout === flip.rollout && lived >= neededMs)
    return {
      kind: "followed",
      since: own.completedAt,
      by: { stage: next.note.stage, at: next.completedAt as string },
    };
  return { kind: "superseded", sentence: `${attempt} was followed by ${dated(next)}` };
}

function isOf({ note }: LedgerEntry, { rollout, stage, attempt }: Flip): boolean {
  return (
    note !== undefined &&
    (note.kind === "promote" || note.kind === "lower") &&
    note.rollout === rollout &&
    note.stage === stage &&
    note.attempt === attempt
  );
}

/** The next stage on its way: until it is there, the flags are still those of this one. */
function isComing(state: LedgerEntry["state"], note: LedgerEntry["note"], flip: Flip): boolean {
  return (
    state === "under-way" &&
    note?.kind === "promote" &&
    note.rollout === flip.rollout &&
    note.stage !== flip.stage
  );
}

function dated(entry: LedgerEntry): string {
  return `${showEntry(entry)}${entry.completedAt ? ` (${showTime(entry.completedAt)})` : ""}`;
}
