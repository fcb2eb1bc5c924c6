import { z } from "zod";
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
    _cutover: z.looseObject({ drill: z.unknown().optional() }).optional(),
  })
  .refine((document) => document.OPS_VIEW_DB_READ || !document.OPS_VIEW_DB_WRITE, {
    error: "OPS_VIEW_DB_WRITE requires OPS_VIEW_DB_READ",
  });

/**
 * Reads a flag document; throws where it is not one. A document that the service cannot take whole it
 * does not take at all: half of one could be write without read.
 */
export function parseFlagDocument(text: string, version: string): FlagState {
  const result = FlagDocument.safeParse(parseJson(text));
  if (!result.success) throw new Error(`flag document ${version}: ${z.prettifyError(result.error)}`);
  const { OPS_VIEW_DB_READ, OPS_VIEW_DB_WRITE, _cutover } = result.data;
  return {
    flags: { OPS_VIEW_DB_READ, OPS_VIEW_DB_WRITE },
    version,
    ...(_cutover?.drill === undefined ? {} : { drill: _cutover.drill }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // JSON.parse quotes the document in its message; the log need not.
    return undefined;
  }
}
