import type { Gate } from "../gates/gate";
import { CLOCK_SKEW_MS, showTime } from "../gates/judge";
import type { Observation, Subject } from "../gates/observation";
import type { WindowContext } from "../gates/window";
import { milliseconds } from "../text/duration";

/** A measured window may fall short by this share: clocks are read one after another. */
const SLACK = 0.99;

/**
 * What an observation leaves out of the time that its gate speaks of, as a sentence; undefined where it covers all
 * of it. A window that is too short, or a soak that began with another deployment, would hide what happened.
 */
export function outOfScope(
  gate: Gate,
  { seen, at }: Observation,
  subject: Subject,
  timeScale: number,
): string | undefined {
  const liveSince = Date.parse(subject.liveSince);
  const sinceThen = (time: string) => Math.abs(Date.parse(time) - liveSince) <= CLOCK_SKEW_MS;
  switch (seen.kind) {
    case "occupancy":
      if (seen.deployment !== subject.liveDeployment) {
        return `the soak of deployment ${seen.deployment}, but deployment ${subject.liveDeployment} is live`;
      }
      return sinceThen(seen.since)
        ? undefined
        : `a soak since ${showTime(seen.since)}, but the flags are live since ${showTime(subject.liveSince)}`;
    case "signOff":
      return sinceThen(seen.liveSince)
        ? undefined
        : `held against ${showTime(seen.liveSince)}, but the flags are live since ${showTime(subject.liveSince)}`;
    case "alarms":
      return Date.parse(seen.since) <= liveSince + CLOCK_SKEW_MS
        ? undefined
        : `alarms since ${showTime(seen.since)} only, but the flags are live since ${showTime(subject.liveSince)}`;
    case "metric":
    case "value": {
      const { definition } = gate;
      if (definition.source !== "metric" && definition.source !== "sql") return undefined;
      const { window } = definition;
      if (window === undefined) return undefined;
      if (!seen.window)
        return `no window at all, where ${window === "soak" ? "the whole soak" : window} counts`;
      return missedWindow(window, seen.window, at, { liveSince, timeScale });
    }
    default:
      return undefined;
  }
}

/** What a measured window leaves out of the one that the gate asks for. */
function missedWindow(
  window: string,
  seen: { readonly from: string; readonly to: string },
  at: string,
  { liveSince, timeScale }: WindowContext,
): string | undefined {
  const [from, to] = [Date.parse(seen.from), Date.parse(seen.to)];
  if (!(Math.abs(Date.parse(at) - to) <= 60_000))
    return `a window that ends at ${showTime(seen.to)}, not when it was measured`;
  const whole =
    window === "soak"
      ? from <= liveSince + CLOCK_SKEW_MS
      : (to - from) * timeScale >= milliseconds(window) * SLACK;
  return whole
    ? undefined
    : `a window since ${showTime(seen.from)}, which is less than ${window === "soak" ? "the whole soak" : window}`;
}
