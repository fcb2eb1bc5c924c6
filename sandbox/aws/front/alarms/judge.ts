/** A period of an alarm: its value, or nothing where no data came. */
export type Datum = number | undefined;

export const STATES = ["OK", "ALARM", "INSUFFICIENT_DATA"] as const;
export type State = (typeof STATES)[number];

/** The part of an alarm that decides its state. */
export interface Judged {
  readonly threshold: number;
  readonly comparison: string;
  /** N: how many periods are evaluated. */
  readonly evaluationPeriods: number;
  /** M: how many of them must breach. */
  readonly datapointsToAlarm: number;
  readonly treatMissingData: string;
}

/**
 * CloudWatch retrieves more periods than it evaluates. How many more it does not say; its examples have five
 * for three.
 */
export const EXTRA_PERIODS = 2;

export const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/**
 * The state that follows from the periods of the evaluation range, oldest first, as CloudWatch documents it
 * under "How alarm state is evaluated when data is missing": real data comes first, however far back in the
 * range; what is missing is filled in as seldom as possible.
 */
export function judge(alarm: Judged, range: readonly Datum[], current: State): State {
  const breaches = (value: number) => COMPARISONS[alarm.comparison]?.(value, alarm.threshold) ?? false;
  const real = range.filter((value) => value !== undefined).slice(-alarm.evaluationPeriods);
  const breaching = real.filter(breaches).length;
  const filled = alarm.evaluationPeriods - real.length;
  const alarms = (count: number) => (count >= alarm.datapointsToAlarm ? "ALARM" : "OK");
  if (filled === 0 || alarms(breaching) === "ALARM") return alarms(breaching);
  if (alarm.treatMissingData === "breaching") return alarms(breaching + filled);
  if (alarm.treatMissingData === "notBreaching") return "OK";
  // Some data, and some of it good: missing data is not needed to say that there is no alarm.
  if (breaching < real.length) return "OK";
  if (alarm.treatMissingData === "ignore") return current;
  // Nothing but breaches since at least M periods ago is an alarm. One that has only come may yet be followed
  // by good data, so it is none.
  const oldest = range.findIndex((value) => value !== undefined);
  const age = oldest < 0 ? 0 : range.length - oldest;
  return age >= alarm.datapointsToAlarm ? "ALARM" : "INSUFFICIENT_DATA";
}

/**
 * Fewer samples than this say nothing about a percentile: 10 / (1 − p) from p50 up, 10 / p below it.
 *
 * @param share the percentile, in 0–1
 */
export function fewestSamples(share: number): number {
  return share >= 0.5 ? 10 / (1 - share) : 10 / share;
}
