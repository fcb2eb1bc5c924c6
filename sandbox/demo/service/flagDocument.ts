import { z } from "zod";
import type { FlagState } from "./flagWatcher";

/** The key of a flag document that Cutover keeps for itself. */
export const reserved = { _cutover: z.looseObject({ drill: z.unknown().optional() }).optional() };

type Reserved = z.output<z.ZodObject<typeof reserved>>;

/**
 * A reader of flag documents, which throws where it is given none. A document that a service cannot take whole it
 * does not take at all.
 *
 * @param flagsOf the service's own flags in a document: other keys belong to other services
 */
export function flagReader<Document extends Reserved, Flags>(
  schema: z.ZodType<Document>,
  flagsOf: (document: Document) => Flags,
): (text: string, version: string) => FlagState<Flags> {
  return (text, version) => {
    const result = schema.safeParse(parseJson(text));
    if (!result.success) throw new Error(`flag document ${version}: ${z.prettifyError(result.error)}`);
    const { data } = result;
    return {
      flags: flagsOf(data),
      version,
      ...(data._cutover?.drill === undefined ? {} : { drill: data._cutover.drill }),
    };
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
