import type { Served } from "../service/flags";

/** The flags of rollout 2, by their own names, with what they require. */
export const DECLARED = {
  V2_ROLLOUT_PERCENT: { type: "percentage" },
  V1_DEPRECATED: { type: "boolean", requires: [{ flag: "V2_ROLLOUT_PERCENT", atLeast: 100 }] },
  V1_REMOVED: { type: "boolean", requires: ["V1_DEPRECATED"] },
} as const;

export type PipelineFlags = Served<typeof DECLARED>;

/** The flags of one moment. */
export type FlagsNow = ReturnType<PipelineFlags["snapshot"]>;

export type Flags = FlagsNow["values"];

export const ALL_OFF: Flags = { V2_ROLLOUT_PERCENT: 0, V1_DEPRECATED: false, V1_REMOVED: false };
