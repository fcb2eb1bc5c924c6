import { ALL_STAGES, type Ledger, type LedgerEntry, type Note } from "../flags/ledger";
import { askedOf, leftBy, lowers, putThere } from "./cause";
import { flipsOf, isAbout, namesOf } from "./entries";
import type { Named, Rollout, Stage } from "./rollout";

/** A stop latches one attempt of one stage for good. */
export interface Stop {
  readonly attempt: number;
  /** The deployment whose note records it. */
  readonly deployment: number;
  /** The row that fired, or `hand`. */
  readonly by: string;
  /** Who, as AWS knows them. */
  readonly who?: string | undefined;
  readonly at?: string | undefined;
  readonly reason?: string | undefined;
}

/** What the ledger says about the attempts of one stage. */
export interface Attempts {
  /** The highest that was promoted or stopped; 0 where none was. */
  readonly highest: number;
  /** By attempt. Of several stops of one attempt, the first. */
  readonly stops: ReadonlyMap<number, Stop>;
}

/** The entry that promoted an attempt. Of duplicates, one that was taken back is ignored. */
export function flipOf(
  rollout: Pick<Rollout, "name">,
  stage: Stage,
  attempt: number,
  ledger: Pick<Ledger, "history">,
): LedgerEntry | undefined {
  const same = flipsOf(rollout, stage, ledger).filter(({ note }) => note?.attempt === attempt);
  return same.find(({ state }) => state !== "rolled-back") ?? same[0];
}

/** The attempt that may be promoted next: one after the highest that was promoted or stopped. */
export function nextAttempt(rollout: Rollout, stage: Stage, ledger: Pick<Ledger, "history">): number {
  return attemptsOf(rollout, stage, ledger).highest + 1;
}

/**
 * The attempts of a stage, and which of them are stopped. A stop counts in any state of its deployment. Of a live
 * stage it latches the attempt that is live, of one that is not the highest plus one, and in any case the attempt that
 * its note names.
 */
export function attemptsOf(rollout: Rollout, stage: Stage, { history }: Pick<Ledger, "history">): Attempts {
  const asked = askedOf(rollout, stage);
  let left = asked;
  const stops = new Map<number, Stop>();
  const acts = new Set<string>();
  let highest = 0;
  let live: LedgerEntry | undefined;
  let before: LedgerEntry | undefined;
  for (const entry of [...history].reverse()) {
    const { note, state } = entry;
    const own = note?.rollout === rollout.name && isAbout(note, stage);
    if (own && (note.kind === "promote" || note.kind === "lower")) {
      highest = Math.max(highest, note.attempt);
      if (state !== "rolled-back") [live, left] = [entry, putThere(asked, entry)];
    } else if (stopsStage(rollout, stage, note)) {
      const told = own ? [note.attempt] : [];
      const ended = before && isEnded(rollout, stage, before) ? before.note?.attempt : undefined;
      // An alarm answers for the attempt that it rang in, though that came down before it could be answered. The same
      // act, tried again, is no second stop; and what an abort ends on its way was going up when it came.
      const known =
        live?.note?.attempt ??
        (own && note.row !== undefined && note.attempt <= highest ? note.attempt : undefined) ??
        (note.id !== undefined && acts.has(note.id) ? told[0] : undefined) ??
        (ended !== undefined && !stops.has(ended) && (!own || ended === note.attempt) ? ended : undefined);
      for (const attempt of [known ?? highest + 1, ...told]) {
        if (!stops.has(attempt)) stops.set(attempt, stopIn(entry, attempt));
        highest = Math.max(highest, attempt);
      }
      if (note.id !== undefined) acts.add(note.id);
    }
    if (live && state !== "rolled-back" && lowers(left, entry)) live = undefined;
    if (live) left = leftBy(putThere(asked, live), left, entry);
    before = entry;
  }
  return { highest, stops };
}

/** Whether a note stops a stage: by one of its names, or with every other. */
function stopsStage({ name }: Rollout, stage: Stage, note: Note | undefined): note is Note {
  if (note?.rollout !== name || (note.kind !== "abort" && note.kind !== "stop")) return false;
  return note.stage === ALL_STAGES || isAbout(note, stage);
}

/** Whether an entry is a promotion of a stage that did not come to its end. */
function isEnded({ name }: Rollout, stage: Stage, { note, state }: LedgerEntry): boolean {
  return state === "rolled-back" && note?.kind === "promote" && note.rollout === name && isAbout(note, stage);
}

/** The hold that keeps a stage from being raised. A release that was taken back releases nothing. */
export function holdOn(
  rollout: Pick<Rollout, "name">,
  stage: Stage,
  { history }: Pick<Ledger, "history">,
): LedgerEntry | undefined {
  const standing = new Map<string, LedgerEntry>();
  for (const entry of [...history].reverse()) {
    const { note, state } = entry;
    if (note?.rollout !== rollout.name) continue;
    const of = isAbout(note, stage) ? stage.name : note.stage;
    if (note.kind === "hold" && !standing.has(of)) standing.set(of, entry);
    if (note.kind === "release" && state !== "rolled-back") {
      if (of === ALL_STAGES) standing.clear();
      else standing.delete(of);
    }
  }
  return standing.get(ALL_STAGES) ?? standing.get(stage.name);
}

/** The hold that a row put on every stage when it froze the flags, while nobody has released it. */
export function freezeOn(rollout: Rollout, ledger: Pick<Ledger, "history">): LedgerEntry | undefined {
  const hold = holdOn(rollout, rollout.stages[0], ledger);
  return hold?.note?.stage === ALL_STAGES && hold.note.row !== undefined ? hold : undefined;
}

/** Names in the ledger that no stage of the config has, or has had. */
export function unknownStages(
  { name, stages }: { readonly name: string; readonly stages: readonly Named[] },
  { history }: Pick<Ledger, "history">,
): string[] {
  const known = new Set([ALL_STAGES, ...stages.flatMap(namesOf)]);
  const named = history.flatMap(({ note }) => (note?.rollout === name ? [note.stage] : []));
  return [...new Set(named)].filter((stage) => !known.has(stage));
}

/** `by XB1 at 2026-…`, or `by hand (arn:…), …: the reason`. */
export function showStop({ by, who, at, reason, deployment }: Stop): string {
  const person = who === undefined ? "" : ` (${who})`;
  return `by ${by}${person}${at ? ` at ${at}` : ""}, in deployment ${deployment}${reason ? `: ${reason}` : ""}`;
}

function stopIn({ deployment, completedAt, note }: LedgerEntry, attempt: number): Stop {
  return {
    attempt,
    deployment,
    by: note?.row ?? "hand",
    who: note?.by,
    at: completedAt,
    reason: note?.reason,
  };
}
