import type { Served } from "../../service/flags";

/** The flags of rollout 1, by their own names, with what they require. */
export const DECLARED = {
  OPS_VIEW_DB_READ: { type: "boolean" },
  OPS_VIEW_DB_WRITE: { type: "boolean", requires: ["OPS_VIEW_DB_READ"] },
} as const;

export type OpsViewFlags = Served<typeof DECLARED>;

/** The flags of one moment. */
export type FlagsNow = ReturnType<OpsViewFlags["snapshot"]>;

export type Flags = FlagsNow["values"];

export const ALL_OFF: Flags = { OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: false };
