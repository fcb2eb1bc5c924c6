import { METRIC_MEMORY_MS } from "../../aws/memory";
import { isMath } from "../../aws/metricSource";
import { safeMilliseconds, showDuration } from "../../text/duration";
import type { Range } from "../arithmetic";
import type { Expectation } from "../expectation";
import type { FieldError, MetricReading } from "../kind";
import {
  CLOCK_SKEW_MS,
  type Found,
  fail,
  inconclusive,
  type Missed,
  pass,
  type Scope,
  showTime,
} from "../verdict";
import { lastSpan, type Span } from "../window";
import { growthOfMath } from "./metric.gaps";
import type { Measured } from "./metric.value";

/** What a source tells of one of several windows. */
interface Part extends Measured {
  readonly window: { readonly from: string; readonly to: string };
}

/** What was seen in more than one look. */
interface Again<P> {
  /** The windows before the last one, the newest first. */
  readonly before?: readonly P[] | undefined;
  /** The first time after the flip. */
  readonly first?: P | undefined;
}

/** How long a window of that length is on the clock, in ms. */
const lengthOf = (length: string, timeScale: number) => -lastSpan(length, timeScale, 0).from;

/**
 * The windows beside the gate's own that its expectation is about, where that one ends now.
 *
 * @param now ms since the epoch, as `liveSince` is
 */
export function otherSpans(
  { inARow = 1, noWorseThan }: Expectation,
  window: string,
  { liveSince, timeScale }: { readonly liveSince: number; readonly timeScale: number },
  now: number,
): { readonly before: readonly number[]; readonly first?: Span } {
  const length = window === "soak" ? 0 : lengthOf(window, timeScale);
  const before = Array.from({ length: inARow - 1 }, (_, index) => now - (index + 1) * length);
  if (!noWorseThan) return { before };
  return { before, first: { from: liveSince, to: liveSince + lengthOf(noWorseThan.first, timeScale) } };
}

/** What is wrong with words that take more than one look. */
export function againErrors(
  { inARow = 1, noWorseThan, ...limits }: Expectation,
  reading: MetricReading,
): FieldError[] {
  const { window, source } = reading;
  const error = (word: string, what: string, remedy: string): FieldError => ({
    path: ["expect", word],
    what,
    remedy,
  });
  const words = [...(inARow > 1 ? ["inARow"] : []), ...(noWorseThan ? ["noWorseThan"] : [])];
  if (window === "soak")
    return words.map((word) =>
      error(
        word,
        "means nothing over the whole soak, which is one window",
        "Write window: with a duration, such as 1h",
      ),
    );
  const errors: FieldError[] = [];
  const length = safeMilliseconds(window);
  if (inARow * length > METRIC_MEMORY_MS)
    errors.push(
      error(
        "inARow",
        `times ${window} is longer than CloudWatch remembers`,
        `At most ${Math.floor(METRIC_MEMORY_MS / length)}`,
      ),
    );
  if (!noWorseThan) return errors;
  const { eq, ne, gt, gte, lt, lte, quantity } = limits;
  const sides = [
    [gt, gte],
    [lt, lte],
  ].filter((side) => side.some((bound) => bound !== undefined)).length;
  if (eq !== undefined || ne !== undefined || sides !== 1)
    errors.push(
      error(
        "noWorseThan",
        "needs a limit on one side, which says what is worse",
        "Write lt or lte beside it, or gt or gte",
      ),
    );
  if (quantity === "signed")
    errors.push(
      error(
        "noWorseThan",
        "means nothing of what may be less than 0",
        "Take quantity: signed out, or noWorseThan",
      ),
    );
  const grows = isMath(source) ? growthOfMath(source) !== 0 : /^(Sum|SampleCount)$/.test(source.statistic);
  if (grows && !reading.worstMinute && safeMilliseconds(noWorseThan.first) !== length)
    errors.push(
      error(
        "noWorseThan",
        `compares ${window} with ${noWorseThan.first}, and what adds up grows with the time`,
        `Write first: ${window}, or take a rate`,
      ),
    );
  return errors;
}

/** What of the other windows was not looked at, and when it could be; undefined where nothing lacks. */
export function missedAgain(
  expect: Expectation,
  window: string,
  { before = [], first, window: own }: Again<Part> & Part,
  { liveSince, timeScale }: Scope,
  grain: number,
): Missed | undefined {
  const { inARow = 1, noWorseThan } = expect;
  if (inARow === 1 && !noWorseThan) return undefined;
  const [flip, now] = [Date.parse(liveSince), Date.parse(own.to)];
  const length = lengthOf(window, timeScale);
  const compared = noWorseThan ? lengthOf(noWorseThan.first, timeScale) : 0;
  const asked = Math.max(inARow * length, compared + length);
  const slack = Math.min(CLOCK_SKEW_MS, asked * 0.01);
  if (now - flip < asked - slack)
    return {
      what: `live since ${showTime(liveSince)}, which is less than the ${showDuration(asked * timeScale)} that ${noWorseThan ? "both windows" : `${inARow} windows`} take`,
      earliest: new Date(Math.ceil(flip + asked)).toISOString(),
    };
  const spans = otherSpans(expect, window, { liveSince: flip, timeScale }, now);
  const near = (one: string | undefined, at: number) =>
    one !== undefined && Math.abs(Date.parse(one) - at) <= slack + grain;
  const all =
    before.length === spans.before.length &&
    before.every((part, index) => {
      const to = spans.before[index] ?? Number.NaN;
      return near(part.window.to, to) && near(part.window.from, Math.max(flip, to - length));
    });
  if (!all) return { what: `not each of the ${inARow} windows in a row` };
  const { from, to } = spans.first ?? {};
  if (
    from !== undefined &&
    to !== undefined &&
    !(near(first?.window.from, from) && near(first?.window.to, to))
  )
    return { what: `not the first ${noWorseThan?.first} after the flip` };
  return undefined;
}

const MEND = "Mend what is measured, then run pulumi up again";

/**
 * Judges what more than one look saw. Total: a window that is missing, or of which nothing can be said, is never passed over.
 *
 * @param found what the last window alone comes to
 * @param judge what any other one comes to
 */
export function judgeAgain<P extends Part>(
  { inARow = 1, noWorseThan, ...limits }: Expectation,
  seen: Again<P> & P,
  found: Found,
  judge: (part: P) => Found,
): Found {
  const { before = [], first } = seen;
  const all = [found, ...before.map(judge)];
  const bad = all.find(({ outcome }) => outcome === "fail") ?? all.find(({ outcome }) => outcome !== "pass");
  if (bad && inARow > 1)
    return {
      ...bad,
      observed: `${bad.observed} (window ${all.indexOf(bad) + 1} of ${inARow}, counted back)`,
    };
  if (bad) return bad;
  if (all.length !== inARow)
    return inconclusive(`${all.length} of ${inARow} windows were seen`, "Run pulumi up again");
  const inRow = inARow === 1 ? found.observed : all.map(({ observed }) => observed).join("; before it ");
  if (!noWorseThan) return pass(inRow);
  const then = first && judge(first);
  if (!first || !then || then.outcome === "inconclusive")
    return inconclusive(
      `${inRow}; of the first ${noWorseThan.first}: ${then?.observed ?? "nothing"}`,
      "Without it there is nothing to compare with: promote a new attempt, and see to it that its data are there",
    );
  return compared(limits, noWorseThan, {
    seen,
    first,
    told: `${inRow}; in the first ${noWorseThan.first} ${then.observed}`,
  });
}

/** Whether what is now is no worse than what was first, by both of which no more than a range may be known. */
function compared(
  { lt, lte }: Expectation,
  { by }: NonNullable<Expectation["noWorseThan"]>,
  { seen, first, told }: { readonly seen: Part; readonly first: Part; readonly told: string },
): Found {
  const [now, then] = [rangeOf(seen), rangeOf(first)];
  const share = Number.parseFloat(by) / 100;
  if (!now || !then || !Number.isFinite(share) || then.low < 0)
    return inconclusive(
      `${told}: not known well enough to be compared`,
      "Shorten the window to a day, or ask for an Average",
    );
  const isMore = lt !== undefined || lte !== undefined;
  const factor = isMore ? 1 + share : 1 - share;
  const better = isMore ? now.high <= then.low * factor : now.low >= then.high * factor;
  const worse = isMore ? now.low > then.high * factor : now.high < then.low * factor;
  if (better) return pass(told);
  return worse
    ? fail(`${told}: worse by more than ${by}`, MEND)
    : inconclusive(
        `${told}: more is not known of so long a time`,
        "Shorten the window to a day, or ask for an Average",
      );
}

function rangeOf({ value, between }: Measured): Range | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? { low: value, high: value } : undefined;
  return value === null || value === undefined ? between : undefined;
}
