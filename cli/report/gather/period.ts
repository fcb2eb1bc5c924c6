const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

/** Periods that CloudWatch knows, in seconds, and how far back it keeps each (with a little less, to be sure). */
const PERIODS = [
  [10, 3 * HOUR],
  [30, 3 * HOUR],
  [60, 15 * DAY],
  [300, 63 * DAY],
  [900, 63 * DAY],
  [3_600, 455 * DAY],
  [21_600, 455 * DAY],
  [86_400, 455 * DAY],
] as const;

/** More points than this say nothing more in a chart. */
const MOST_POINTS = 1_440;

/** A life shorter than this is looked at as closely as can be: that of a rehearsal. */
const SHORT_MS = HOUR;

/**
 * The finest period, in seconds, for a chart that begins at `from`: one that CloudWatch still holds, that makes no
 * more points than can be drawn, and that is no finer than what the alarm looks at.
 */
export function chartPeriod(from: number, to: number, alarmPeriod: number | undefined): number {
  const span = Math.max(0, to - from);
  const finest = span <= SHORT_MS ? 10 : (alarmPeriod ?? 60);
  const fits = PERIODS.find(
    ([period, kept]) =>
      period >= finest && span <= kept - 60 * SECOND && span / (period * SECOND) <= MOST_POINTS,
  );
  return fits?.[0] ?? 86_400;
}
