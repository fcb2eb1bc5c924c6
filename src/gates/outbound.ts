import { failed } from "../aws/failure";
import { secretsOut } from "../text/redact";
import { plainLine } from "../text/text";
import type { Sources } from "./look";
import type { Seen } from "./observation";

/** What a source, a check or the database says is kept to so many characters: evidence is no place for dumps. */
const LONGEST_TEXT = 2_000;
/** A longer value than this is nothing that an expectation is read against. Characters. */
const LONGEST_VALUE = 1_000;

/** All that this run knows to be secret: the stack's tokens, the gate role's password, and what the caller adds. */
export function secretsOf(
  { service, database }: Pick<Sources, "service" | "database">,
  others: readonly string[],
): string[] {
  return [...Object.values(service?.tokens ?? {}), ...(database ? [database.password] : []), ...others];
}

/**
 * What may become an observation: no secret is in it, no text without end, and nothing that moves a cursor or turns
 * the direction of writing. A value that would have to be changed for that is none that can be judged.
 */
export function outbound(seen: Seen, secrets: readonly string[]): Seen {
  const clean = secretsOut({ secrets }, LONGEST_TEXT);
  if ("value" in seen && typeof seen.value === "string") {
    if (seen.value.length > LONGEST_VALUE)
      return failed(
        "bad-answer",
        `the value has ${seen.value.length} characters; at most ${LONGEST_VALUE} are compared`,
      );
    if (clean(seen.value) !== seen.value)
      return failed("bad-answer", "the value holds what looks like a secret, and is not kept");
  }
  return cleaned(seen, clean) as Seen;
}

/** Every string below, but for a value that is judged as it is. Plain data: neither keys nor anything else changes. */
function cleaned(of: unknown, clean: (text: string) => string): unknown {
  if (typeof of === "string") return plainLine(clean(of));
  if (Array.isArray(of)) return of.map((inner) => cleaned(inner, clean));
  if (typeof of !== "object" || of === null) return of;
  return Object.fromEntries(
    Object.entries(of).map(([key, inner]) => [
      key,
      key === "value" && typeof inner === "string" ? inner : cleaned(inner, clean),
    ]),
  );
}
