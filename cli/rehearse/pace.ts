import { setTimeout as sleep } from "node:timers/promises";
import { milliseconds } from "../../src/text/duration";

/** How many runs of `pulumi` of the machine at hand fit into what a step has to find "not yet" over. */
const RUNS = 4;

/**
 * How long a step waits for a fact of the world, in ms. Only a rehearsal that fails ever waits as long: it is no
 * measure of how fast a thing has to be, but of when it is given up on a very busy machine.
 */
export const PATIENCE_MS = 180_000;

/**
 * How much faster than the clock declared durations pass, so that on this machine, busy as it is, what is not yet
 * over stays so for a few runs. It is set once, before the first stage goes up: alarms and schedules depend on it.
 *
 * @param notYet the shortest declared duration that a step has to find not yet over
 * @param runMs how long one run of `pulumi` takes here
 * @param runs how many of them it has to outlast
 * @param atMost how fast time passes where runs are quick
 */
export function timeScaleFor(asked: {
  notYet: string;
  runMs: number;
  atMost: number;
  runs?: number;
}): number {
  const { runs = RUNS } = asked;
  const longEnough = Math.floor(milliseconds(asked.notYet) / (runs * Math.max(1, asked.runMs)));
  return Math.max(1, Math.min(asked.atMost, longEnough));
}

/** A run of `pulumi` that takes no longer says that the machine is not busy, in ms; and what one that does says of an answer. */
const NOT_BUSY_MS = 20_000;
const OF_A_RUN = 1 / 20;

/** How much longer an answer of a server takes on this machine than on one that is not busy, in ms. */
export function busyFor(runMs: number, atMost: number): number {
  return Math.round(Math.min(atMost, Math.max(0, runMs - NOT_BUSY_MS) * OF_A_RUN));
}

/** Asks again and again until there is an answer. Undefined where there is none in time. */
export async function untilSo<T>(
  ask: () => Promise<T | undefined>,
  signal: AbortSignal,
  everyMs = 200,
): Promise<T | undefined> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(everyMs, undefined, { signal })) {
    const found = await ask();
    if (found !== undefined || Date.now() > deadline) return found;
  }
}
