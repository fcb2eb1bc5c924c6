import { milliseconds, showDuration } from "../text/duration";
import type { FieldError } from "./kind";
import { CLOCK_SKEW_MS, type Missed, type Scope, showTime } from "./verdict";

/** A window of time, ms since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What a gate's window is read against. */
export interface WindowContext {
  /** Since when the live stage is live, ms since the epoch: where the window `soak` begins. */
  readonly liveSince: number;
  readonly timeScale: number;
}

/** A scaled window never shrinks below this: no metric has data in less. */
const SHORTEST_WINDOW_MS = 10_000;

/** A window of a declared length that ends now, on the clock. */
export function lastSpan(length: string, timeScale: number, now: number): Span {
  return { from: now - Math.max(SHORTEST_WINDOW_MS, milliseconds(length) / timeScale), to: now };
}

/**
 * A gate's window on the clock; `soak` begins when the stage went live. A longer one is cut there: what came before
 * speaks of another stage.
 */
export function spanOf(window: string, { liveSince, timeScale }: WindowContext, now: number): Span {
  const flip = Math.min(liveSince, now);
  if (window === "soak") return { from: flip, to: now };
  return { from: Math.max(flip, lastSpan(window, timeScale, now).from), to: now };
}

/** The ends of a span, as evidence holds them. */
type Ends = Readonly<Record<keyof Span, string>>;

/** A span as evidence holds it: ISO 8601, UTC. */
export function endsOf({ from, to }: Span): Ends {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

/** How long a measured window is, in words: as durations are declared, however fast they pass. */
export function showLength({ from, to }: Ends, timeScale: number): string {
  return showDuration((Date.parse(to) - Date.parse(from)) * timeScale);
}

/** A gate's window, in words. */
export const showWindow = (window: string) => (window === "soak" ? "the whole soak" : window);

/** Where time is scaled, what clocks may differ by is no more than this share of a window: seconds are hours there. */
const CLOCK_SHARE = 0.01;

/** How much a window of that length may lack, since clocks are read one after another. Ms. */
export const slackOf = (asked: number) => Math.min(CLOCK_SKEW_MS, asked * CLOCK_SHARE);

/**
 * What a measured window leaves out of the one that a gate asks for, or has too much of; undefined where it is right.
 *
 * @param grain how finely the source tells the window's ends, in ms
 */
export function missedWindow(
  window: string,
  seen: Ends | undefined,
  scope: Scope,
  grain = 0,
): Missed | undefined {
  const { at, timeScale } = scope;
  if (!seen) return { what: `no window at all, where ${showWindow(window)} counts` };
  const [from, to, flip] = [Date.parse(seen.from), Date.parse(seen.to), Date.parse(scope.liveSince)];
  if (!(Math.abs(Date.parse(at) - to) <= 60_000))
    return { what: `a window that ends at ${showTime(seen.to)}, not when it was measured` };
  if (from < flip - CLOCK_SKEW_MS)
    return {
      what: `a window since ${showTime(seen.from)}, but the flags are live since ${showTime(scope.liveSince)}: what was before does not count`,
    };
  const what = `a window since ${showTime(seen.from)}, which is less than ${showWindow(window)}`;
  if (window === "soak") return from <= flip + CLOCK_SKEW_MS + grain ? undefined : { what };
  const asked = milliseconds(window) / timeScale;
  // It is seconds that clocks differ by, however long the window is.
  const due = asked - slackOf(asked);
  if (to - flip < due)
    return {
      what: `${what}: the flags are live since then only`,
      earliest: new Date(Math.ceil(flip + asked)).toISOString(),
    };
  // A source that tells whole periods leaves out a part of the first one.
  return from <= to - due + grain ? undefined : { what };
}

/** The names under which a query finds its window. No parameter of a rollout may be called so. */
export const WINDOW_NAMES = ["from", "to"] as const;

/** A scaled length of time in a query never shrinks below this: what users wait for takes its real time. */
const SHORTEST_AGE_MS = 3_000;

/** The values with lengths of time, such as `{2h}`, as intervals that PostgreSQL reads. */
export function fillLengths(values: readonly Value[], timeScale: number): Value[] {
  return values.map((value) => {
    const length = typeof value === "string" ? /^\{(\d{1,9}(?:ms|s|m|h|d))\}$/.exec(value)?.[1] : undefined;
    if (length === undefined) return value;
    const ms = milliseconds(length);
    return `${timeScale === 1 ? ms : Math.max(SHORTEST_AGE_MS, ms / timeScale)} milliseconds`;
  });
}

type Value = string | number | boolean;

/** True where a query's values name its window. */
export function namesWindow(values: readonly Value[]): boolean {
  return values.some((value) => value === "{from}" || value === "{to}");
}

/** The values with the window's ends in them, ISO 8601, UTC. */
export function fillWindow(values: readonly Value[], span: Span): Value[] {
  const { from, to } = endsOf(span);
  return values.map((value) => (value === "{from}" ? from : value === "{to}" ? to : value));
}

interface Windowed {
  readonly window?: string | undefined;
  readonly values: readonly Value[];
}

/** A window that the query does not look at, or a query that looks at none. */
export function windowErrors({ window, values }: Windowed): FieldError[] {
  if ((window === undefined) !== namesWindow(values)) return [];
  return [
    window === undefined
      ? {
          path: ["values"],
          what: "names the ends of a window, and the row has none",
          remedy: "Add window: with a duration, such as 24h",
        }
      : {
          path: ["window"],
          what: "is not looked at: no value is {from} or {to}",
          remedy: 'Write values: ["{from}", "{to}"], and $1 and $2 in the query',
        },
  ];
}
