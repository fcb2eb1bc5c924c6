import { counted } from "../text/counted";
import { milliseconds } from "../text/duration";

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

/** EventBridge Scheduler knows no shorter interval. */
const SHORTEST_MS = 60_000;

/**
 * The schedule of a message that is sent again and again. Its first time is its start date: `dueAt`, so that the
 * times do not move however often `up` is run.
 *
 * @param timeScale how much faster declared durations pass than the clock; 1 on any real account
 */
export function rateExpression(every: string, timeScale: number): string {
  const minutes = Math.round(Math.max(milliseconds(every) / timeScale, SHORTEST_MS) / 60_000);
  return `rate(${counted(minutes, "minute")})`;
}

/**
 * Which one of a message's times it is by now, counted from the flip: 1 for the first. 0 before that. A call that
 * is repeated, or comes late, is the same one.
 */
export function occurrenceAt(liveSince: number, now: number, every: string, timeScale: number): number {
  return Math.max(0, Math.floor(((now - liveSince) * timeScale) / milliseconds(every)));
}
