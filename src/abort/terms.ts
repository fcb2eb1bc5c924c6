import { doorsOfSchema, flagDocument, type ParsedDocument, parseDocument } from "../flags/document";
import { type Door, doorNames, type Marks } from "../flags/doors";
import {
  entry,
  type FlagSpec,
  type FlagSpecs,
  type Flags,
  type FlagValue,
  farther,
  requiredFlag,
  sameOrder,
} from "../flags/flags";
import { namedBySchema, specsOfSchema } from "../flags/specs";
import { isObject, jsonIn } from "../text/json";

/** The list of flags that an abort goes by, and how far down each of them goes. */
export interface Terms {
  /** Every flag of either list, and as the store knows it where it does: what documents are compared by. */
  readonly specs: FlagSpecs;
  /** The flags that a document has to name, and the only ones that it may. */
  readonly named: readonly string[];
  readonly floor: Flags;
  /** What is known that there is no way back from. Of a door that both lists have, as the store has it. */
  readonly doors: readonly Door[];
}

/** What an abort knows by itself. */
export interface Own {
  readonly specs: FlagSpecs;
  readonly floor: Flags;
  readonly doors?: readonly Door[] | undefined;
}

/** As far as nothing is known of the store's own list. */
export function ownTerms({ specs, floor, doors = [] }: Own): Terms {
  return { specs, named: Object.keys(specs), floor, doors };
}

/**
 * By the store's own list, which is older or newer than ours: the store takes no other document, and servers and
 * newer commands go by it. What our floor says of a flag counts where both lists mean the same by it; of one whose
 * kind or `off` is another, or whose states come in another order, it says nothing, and the flag goes off. A flag that we do not know has no floor of ours:
 * it holds no abort up and sets none off, except where we go all the way down. A flag that the store does not take
 * goes off with the next document. Absent where the schema is none of a list of flags.
 */
export function storesTerms(
  { specs: ours, floor, doors = [] }: Own,
  schema: string | undefined,
): Terms | undefined {
  const store = specsOfSchema(schema, ours);
  if (!store) return undefined;
  const agreed = (flag: string): FlagSpec | undefined => {
    const [own, theirs] = [entry(ours, flag), entry(store, flag)];
    if (own?.kind !== theirs?.kind || own?.off !== theirs?.off) return undefined;
    return own && theirs && !sameOrder(own, theirs) ? undefined : own;
  };
  const merged = (flag: string, spec: FlagSpec): FlagSpec => {
    const own = agreed(flag);
    if (!own) return spec;
    // What either list demands; of ours, only of flags that mean the same to the store.
    const demanded = own.requires.filter((requirement) => agreed(requiredFlag(requirement)));
    return { ...own, states: spec.states, requires: [...spec.requires, ...demanded] };
  };
  const allTheWay = Object.entries(ours).every(([flag, { off }]) => (entry(floor, flag) ?? off) === off);
  const floorOf = (flag: string, spec: FlagSpec): FlagValue => {
    const own = entry(ours, flag);
    if (!own) return allTheWay ? spec.off : farthest(spec);
    return (entry(store, flag) && !agreed(flag) ? undefined : entry(floor, flag)) ?? spec.off;
  };
  const flags = Object.entries({ ...ours, ...store });
  const theirs = doorsOfSchema(schema);
  const specs = flags.map(([flag, spec]) => [flag, entry(store, flag) ? merged(flag, spec) : spec] as const);
  return {
    specs: Object.fromEntries(specs),
    named: namedBySchema(schema, Object.keys({ ...ours, ...store })),
    floor: Object.fromEntries(flags.map(([flag, spec]) => [flag, floorOf(flag, spec)])),
    doors: [
      ...doors.filter((own) => !doorNames(own).some((name) => theirs.flatMap(doorNames).includes(name))),
      ...theirs,
    ],
  };
}

/** What a document that the store takes says of these flags. */
export function naming({ named }: Terms, flags: Flags): Flags {
  return Object.fromEntries(Object.entries(flags).filter(([flag]) => named.includes(flag)));
}

/** What is worth telling of flags that were served: not that one is off which the store does not take. */
export function worthTelling({ named, specs }: Terms, flags: Flags): Flags {
  return Object.fromEntries(
    Object.entries(flags).filter(
      ([flag, value]) => named.includes(flag) || value !== entry(specs, flag)?.off,
    ),
  );
}

/** The documents by these flags. */
export function parseAll(specs: FlagSpecs, documents: readonly (string | undefined)[]): ParsedDocument[] {
  return documents.map((text) => parseDocument(specs, text));
}

/**
 * True where a document has what no list knows only as every other one has it too. Of such a key nobody can say
 * which way is down.
 */
export function unchanged(
  keys: readonly string[],
  document: string,
  others: readonly (string | undefined)[],
): boolean {
  return keys.every((key) => {
    const value = valueAt(document, key);
    return others.every((other) => valueAt(other, key) === value);
  });
}

/**
 * The flags, put into the newest document that is served: for a store whose list of flags cannot be read. Absent where
 * the documents do not have alike what no list knows.
 */
export function shapedLike(
  specs: FlagSpecs,
  flags: Flags,
  served: readonly (string | undefined)[],
  behind: Marks,
): string | undefined {
  const newest = served.at(-1);
  const parsed = parseDocument({}, newest);
  if (newest === undefined || !parsed.ok) return undefined;
  const unknown = parsed.undeclared.filter((key) => !entry(specs, key));
  if (!unchanged(unknown, newest, served)) return undefined;
  const document = JSON.parse(newest) as Flags;
  return flagDocument(
    Object.fromEntries(
      parsed.undeclared.map((key) => [key, (entry(flags, key) ?? document[key]) as FlagValue]),
    ),
    behind,
  );
}

/** As JSON; absent where there is none. */
function valueAt(text: string | undefined, key: string): string | undefined {
  const document = jsonIn(text ?? "");
  return isObject(document) ? JSON.stringify(entry(document, key)) : undefined;
}

/**
 * The value that is farthest from off: a floor that holds nothing down. Where `off` lies between states, that is so on one
 * side alone; a flag on the other goes off, which is further than it has to, and never the wrong way.
 */
function farthest(spec: FlagSpec): FlagValue {
  if (spec.kind === "boolean") return spec.off === false;
  return (spec.states ?? [0, 100]).reduce<FlagValue>((a, b) => farther(spec, a, b), spec.off);
}
