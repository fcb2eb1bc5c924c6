import { keptFor, METRIC_MEMORY_MS } from "../../aws/memory";
import { isMath } from "../../aws/metricSource";
import { DAY_MS, safeMilliseconds, showDuration } from "../../text/duration";
import { type Expectation, MEND } from "../expectation";
import type { FieldError, MetricReading } from "../kind";
import { type Found, fail, inconclusive, type Missed, pass, type Scope } from "../verdict";
import { lastSpan, type Span, slackOf, spanOf, type WindowContext } from "../window";
import { growthOfMath } from "./metric.gaps";
import { type Part, percentileOf } from "./metric.value";

/** What was seen of a gate's own window, and of the others that its expectation is about. */
type Seen = Part & { readonly others?: readonly Part[] | undefined };

/** How long a window of that length is on the clock, in ms. */
const lengthOf = (length: string, timeScale: number) => -lastSpan(length, timeScale, 0).from;

/**
 * The other windows that an expectation is about: those before the gate's own, which ends now, the newest first; then the
 * first time after the flip.
 */
export function otherSpans(
  { inARow = 1, noWorseThan }: Expectation,
  window: string,
  context: WindowContext,
  now: number,
): Span[] {
  const { liveSince, timeScale } = context;
  const length = inARow > 1 ? lengthOf(window, timeScale) : 0;
  const before = Array.from({ length: inARow - 1 }, (_, index) =>
    spanOf(window, context, now - (index + 1) * length),
  );
  if (!noWorseThan) return before;
  const to = Math.min(now, liveSince + lengthOf(noWorseThan.first, timeScale));
  return [...before, { from: Math.min(liveSince, now), to }];
}

/** The longest period that data of a window are looked for in, where it is short. */
const MINUTE_MS = 60_000;

/**
 * What is wrong with words that take more than one look.
 *
 * @param soak how long it is at least until it is looked at after the flip, in ms; 0 where that is not known
 */
export function againErrors(
  { inARow = 1, noWorseThan, ...limits }: Expectation,
  reading: MetricReading,
  soak = 0,
): FieldError[] {
  const { window, source } = reading;
  const error = (word: string, when: boolean, what: string, remedy: string): FieldError[] =>
    when ? [{ path: ["expect", word], what, remedy }] : [];
  const whole = window === "soak";
  const soaks = [
    "means nothing over the whole soak, which is one window",
    "Write window: with a duration, such as 1h",
  ] as const;
  const length = whole ? 0 : safeMilliseconds(window);
  const kept = reading.worstMinute
    ? keptFor(60)
    : keptFor(Math.max(1, safeMilliseconds(reading.every) / 1_000));
  // Of one window alone, `window` is said to be too long.
  const tooLong = inARow > 1 && inARow * length > Math.min(kept, METRIC_MEMORY_MS);
  const row = [
    ...error("inARow", inARow > 1 && whole, ...soaks),
    ...error(
      "inARow",
      tooLong,
      `times ${window} is longer than CloudWatch remembers data of every ${reading.every}`,
      "Shorten the window, or write a longer every:",
    ),
  ];
  if (!noWorseThan || whole) return [...row, ...error("noWorseThan", noWorseThan !== undefined, ...soaks)];
  const { eq, ne, gt, gte, lt, lte, quantity } = limits;
  const oneSided = (gt ?? gte) === undefined ? (lt ?? lte) !== undefined : (lt ?? lte) === undefined;
  const grows = isMath(source) ? growthOfMath(source) !== 0 : /^(Sum|SampleCount)$/.test(source.statistic);
  const { first, by } = noWorseThan;
  return [
    ...row,
    ...error(
      "noWorseThan",
      Math.max(safeMilliseconds(first) + length, soak) > kept && soak <= kept,
      `looks at ${first} and ${window} after it, and CloudWatch keeps data of every ${reading.every} for ${showDuration(kept)}`,
      "Shorten first and window, or write a longer every:",
    ),
    ...error(
      "noWorseThan",
      safeMilliseconds(first) < Math.min(safeMilliseconds(reading.every), MINUTE_MS),
      `compares with ${first}, which may hold no data of every ${reading.every}`,
      "Write first: 1m or more",
    ),
    ...error(
      "noWorseThan",
      soak > kept,
      `begins with a soak of ${showDuration(soak)} or more, and CloudWatch keeps data of every ${reading.every} for ${showDuration(kept)}`,
      "Write a longer every:, or take it out",
    ),
    ...error(
      "noWorseThan",
      !oneSided || (eq ?? ne) !== undefined || quantity === "signed",
      "needs a limit on one side, of what is never less than 0: it says what is worse",
      "Write lt or lte beside it, or gt or gte, and no quantity: signed",
    ),
    ...error(
      "noWorseThan",
      oneSided && (gt ?? gte) !== undefined && !(Number.parseFloat(by) < 100),
      "means nothing: what is never less than 0 is never less by 100 % and more",
      "Write by: with less than 100%",
    ),
    // A day is the longest period of CloudWatch's: of one a percentile is told.
    ...error(
      "noWorseThan",
      percentileOf(reading) !== undefined && Math.max(length, safeMilliseconds(first)) > DAY_MS,
      "needs a number of each window, and CloudWatch tells a percentile of more than a day by shares alone",
      "Shorten window and first to a day, or take the Average",
    ),
    ...error(
      "noWorseThan",
      grows && !reading.worstMinute && safeMilliseconds(first) !== length,
      `compares ${window} with ${first}, and what adds up grows with the time`,
      `Write first: ${window}, or take a rate`,
    ),
  ];
}

const looksTwice = ({ inARow = 1, noWorseThan }: Expectation) => inARow > 1 || noWorseThan !== undefined;

/** How long all windows take, in ms, where one takes `length`. */
function inAll(
  { inARow = 1, noWorseThan }: Expectation,
  length: number,
  msOf: (first: string) => number,
): number {
  return Math.max(inARow * length, length + (noWorseThan ? msOf(noWorseThan.first) : 0));
}

/** The same as config says it; undefined where it looks at one window alone, or at the whole soak. */
export function takesInAll(expect: Expectation, window: string): number | undefined {
  return looksTwice(expect) && window !== "soak"
    ? inAll(expect, safeMilliseconds(window), safeMilliseconds)
    : undefined;
}

/** What of the other windows was not looked at, and when it could be; undefined where nothing lacks. */
export function missedAgain(
  expect: Expectation,
  window: string,
  { others = [], window: own }: Seen,
  { liveSince, timeScale }: Scope,
  grain: number,
): Missed | undefined {
  if (!looksTwice(expect)) return undefined;
  const [flip, now, length] = [Date.parse(liveSince), Date.parse(own.to), lengthOf(window, timeScale)];
  const asked = inAll(expect, length, (first) => lengthOf(first, timeScale));
  const slack = slackOf(asked);
  if (now - flip < asked - slack)
    return {
      what: `less time than all of its windows take, which is ${showDuration(asked * timeScale)}`,
      earliest: new Date(Math.ceil(flip + asked)).toISOString(),
    };
  const spans = otherSpans(expect, window, { liveSince: flip, timeScale }, now);
  const all = spans.every(({ from, to }, index) => {
    const { window: seen, coverage } = others[index] ?? {};
    // What is longer ago is told by longer periods: a window that begins within one is seen from the next on.
    const room = slack + Math.max(grain, (coverage?.period ?? 0) * 1_000);
    const near = (one: string | undefined, at: number) => Math.abs(Date.parse(one ?? "") - at) <= room;
    return near(seen?.from, from) && near(seen?.to, to);
  });
  return all && others.length === spans.length
    ? undefined
    : { what: "not each of the windows that it is about" };
}

/**
 * Judges what more than one look saw. Total: a window that is missing, or of which nothing can be said, is never passed over.
 *
 * @param judge what any window by itself comes to
 */
export function judgeAgain(
  { inARow = 1, noWorseThan, gt, gte }: Expectation,
  seen: Seen,
  judge: (part: Part) => Found,
): Found {
  const { others = [] } = seen;
  const all = [seen, ...others.slice(0, inARow - 1)].map(judge);
  const bad = all.find(({ outcome }) => outcome === "fail") ?? all.find(({ outcome }) => outcome !== "pass");
  if (bad) return bad;
  if (others.length !== inARow - 1 + (noWorseThan ? 1 : 0))
    return inconclusive(`${others.length + 1} of its windows were seen`, "Run pulumi up again");
  const told = all.map(({ observed }) => observed).join("; before it ");
  const first = noWorseThan && others.at(-1);
  if (!first) return pass(told);
  const [then, now, room] = [judge(first), seen.value, Number.parseFloat(noWorseThan.by) / 100];
  const both = `${told}; in the first ${noWorseThan.first} ${then.observed}`;
  if (then.outcome === "inconclusive" || typeof now !== "number" || typeof first.value !== "number")
    return inconclusive(
      both,
      typeof now !== "number"
        ? "See to it that it is known: of a percentile, shorten the window to a day"
        : `Raise the attempt, whose first ${noWorseThan.first} is another; or take noWorseThan out, and say why under weakened`,
    );
  const isLess = (gt ?? gte) !== undefined;
  const holds = isLess ? now >= first.value * (1 - room) : now <= first.value * (1 + room);
  return holds ? pass(both) : fail(`${both}: worse by more than ${noWorseThan.by}`, MEND);
}
