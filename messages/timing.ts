import { milliseconds } from "../model/duration";

/** What is due already is said this much later: EventBridge Scheduler promises nothing about a time that is past. */
const SOON_MS = 60_000;

/**
 * When a message is due: so long after the flags were completely deployed, however often and whenever it is asked.
 * Never earlier, since "live for 24 h" would not be true yet; times on a schedule have no fractions of a second.
 * Milliseconds since the epoch.
 *
 * @param timeScale how much faster declared durations pass than the clock; 1 on any real account
 */
export function dueAt(completedAt: string, after: string, timeScale: number): number {
  const start = Date.parse(completedAt);
  if (Number.isNaN(start)) throw new RangeError(`no time: ${completedAt}`);
  return Math.ceil((start + milliseconds(after) / timeScale) / 1_000) * 1_000;
}

/** The one-time schedule of a message, in UTC. */
export function scheduleExpression(due: number, now: number): string {
  const at = due > now ? due : Math.ceil((now + SOON_MS) / 1_000) * 1_000;
  return `at(${new Date(at).toISOString().slice(0, 19)})`;
}
