import type { AbortThreshold } from "../rollout/config/abortRow";
import { milliseconds } from "../text/duration";

/** What each part of the way from a fault to flags off may take at most, in ms. README.md explains each. */
const PART = {
  /** The app publishes its metric. */
  publish: 10_000,
  /** A probe asks the database again, and publishes what it was told: its statement's timeout comes on top. */
  ask: 11_000,
  /** CloudWatch looks at an alarm of a high-resolution metric. */
  evaluate: 10_000,
  /** Topic to function, cold. */
  deliver: 3_000,
  /** AppConfig's version and deployment. */
  deploy: 7_000,
  /** The AppConfig agent's default. */
  poll: 45_000,
} as const;

/** How long it takes at most, from the first breaching request, until on-call is paged and until flags are off. In ms. */
export interface Reaction {
  readonly pagedMs: number;
  /** Absent for a row that only pages. */
  readonly downMs?: number | undefined;
}

/** How fast one abort row acts, by its own settings and the parts' limits. */
export function reactionOf(threshold: AbortThreshold): Reaction {
  const { metric, probe, datapoints, action } = threshold;
  const period = milliseconds(metric.period);
  // From a minute on, an alarm is looked at once a period; below, every ten seconds.
  const detect = period * datapoints.breaching + (period < 60_000 ? PART.evaluate : 0);
  const pagedMs = (probe ? PART.ask + milliseconds(probe.timeout) : PART.publish) + detect + PART.deliver;
  return action === "rollback" ? { pagedMs, downMs: pagedMs + PART.deploy + PART.poll } : { pagedMs };
}
