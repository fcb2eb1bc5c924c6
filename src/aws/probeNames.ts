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

/** What a reconciliation publishes: rows by what became of them, walks through everything, and rows seen to change. */
export const RECONCILED = ["matched", "missing", "extra", "different", "passes", "written"] as const;

/** A figure of a reconciliation, of a stage's own. */
export function reconcileMetric(stage: string, of: string, figure: (typeof RECONCILED)[number]): string {
  return `Reconcile-${stage}-${of}-${figure}`;
}

/** The probe's rule and function. */
export function probeName(rollout: string, stage: string): string {
  return partName(rollout, stage, "probe");
}
