/** The stages of the rollout `ops-view`, and what each has live. */

export const OFF = { OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: false };
export const READ = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: false };
export const WRITE = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: true };

export const STACKS = ["baseline", "stageA", "stageB"] as const;
export type StackName = (typeof STACKS)[number];

/** A soak of 24 h takes 24 min: longer than any test. */
export const SLOW = 60;
/** A soak of 24 h takes a second. */
export const FAST = 24 * 3_600;
