import type { IncomingMessage, ServerResponse } from "node:http";
import type { FlagValue } from "./declare";

/** What a process tells of its flags. The keys `flags`, `source` and `drill` are those that stack files point at. */
export interface FlagsReport {
  /** Every declared flag, as the last good document has it. */
  readonly flags: Readonly<Record<string, FlagValue>>;
  /** The document's version; null before the first one. */
  readonly version: string | null;
  /** Where documents come from. */
  readonly source: string;
  /** When this process took the document. */
  readonly since?: string;
  /** When the source last answered. */
  readonly read?: string;
  /** The token of the last drill. */
  readonly drill?: unknown;
  /** Declared flags of which the document says nothing; they are off. */
  readonly missing?: readonly string[];
  /** Why the source could not be asked last time. */
  readonly problem?: string;
  /** The newest document, where it was not taken. */
  readonly refused?: { readonly version: string; readonly problem: string; readonly at: string };
  /**
   * How each flag was last asked for, and by which version it was answered; null where nobody asked yet. It proves that
   * code asked and what it was told, not that it did so.
   */
  readonly evaluated: Readonly<
    Record<
      string,
      {
        readonly version: string | null;
        readonly count: number;
        readonly at: string;
        readonly last: FlagValue | null;
      } | null
    >
  >;
}

/**
 * A handler for `node:http`, Express and the like that answers with the report, as JSON. Stack files find it by
 * `servers: { path: /flags, at: flags, source: source }`.
 *
 * @param more what is told beside it, such as the server's name
 */
export function reportHandler(
  flags: { report(): FlagsReport },
  more: Readonly<Record<string, unknown>> = {},
): (request: IncomingMessage, response: ServerResponse) => void {
  return (_, response) => {
    // A cache in between would let an old server pass for a new one.
    response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
    response.end(JSON.stringify({ ...more, ...flags.report() }));
  };
}
