import { ALL_STAGES } from "../flags/ledger";
import type { StoreEntry } from "../flags/store";

/** Whose attempt is asked for. */
export interface Asked {
  readonly rollout: string;
  readonly stage: string;
  /** What is answered happened then: what came after it says nothing about it. ISO 8601; absent: now. */
  readonly since?: string | undefined;
}

/** Reads one entry of the ledger by its number. */
export type ReadEntry = (deployment: number) => Promise<StoreEntry>;

/** Notes asked for at once: AppConfig's control plane throttles early. */
const AT_ONCE = 5;
/** So far back an abort looks for the attempt that it brings down: it has no time for more. */
const NEAR = 20;
/** So far back the highest attempt is looked for, once nothing is to be lowered. */
const FAR = 1_000;
/** Entries that use an attempt up. */
const COUNTING: readonly string[] = ["promote", "lower", "abort", "stop"];

/**
 * The attempt of a stage that is live, as the ledger's newest entries tell: the one that was promoted, or lowered to,
 * last, unless it came down since. Undefined where it is not live, or not told near enough.
 */
export async function liveAttempt(of: Asked, newest: number, read: ReadEntry): Promise<number | undefined> {
  for await (const entry of back(newest, NEAR, read)) {
    const said: Verdict | undefined = verdictOf(of, entry);
    if (said !== undefined) return said.live;
  }
  return undefined;
}

/**
 * The attempt of a stage that a stop latches: the live one; of a stage that is not live the highest that was ever
 * promoted or stopped, plus one.
 */
export async function attemptToStop(of: Asked, newest: number, read: ReadEntry): Promise<number> {
  let highest = 0;
  let decided = false;
  for await (const entry of back(newest, FAR, read)) {
    const said: Verdict | undefined = decided ? undefined : verdictOf(of, entry);
    if (said?.live !== undefined) return said.live;
    decided ||= said !== undefined;
    const { note } = entry;
    if (note?.rollout === of.rollout && note.stage === of.stage && COUNTING.includes(note.kind))
      highest = Math.max(highest, note.attempt);
  }
  return highest + 1;
}

interface Verdict {
  readonly live: number | undefined;
}

/** What one entry says about whether the stage is live: undefined where it says nothing about it. */
function verdictOf(of: Asked, { note, startedAt }: StoreEntry): Verdict | undefined {
  if (!note || note.rollout !== of.rollout) return undefined;
  const own = note.stage === of.stage;
  if (own && (note.kind === "promote" || note.kind === "lower")) return { live: note.attempt };
  const down = note.kind === "abort" || note.kind === "stop";
  const later = of.since !== undefined && startedAt !== undefined && startedAt > of.since;
  return down && !later && (own || note.stage === ALL_STAGES) ? { live: undefined } : undefined;
}

async function* back(newest: number, reach: number, read: ReadEntry): AsyncGenerator<StoreEntry> {
  const last = Math.max(1, newest - reach + 1);
  for (let number = newest; number >= last; number -= AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, number - last + 1) }, (_, index) => number - index);
    yield* await Promise.all(batch.map(read));
  }
}
