import { milliseconds } from "../../text/duration";

/** The longest that a row may keep a promotion waiting until its alarm can tell silence from a beginning. */
const LONGEST = "10m";

/** How many of the last periods an alarm judges, and how many of them set it off. */
interface Datapoints {
  readonly of: number;
  readonly breaching: number;
}

/**
 * How many periods must have data before an alarm that takes silence for a breach may stand: with fewer, those before
 * its metric came into being would set it off by themselves.
 */
export function periodsNeeded({ of, breaching }: Datapoints): number {
  return of - breaching + 1;
}

/** How long it takes until so many periods have data: the first is there at once, each other one a period later. In ms. */
export function fillingMs(datapoints: Datapoints, period: string): number {
  return (periodsNeeded(datapoints) - 1) * milliseconds(period);
}

/** What is wrong where a promotion would have to wait too long for that; undefined where it would not. */
export function tooLongToFill(datapoints: Datapoints, period: string) {
  const tooLong = fillingMs(datapoints, period) - milliseconds(LONGEST);
  if (tooLong <= 0) return undefined;
  const least = datapoints.breaching + Math.ceil(tooLong / milliseconds(period));
  return {
    path: ["datapoints"],
    what: `need data in ${periodsNeeded(datapoints)} periods of ${period} before silence means anything, and a promotion waits ${LONGEST} for that at most`,
    remedy: `Write breaching: ${least}, or fewer periods (of)`,
  };
}
