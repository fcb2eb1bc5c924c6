import { awsOwn } from "../aws/metricSource";
import type { AbortThreshold } from "../rollout/config/abortRow";
import { milliseconds } from "../text/duration";

/** What each part of the way from a fault to flags off may take at most, in ms. README.md explains each. */
const PART = {
  /** The app publishes its metric. */
  publish: 10_000,
  /** AWS publishes a metric of its own, such as a load balancer's: minutes late. */
  publishByAws: 180_000,
  /** A log's lines arrive, and its filter publishes their count, once a minute. */
  filter: 60_000,
  /** A composite alarm follows the one that it watches. */
  follow: 10_000,
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

/**
 * How fast one abort row acts, by its own settings and the parts' limits. A row that follows another alarm is counted
 * from that one's firing.
 */
export function reactionOf(threshold: AbortThreshold): Reaction {
  const pagedMs = detectionOf(threshold) + PART.deliver;
  return threshold.action === "rollback"
    ? { pagedMs, downMs: pagedMs + PART.deploy + PART.poll }
    : { pagedMs };
}

/** What another alarm watches is not known here: for so long it may look back, in ms. */
const FOLLOWED_MS = 300_000;

/**
 * How far back lies what a row's alarm tells of, in ms: its periods, how late their data come, and how long servers still
 * have the flags of before once they were lowered.
 */
export function spanOf(threshold: AbortThreshold): number {
  const { metric, datapoints } = threshold;
  const more = metric ? milliseconds(metric.period) * (datapoints.of - datapoints.breaching) : FOLLOWED_MS;
  return detectionOf(threshold) + more + PART.deliver + PART.deploy + PART.poll;
}

function detectionOf(threshold: AbortThreshold): number {
  if (threshold.alarm !== undefined) return PART.follow;
  const { metric, probe, logs, datapoints, compares } = threshold;
  const period = milliseconds(metric.period);
  // From a minute on, an alarm is looked at once a period; below, every ten seconds.
  const detect = period * datapoints.breaching + (period < 60_000 ? PART.evaluate : 0);
  // Seen at one measurement, it counts at the first one that comes after the lag.
  if (compares)
    return 2 * PART.ask + milliseconds(compares.lag) + 2 * milliseconds(compares.timeout) + detect;
  if (probe) return Math.max(PART.ask, "from" in probe ? period : 0) + milliseconds(probe.timeout) + detect;
  if (logs) return PART.filter + detect;
  return (awsOwn(metric).length > 0 ? PART.publishByAws : PART.publish) + detect;
}
