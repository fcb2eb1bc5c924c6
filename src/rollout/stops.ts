import { ALL_STAGES, type Ledger, type LedgerEntry, type Note } from "../flags/ledger";
import { type Named, predecessorOf, type Rollout, type Stage } from "./rollout";

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

/** The names that a stage has had: entries of all of them are its own. */
function namesOf({ name, formerly = [] }: Named): readonly string[] {
  return [name, ...formerly];
}

/** Whether a note speaks of this stage by any of its names. */
export function isAbout(note: Pick<Note, "stage">, stage: Named): boolean {
  return namesOf(stage).includes(note.stage);
}

/** Entries that promoted a stage, or lowered to it, newest first. */
export function flipsOf(
  rollout: Pick<Rollout, "name">,
  stage: Stage,
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
  const stops = new Map<number, Stop>();
  const before = lineBefore(rollout, stage);
  let highest = 0;
  let live: number | undefined;
  for (const entry of [...history].reverse()) {
    const { note, state } = entry;
    if (note?.rollout !== rollout.name) continue;
    const own = isAbout(note, stage);
    const every = note.stage === ALL_STAGES;
    const down = note.kind === "abort" || note.kind === "lower";
    if (own && (note.kind === "promote" || note.kind === "lower")) {
      highest = Math.max(highest, note.attempt);
      if (state !== "rolled-back") live = note.attempt;
    } else if ((own || every) && (note.kind === "abort" || note.kind === "stop")) {
      const latched = [live ?? (every ? highest + 1 : note.attempt), ...(own ? [note.attempt] : [])];
      for (const attempt of latched) {
        if (!stops.has(attempt)) stops.set(attempt, stopIn(entry, attempt));
        highest = Math.max(highest, attempt);
      }
      if (down) live = undefined;
    } else if (down && before.some((one) => isAbout(note, one))) live = undefined;
  }
  return { highest, stops };
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

/** Names in the ledger that no stage of the config has, or has had. */
export function unknownStages({ name, stages }: Rollout, { history }: Pick<Ledger, "history">): string[] {
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

function lineBefore(rollout: Rollout, stage: Stage): Stage[] {
  const line: Stage[] = [];
  for (let one = predecessorOf(rollout, stage); one && !line.includes(one); one = predecessorOf(rollout, one))
    line.push(one);
  return line;
}
