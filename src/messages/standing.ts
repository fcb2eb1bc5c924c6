import { type Ledger, type LedgerEntry, showEntry } from "../flags/ledger";
import { showTime } from "../gates/judge";
import { type Asked, broughtDown } from "../rollout/cause";
import { isAbout } from "../rollout/entries";

/** The flip that a message is about. */
export interface Flip {
  readonly of: Asked;
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
  const { rollout, name } = flip.of;
  const attempt = `${name}, attempt ${flip.attempt},`;
  if (!own) return { kind: "unknown", sentence: `deployment ${flip.deployment} is not in the ledger` };
  if (!isOf(own, flip))
    return {
      kind: "unknown",
      sentence: `deployment ${flip.deployment} is ${showEntry(own)}, not ${attempt} of ${rollout}`,
    };
  if (own.state === "rolled-back")
    return { kind: "aborted", sentence: `${attempt} was taken back by AppConfig` };
  if (own.state !== "complete" || own.completedAt === undefined)
    return { kind: "unknown", sentence: `${attempt} is still being deployed` };

  const later = history
    // What carries the same flags on, such as a drill, makes nothing that a message says any less true.
    .filter(({ deployment, carries }) => deployment > own.deployment && !carries)
    .sort((a, b) => a.deployment - b.deployment);
  const down = broughtDown(flip.of, { history }, own.deployment);
  if (down?.note?.kind === "abort")
    return { kind: "aborted", sentence: `${attempt} was brought down by ${dated(down)}` };
  const next = later.find(({ state, note }) => state !== "rolled-back" && !isComing(state, note, flip));
  const back = later.find(
    ({ state, deployment }) => state === "rolled-back" && !(next && deployment > next.deployment),
  );
  if (back)
    return { kind: "broken", sentence: `${attempt} was interrupted by ${dated(back)}, which was taken back` };
  if (!next) return { kind: "live", since: own.completedAt };
  if (next.note && isAbout(next.note, flip.of) && next.note.rollout === rollout)
    return { kind: "repeated", sentence: `${attempt} was followed by ${dated(next)}` };
  const lived = Date.parse(next.completedAt ?? "") - Date.parse(own.completedAt);
  if (next.note?.kind === "promote" && next.note.rollout === rollout && lived >= neededMs)
    return {
      kind: "followed",
      since: own.completedAt,
      by: { stage: next.note.stage, at: next.completedAt as string },
    };
  return { kind: "superseded", sentence: `${attempt} was followed by ${dated(next)}` };
}

function isOf({ note }: LedgerEntry, { of, attempt }: Flip): boolean {
  return (
    note !== undefined &&
    (note.kind === "promote" || note.kind === "lower") &&
    note.rollout === of.rollout &&
    isAbout(note, of) &&
    note.attempt === attempt
  );
}

/** The next stage on its way: until it is there, the flags are still those of this one. */
function isComing(state: LedgerEntry["state"], note: LedgerEntry["note"], flip: Flip): boolean {
  return (
    state === "under-way" &&
    note?.kind === "promote" &&
    note.rollout === flip.of.rollout &&
    !isAbout(note, flip.of)
  );
}

function dated(entry: LedgerEntry): string {
  return `${showEntry(entry)}${entry.completedAt ? ` (${showTime(entry.completedAt)})` : ""}`;
}
