import type { Refusal } from "./answer";
import type { Protocol, Scope } from "./call";

/** Where a test says, below `/_front/`, what is wrong with whoever calls; the body replaces what was said before. */
export const FAULTS = "faults";

/** What a real account does to a caller, and no emulator by itself. */
export interface Faults {
  /** Their credentials have expired. */
  readonly expired?: boolean;
  /** The regions that the account has enabled; all where left out. */
  readonly regions?: readonly string[];
}

/**
 * How AWS turns a caller away, in the words of the caller's protocol.
 * Source: the common errors of IAM (query: ExpiredToken, InvalidClientTokenId), Lambda and AppConfig (ExpiredTokenException,
 * UnrecognizedClientException). A region that is not enabled does not know the account's keys.
 */
export function fault(
  { expired, regions }: Faults,
  { region }: Scope,
  protocol: Protocol,
): Refusal | undefined {
  const isQuery = protocol === "query";
  const status = isQuery || protocol === "rest" ? 403 : 400;
  if (expired) {
    const code = isQuery ? "ExpiredToken" : "ExpiredTokenException";
    return { code, message: "The security token included in the request is expired", status };
  }
  if (regions !== undefined && !regions.includes(region)) {
    const code = isQuery ? "InvalidClientTokenId" : "UnrecognizedClientException";
    return { code, message: "The security token included in the request is invalid.", status };
  }
  return undefined;
}
