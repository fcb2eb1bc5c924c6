import { z } from "zod";
import { flagReader, reserved } from "../../service/flagDocument";
import type { FlagState as StateOf } from "../../service/flagWatcher";

const flags = { OPS_VIEW_DB_READ: z.boolean(), OPS_VIEW_DB_WRITE: z.boolean() };

/** The flags of rollout 1, by their own names. */
export type Flags = z.output<z.ZodObject<typeof flags>>;

export const ALL_OFF: Flags = { OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: false };

export type FlagState = StateOf<Flags>;

/** Takes a document whole or not at all: half of one could be write without read. */
export const parseFlagDocument = flagReader(
  z
    .object({ ...flags, ...reserved })
    .refine((document) => document.OPS_VIEW_DB_READ || !document.OPS_VIEW_DB_WRITE, {
      error: "OPS_VIEW_DB_WRITE requires OPS_VIEW_DB_READ",
    }),
);
