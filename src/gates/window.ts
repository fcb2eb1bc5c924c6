import { milliseconds } from "../text/duration";

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
export const SHORTEST_WINDOW_MS = 10_000;

/** A window of a declared length that ends now, on the clock. */
export function lastSpan(length: string, timeScale: number, now: number): Span {
  return { from: now - Math.max(SHORTEST_WINDOW_MS, milliseconds(length) / timeScale), to: now };
}

/** A gate's window on the clock; `soak` begins when the stage went live. */
export function spanOf(window: string, { liveSince, timeScale }: WindowContext, now: number): Span {
  return window === "soak" ? { from: Math.min(liveSince, now), to: now } : lastSpan(window, timeScale, now);
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
export function fillWindow(values: readonly Value[], { from, to }: Span): Value[] {
  const ends: Record<string, string> = {
    "{from}": new Date(from).toISOString(),
    "{to}": new Date(to).toISOString(),
  };
  return values.map((value) => (typeof value === "string" ? (ends[value] ?? value) : value));
}
