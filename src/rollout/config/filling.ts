import { counted } from "../../text/counted";
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
 * its metric came into being would set it off by themselves. One more than that, since the periods that an alarm looks at
 * end at any moment, and what stands in two of the clock's may stand in one of its own.
 */
export function periodsNeeded({ of, breaching }: Datapoints): number {
  return of === breaching ? 1 : of - breaching + 2;
}

/** How long it takes at most until so many periods have data, from the first data on. In ms. */
export function fillingMs(datapoints: Datapoints, period: string): number {
  return (periodsNeeded(datapoints) - 1) * milliseconds(period);
}

/** What is wrong where a promotion would have to wait too long for that; undefined where it would not. */
export function tooLongToFill(datapoints: Datapoints, period: string) {
  if (fillingMs(datapoints, period) <= milliseconds(LONGEST)) return undefined;
  const { of } = datapoints;
  const least = Math.min(of, of + 1 - Math.floor(milliseconds(LONGEST) / milliseconds(period)));
  return {
    path: ["datapoints"],
    what: `need data in ${counted(periodsNeeded(datapoints), "period")} of ${period} before silence means anything, and a promotion waits at most ${LONGEST} for that`,
    remedy: `Write breaching: ${least}, or fewer periods (of)`,
  };
}
