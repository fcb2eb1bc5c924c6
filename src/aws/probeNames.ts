import { partName } from "./names";

/** Where the probes of a rollout publish. One metric name per signal, and no dimensions: alarms watch it as it is. */
export function probeNamespace(rollout: string): string {
  return `cutover/${rollout}`;
}

/**
 * How many of a stage's signals a run could not measure. A name of its own for each stage: stages share the namespace,
 * and the probe of one must not cover for the silence of another's.
 */
export function failuresMetric(stage: string): string {
  return `ProbeFailures-${stage}`;
}

/** How many things are wrong with the login that a stage's probe measures as: refused, or more than it was made for. */
export function loginMetric(stage: string): string {
  return `ProbeLogin-${stage}`;
}

/** The probe's rule and function. */
export function probeName(rollout: string, stage: string): string {
  return partName(rollout, stage, "probe");
}
