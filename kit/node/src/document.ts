import {
  allOff,
  type Declarations,
  distance,
  type Flag,
  type FlagValue,
  isMet,
  needed,
  offOf,
  RESERVED,
  type Values,
} from "./declare";

/** The one format that this kit reads. A document without a word about it has this one. */
const FORMAT = 1;

/** What was read from a document. */
export type Parsed<D extends Declarations> =
  | {
      readonly ok: true;
      readonly values: Values<D>;
      /** Declared flags of which the document says nothing. They are off. */
      readonly missing: readonly string[];
      /** The token of the last drill. */
      readonly drill?: unknown;
    }
  /** No value of the document is repeated in it: somebody may have put a secret there. */
  | { readonly ok: false; readonly problem: string };

/**
 * Reads a document, whole or not at all: half of one could be write without read. Keys that are not declared belong to
 * others.
 *
 * @param whole whether a document that lacks a declared flag is refused; otherwise that flag is off
 */
export function parseDocument<D extends Declarations>(declared: D, text: string, whole: boolean): Parsed<D> {
  const document = objectIn(text);
  if (document === undefined) return { ok: false, problem: "it is no JSON object" };
  const own = Object.hasOwn(document, RESERVED) ? document[RESERVED] : {};
  if (!isObject(own)) return { ok: false, problem: `${RESERVED} is no object` };
  if (own.format !== undefined && own.format !== FORMAT)
    return {
      ok: false,
      problem: `it is of a format that this kit does not know (${RESERVED}.format); update the kit`,
    };
  const problems: string[] = [];
  const missing: string[] = [];
  const values: Record<string, FlagValue> = { ...allOff(declared) };
  for (const [name, flag] of Object.entries(declared)) {
    if (!Object.hasOwn(document, name)) {
      missing.push(name);
      continue;
    }
    const value = document[name];
    const must = mustBe(flag, value);
    if (must === undefined) values[name] = value as FlagValue;
    else problems.push(`${name} must be ${must}`);
  }
  if (whole) for (const name of missing) problems.push(`${name} is missing`);
  if (problems.length === 0) problems.push(...unmet(declared, values));
  if (problems.length > 0) return { ok: false, problem: problems.join("; ") };
  return {
    ok: true,
    values: values as unknown as Values<D>,
    missing,
    ...(own.drill === undefined ? {} : { drill: own.drill }),
  };
}

function unmet(declared: Declarations, values: Record<string, FlagValue>): string[] {
  return Object.entries(declared).flatMap(([name, flag]) =>
    distance(flag, values[name] ?? offOf(flag)) === 0
      ? []
      : (flag.requires ?? [])
          .filter((one) => !isMet(declared, values, one))
          .map((one) => `${name} requires ${wanted(declared, one)}`),
  );
}

function wanted(declared: Declarations, one: Parameters<typeof needed>[0]): string {
  const { flag, atLeast } = needed(one);
  if (atLeast === undefined) return flag;
  if (typeof atLeast === "string") return `${flag} at ${atLeast}`;
  const required = declared[flag];
  return `${flag} at ${required && offOf(required) === 100 ? 100 - atLeast : atLeast}`;
}

/** What a value must be that is none of the flag's; undefined where it is one. */
function mustBe(flag: Flag, value: unknown): string | undefined {
  if (flag.type === "boolean") return typeof value === "boolean" ? undefined : "true or false";
  if (flag.type === "states")
    return typeof value === "string" && flag.states.includes(value)
      ? undefined
      : `one of ${flag.states.join(", ")}`;
  return typeof value === "number" && value >= 0 && value <= 100 ? undefined : "a number from 0 to 100";
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // The parser's own complaint would quote the document.
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
