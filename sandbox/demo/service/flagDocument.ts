import { z } from "zod";
import type { FlagState } from "./flagWatcher";

/** The key of a flag document that Cutover keeps for itself. */
export const reserved = { _cutover: z.looseObject({ drill: z.unknown().optional() }).optional() };

type Reserved = z.output<z.ZodObject<typeof reserved>>;

/**
 * A reader of flag documents, which throws where it is given none. A document that a service cannot take whole it
 * does not take at all.
 *
 * @param schema leaves the service's own flags alone in a document: other keys belong to other services
 */
export function flagReader<Document extends Reserved>(
  schema: z.ZodType<Document>,
): (text: string, version: string) => FlagState<Omit<Document, keyof Reserved>> {
  return (text, version) => {
    const result = schema.safeParse(parseJson(text));
    if (!result.success) throw new Error(`flag document ${version}: ${z.prettifyError(result.error)}`);
    const { _cutover, ...flags } = result.data;
    return { flags, version, ...(_cutover?.drill === undefined ? {} : { drill: _cutover.drill }) };
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
