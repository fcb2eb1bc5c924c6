/**
 * How far back and how finely AWS remembers. Beyond it nothing is known, which is not the same as nothing having been.
 */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What is about to be forgotten is not leant on: CloudWatch rounds a window's beginning down. */
const MARGIN_MS = HOUR_MS;

/**
 * Data of a metric in periods of so many seconds are kept for so long. Periods under a minute exist only of metrics
 * that are published in high resolution. Source: the reference of GetMetricData.
 */
const METRICS = [
  { seconds: 1, keptMs: 3 * HOUR_MS },
  { seconds: 60, keptMs: 15 * DAY_MS },
  { seconds: 300, keptMs: 63 * DAY_MS },
  { seconds: 3_600, keptMs: 455 * DAY_MS },
] as const;

/** After so long nothing is left of a metric. Ms. */
export const METRIC_GONE_MS = 455 * DAY_MS;

/** How long CloudWatch remembers a metric at all. Ms. */
export const METRIC_MEMORY_MS = METRIC_GONE_MS - MARGIN_MS;

/**
 * How long CloudWatch keeps what became of an alarm, also of a deleted one. Ms. Source: its guide, "Using alarms"; it
 * was 14 days until 2023.
 */
export const ALARM_MEMORY_MS = 30 * DAY_MS;

/** The finest period, in seconds, of data of this age (ms); undefined where none are kept. */
export function finestPeriod(ageMs: number): number | undefined {
  return METRICS.find(({ keptMs }) => ageMs <= keptMs - MARGIN_MS)?.seconds;
}

/** How long data in periods of so many seconds are kept. Ms. */
export function keptFor(seconds: number): number {
  return (METRICS.findLast((one) => one.seconds <= seconds)?.keptMs ?? 0) - MARGIN_MS;
}
