import { z } from "zod";
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
    _cutover: z.looseObject({ drill: z.unknown().optional() }).optional(),
  })
  .refine((document) => !document.V1_DEPRECATED || document.V2_ROLLOUT_PERCENT === 100, {
    error: "V1_DEPRECATED requires V2_ROLLOUT_PERCENT at 100",
  })
  .refine((document) => document.V1_DEPRECATED || !document.V1_REMOVED, {
    error: "V1_REMOVED requires V1_DEPRECATED",
  });

/**
 * Reads a flag document; throws where it is not one. A document that the service cannot take whole it does not take
 * at all: with half of one, users could be routed to a v1 that is gone.
 */
export function parseFlagDocument(text: string, version: string): FlagState {
  const result = FlagDocument.safeParse(parseJson(text));
  if (!result.success) throw new Error(`flag document ${version}: ${z.prettifyError(result.error)}`);
  const { V2_ROLLOUT_PERCENT, V1_DEPRECATED, V1_REMOVED, _cutover } = result.data;
  return {
    flags: { V2_ROLLOUT_PERCENT, V1_DEPRECATED, V1_REMOVED },
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
