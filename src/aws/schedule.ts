/**
 * So long a schedule that an `up` declares may take to be made once all that it needs is there: its time has to be ahead
 * still when EventBridge Scheduler reads it, which refuses one that is past. The provider asks again for two minutes while
 * IAM does not know the role yet. Source: terraform-provider-aws, `propagationTimeout` of its IAM waits.
 */
const DECLARED_MS = 120_000;
/** However fast time is scaled: so long a busy engine may take. */
const SHORTEST_MS = 30_000;
/** The same for a function that makes one by a call of its own. Clocks of services differ by less. */
export const AT_ONCE_MS = 5_000;

/**
 * How far ahead a schedule has to be that an `up` declares, in ms.
 *
 * @param timeScale how much faster declared durations pass than the clock; 1 on any real account
 */
export function declaredAhead(timeScale: number): number {
  return Math.max(DECLARED_MS / timeScale, SHORTEST_MS);
}

/**
 * The time of a schedule as the scheduler takes it: UTC, without fractions of a second, and never early. What is due
 * before the schedule can be made comes as soon as it can.
 *
 * @param due when it is due, and `now`: milliseconds since the epoch
 * @param ahead so long it may take to be made, in ms
 */
export function scheduleTime(due: number, now: number, ahead: number): string {
  const at = Math.ceil(Math.max(due, now + ahead) / 1_000) * 1_000;
  return new Date(at).toISOString().replace(".000Z", "Z");
}

/** A schedule that calls once, at that time, with its time zone said to be UTC. */
export function scheduleExpression(due: number, now: number, ahead: number): string {
  return `at(${scheduleTime(due, now, ahead).slice(0, -1)})`;
}
