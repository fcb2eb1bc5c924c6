import { z } from "zod";
import { flagReader, reserved } from "../../service/flagDocument";
import type { FlagState as StateOf } from "../../service/flagWatcher";

/** The flags of rollout 1, by their own names. */
export interface Flags {
  OPS_VIEW_DB_READ: boolean;
  OPS_VIEW_DB_WRITE: boolean;
}

export const ALL_OFF: Flags = { OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: false };

export type FlagState = StateOf<Flags>;

/** Other keys pass: they belong to other services, or are reserved (`_cutover`). */
const FlagDocument = z
  .looseObject({
    OPS_VIEW_DB_READ: z.boolean(),
    OPS_VIEW_DB_WRITE: z.boolean(),
    ...reserved,
  })
  .refine((document) => document.OPS_VIEW_DB_READ || !document.OPS_VIEW_DB_WRITE, {
    error: "OPS_VIEW_DB_WRITE requires OPS_VIEW_DB_READ",
  });

/** Takes a document whole or not at all: half of one could be write without read. */
export const parseFlagDocument = flagReader(
  FlagDocument,
  ({ OPS_VIEW_DB_READ, OPS_VIEW_DB_WRITE }): Flags => ({ OPS_VIEW_DB_READ, OPS_VIEW_DB_WRITE }),
);
