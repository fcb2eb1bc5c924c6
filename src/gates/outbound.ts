import { failed } from "../aws/failure";
import { secretsOut } from "../text/redact";
import { clipped, plainLine } from "../text/text";
import { secretsOfLogin } from "./databaseConnection";
import type { Sources } from "./look";
import type { Seen } from "./observation";

/** What a source, a check or the database says is kept to so many characters: evidence is no place for dumps. */
const LONGEST_TEXT = 2_000;
/** A longer value than this is nothing that an expectation is read against. Characters. */
const LONGEST_VALUE = 1_000;

/** All that this run knows to be secret: the stack's tokens, the gate role's password, and what the caller adds. */
export function secretsOf(
  { service, elsewhere, database }: Pick<Sources, "service" | "elsewhere" | "database">,
  others: readonly string[],
): string[] {
  const tokens = { ...service?.tokens, ...elsewhere?.tokens };
  return [...Object.values(tokens), ...(database ? secretsOfLogin(database) : []), ...others];
}

/** A longer name than this is none that anybody declared. Characters. */
const LONGEST_NAME = 200;
/** What one observation holds at most: all servers of a large fleet with their flags are far below it. */
const MOST = { values: 20_000, characters: 500_000, depth: 20 };

/**
 * What may become an observation: no secret is in it, neither in a value nor in a name, it has an end, and nothing in
 * it moves a cursor or turns the direction of writing. A value that would have to be changed for that is none that
 * can be judged, and a list that would have to be cut short must not pass for the whole.
 */
export function outbound(seen: Seen, secrets: readonly string[]): Seen {
  const size = sizeOf(seen);
  if (size !== undefined) return failed("bad-answer", `what was seen has ${size}, and is not kept`);
  const clean = secretsOut({ secrets }, LONGEST_TEXT);
  if ("servers" in seen) {
    // One that says what cannot be kept hides nothing of what the others say.
    const servers = seen.servers.map((one) => {
      const kept = keptOf(one, clean);
      return typeof kept === "string" ? { server: clean(one.server), error: kept } : kept;
    });
    return { ...(cleaned({ ...seen, servers: [] }, clean) as Seen), servers } as Seen;
  }
  const kept = keptOf(seen, clean);
  return typeof kept === "string" ? failed("bad-answer", kept) : kept;
}

/** The same clean, with a value that is judged as it is; in words, why that cannot be kept. */
function keptOf<Of extends object>(of: Of, clean: (text: string) => string): Of | string {
  const value = "value" in of ? of.value : undefined;
  const kept = cleaned(of, clean) as Of;
  return unkept(value, clean) ?? (typeof value === "string" ? { ...kept, value } : kept);
}

/** Why a value that is judged cannot be kept; undefined where it can. */
function unkept(value: unknown, clean: (text: string) => string): string | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const text = String(value);
  if (text.length > LONGEST_VALUE)
    return `the value has ${text.length} characters; at most ${LONGEST_VALUE} are compared`;
  if (clean(text) !== text) return "the value holds what looks like a secret, and is not kept";
  if (/[^\P{Cc}\t\n\r]|[\p{Bidi_Control}\p{Surrogate}\u2028\u2029]/u.test(text))
    return "the value holds characters that control a terminal, and is not kept";
  return undefined;
}

/** Every string below, and every name. */
function cleaned(of: unknown, clean: (text: string) => string): unknown {
  if (typeof of === "string") return plainLine(clean(of));
  if (Array.isArray(of)) return of.map((inner) => cleaned(inner, clean));
  if (typeof of !== "object" || of === null) return of;
  return Object.fromEntries(
    Object.entries(of).map(([name, inner]) => [
      clipped(plainLine(clean(name)), LONGEST_NAME),
      cleaned(inner, clean),
    ]),
  );
}

/** What of it is too much, in words; undefined where nothing is. A text is cut, and counts as what is kept of it. */
function sizeOf(of: unknown): string | undefined {
  let [values, characters, deepest] = [0, 0, 0];
  const queue: [unknown, number][] = [[of, 0]];
  for (let one = queue.pop(); one; one = queue.pop()) {
    const [inner, depth] = one;
    values += 1;
    deepest = Math.max(deepest, depth);
    if (values > MOST.values) return `more than ${MOST.values} values`;
    if (characters > MOST.characters) return `more than ${MOST.characters} characters`;
    if (deepest > MOST.depth) return `values below each other ${MOST.depth} deep and more`;
    if (typeof inner === "string") characters += Math.min(inner.length, LONGEST_TEXT);
    else if (typeof inner === "object" && inner !== null)
      for (const [name, below] of Object.entries(inner)) {
        characters += Array.isArray(inner) ? 0 : Math.min(name.length, LONGEST_NAME);
        queue.push([below, depth + 1]);
      }
  }
  return characters > MOST.characters ? `more than ${MOST.characters} characters` : undefined;
}
