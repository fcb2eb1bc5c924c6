import { createHash } from "node:crypto";

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

/** Roles, rules and functions take 64 characters. What is longer is told apart by a hash. */
export function probeName(rollout: string, stage: string): string {
  const whole = `${rollout}-${stage}-probe`;
  if (whole.length <= 64) return whole;
  return `${whole.slice(0, 49)}-${createHash("sha256").update(whole).digest("hex").slice(0, 8)}-probe`;
}
