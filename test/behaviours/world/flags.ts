import type { Flags } from "../../../src/flags/flags";

/** The flags of ops-view. */
export const ops = (read: boolean, write: boolean): Flags => ({
  OPS_VIEW_DB_READ: read,
  OPS_VIEW_DB_WRITE: write,
});

/** The flags of v2-pipeline. */
export const v2 = (percent: number, deprecated = false, removed = false): Flags => ({
  ...{ V2_ROLLOUT_PERCENT: percent, V1_DEPRECATED: deprecated, V1_REMOVED: removed },
});
