import { z } from "zod";
import { flagReader, reserved } from "../service/flagDocument";

const flags = {
  V2_ROLLOUT_PERCENT: z.int().min(0).max(100),
  V1_DEPRECATED: z.boolean(),
  V1_REMOVED: z.boolean(),
};

/** The flags of rollout 2, by their own names. */
export type Flags = z.output<z.ZodObject<typeof flags>>;

export const ALL_OFF: Flags = { V2_ROLLOUT_PERCENT: 0, V1_DEPRECATED: false, V1_REMOVED: false };

/** Takes a document whole or not at all: with half of one, users could be routed to a v1 that is gone. */
export const parseFlagDocument = flagReader(
  z
    .object({ ...flags, ...reserved })
    .refine((document) => !document.V1_DEPRECATED || document.V2_ROLLOUT_PERCENT === 100, {
      error: "V1_DEPRECATED requires V2_ROLLOUT_PERCENT at 100",
    })
    .refine((document) => document.V1_DEPRECATED || !document.V1_REMOVED, {
      error: "V1_REMOVED requires V1_DEPRECATED",
    }),
);
