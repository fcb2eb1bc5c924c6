import { setTimeout as sleep } from "node:timers/promises";
import { MEASURE_MS } from "./probe";

/** From one measurement to the next. A schedule calls once a minute at most, so a run measures several times. */
export const EVERY_MS = 10_000;
/** Measurements of a run that the schedule calls: they fill the minute until the next one. */
export const ROUNDS = 60_000 / EVERY_MS;
/** What publishing may take at most, with all repetitions. */
const PUBLISH_MS = 5_000;
/** A measurement at its worst. One that would be cut off is not begun. */
export const ROUND_MS = MEASURE_MS + PUBLISH_MS + 1_000;

/** Time, as a run lives through it. */
export interface Clock {
  /** In ms, from any beginning. */
  now(): number;
  sleep(ms: number): Promise<unknown>;
}

const CLOCK: Clock = { now: () => performance.now(), sleep };

/** How often a call asks to measure. Whoever calls by hand wants one answer, now. */
export function roundsOf(event: unknown): number {
  const { rounds } = (event ?? {}) as { rounds?: unknown };
  return Number.isInteger(rounds) ? Math.min(ROUNDS, Math.max(1, rounds as number)) : 1;
}

/**
 * Measures every ten seconds, `rounds` times, counted from the beginning of the run: one that takes longer costs its
 * successors their turn, and does not delay the rest. Ends early where too little time is left for another one. A
 * measurement that fails ends nothing; the run then fails in the end, which its alarm sees.
 *
 * Two runs at once do no harm: alarms look at the largest value of a period.
 *
 * @param msLeft until the run is cut off
 * @returns what the last one returned
 */
export async function keepMeasuring<T>(
  measure: () => Promise<T>,
  rounds: number,
  msLeft: () => number,
  clock: Clock = CLOCK,
): Promise<T> {
  const started = clock.now();
  let last: { value: T } | undefined;
  let failure: { error: unknown } | undefined;
  for (let round = 0; round < rounds; ) {
    if (round > 0) {
      await clock.sleep(Math.max(0, started + round * EVERY_MS - clock.now()));
      if (msLeft() < ROUND_MS) break;
    }
    try {
      last = { value: await measure() };
    } catch (error) {
      failure ??= { error };
    }
    round = Math.max(round + 1, Math.floor((clock.now() - started) / EVERY_MS));
  }
  if (failure) throw failure.error;
  return (last as { value: T }).value;
}
