import { z } from "zod";
import { flagReader, reserved } from "../service/flagDocument";
import type { FlagState as StateOf } from "../service/flagWatcher";

/** The flags of rollout 2, by their own names. */
export interface Flags {
  V2_ROLLOUT_PERCENT: number;
  V1_DEPRECATED: boolean;
  V1_REMOVED: boolean;
}

export type FlagState = StateOf<Flags>;

export const ALL_OFF: Flags = { V2_ROLLOUT_PERCENT: 0, V1_DEPRECATED: false, V1_REMOVED: false };

/** Other keys pass: they belong to other services, or are reserved (`_cutover`). */
const FlagDocument = z
  .looseObject({
    V2_ROLLOUT_PERCENT: z.int().min(0).max(100),
    V1_DEPRECATED: z.boolean(),
    V1_REMOVED: z.boolean(),
    ...reserved,
  })
  .refine((document) => !document.V1_DEPRECATED || document.V2_ROLLOUT_PERCENT === 100, {
    error: "V1_DEPRECATED requires V2_ROLLOUT_PERCENT at 100",
  })
  .refine((document) => document.V1_DEPRECATED || !document.V1_REMOVED, {
    error: "V1_REMOVED requires V1_DEPRECATED",
  });

/** Takes a document whole or not at all: with half of one, users could be routed to a v1 that is gone. */
export const parseFlagDocument = flagReader(
  FlagDocument,
  ({ V2_ROLLOUT_PERCENT, V1_DEPRECATED, V1_REMOVED }): Flags => ({
    V2_ROLLOUT_PERCENT,
    V1_DEPRECATED,
    V1_REMOVED,
  }),
);
