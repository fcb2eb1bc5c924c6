/** What a source says of one key, as far as it is compared. */
interface Mark {
  /** Of all that is compared: never the values themselves. */
  readonly hash: string;
  /** What its column for changes says; empty where config names none. */
  readonly changed: string;
}

/** One key in both sources, as one snapshot of the database has them. A side that lacks it is left out. */
export interface Pair {
  readonly key: string;
  readonly first?: Mark | undefined;
  readonly second?: Mark | undefined;
}

/** What a difference is, as seen from the first source. */
export type DifferenceKind = "missing" | "extra" | "different";

/** What is the matter with a pair; undefined where both sides agree, or neither has it any more. */
export function kindOf({ first, second }: Pair): DifferenceKind | undefined {
  if (first === undefined) return second === undefined ? undefined : "extra";
  if (second === undefined) return "missing";
  return first.hash === second.hash ? undefined : "different";
}

/** True where nothing has happened to a key between two looks at it, as far as it can be seen. */
export function sameAs(a: Pair, b: Pair): boolean {
  return sameMark(a.first, b.first) && sameMark(a.second, b.second);
}

function sameMark(a: Mark | undefined, b: Mark | undefined): boolean {
  return a?.hash === b?.hash && a?.changed === b?.changed;
}
