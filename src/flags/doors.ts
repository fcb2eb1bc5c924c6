import { changes, type FlagSpecs, type Flags, farther, isAtMost, lowerTo, rank, showFlags } from "./flags";

/** How far down it still goes behind a stage that there is no way back from, and why no further. */
export interface Floor {
  readonly floor: Flags;
  readonly because: string;
}

/** What a document says that it is behind, by the names of the stages. It tells whoever knows no stack files. */
export type Marks = Readonly<Record<string, Floor>>;

/** A stage that there is no way back from: once servers are given it, nothing brings the flags below its floor. */
export interface Door extends Floor {
  readonly stage: string;
  /** Names that the stage had before. */
  readonly formerly?: readonly string[] | undefined;
  /** What the stage puts before servers: a document with all of it is behind the door, though somebody else made it. */
  readonly flags: Flags;
  /** Flags that the stage takes down: with one of them up, a document is not behind the door. */
  readonly contracts?: readonly string[] | undefined;
}

/** By what names documents and the ledger may speak of a door. */
export const doorNames = ({ stage, formerly = [] }: Pick<Door, "stage" | "formerly">): readonly string[] => [
  stage,
  ...formerly,
];

/** The door of a stage, also under a name that it had before; undefined where it is none. */
export const doorOf = (doors: readonly Door[], stage: string): Door | undefined =>
  doors.find((door) => doorNames(door).includes(stage));

/** What tells of a document whether it is behind a door. */
export interface Behind {
  /** Absent where they cannot be read. */
  readonly flags?: Flags | undefined;
  readonly doors: Marks;
}

/** How far down flags go as things are. */
export interface Bound {
  /** What there is no way back from, by the names of the stages. */
  readonly behind: Marks;
  /** What stays where it is, whatever the floor; all off where nothing does. */
  readonly kept: Flags;
  /** What goes down whatever the floor: a contract that there is no way back from was begun, and is brought to its end. */
  readonly contracted: Flags;
}

/** What servers are given, as far as it tells how far down flags go. */
export interface Given {
  /**
   * The document that every server has had: the one that is live, and behind which no promotion that is still under way
   * is. Absent where there is none.
   */
  readonly settled: Behind | undefined;
  /** The flags of every document that a server may have, or get back; undefined for one that cannot be read. */
  readonly all: readonly (Flags | undefined)[];
  /** The same with all that was seen before, where that is more: what freezes puts nothing of it up again. */
  readonly seen?: readonly (Flags | undefined)[] | undefined;
}

/**
 * How far down flags go: no further than the floors of the doors that the settled document is behind. It says so itself,
 * since every document that is deployed from then on does; or it has all that a door's stage raises. Nothing that is
 * kept is above what any server has.
 *
 * A stage that contracts is gone through as soon as one server is given it, where every server has its floor already: going
 * back would raise what that server had down, and half of a way back is a state that no stage declares.
 *
 * @param doors those that are known; of one that the document knows, too, whatever is further up counts
 * @param freeze behind a door all of it stays where it is, not only its floor
 */
export function boundBy(
  specs: FlagSpecs,
  doors: readonly Door[],
  { settled, all, seen = all }: Given,
  freeze = false,
): Bound {
  const least = leastOf(specs, all);
  const begun = doors.filter(
    ({ contracts, floor, ...door }) =>
      contracts &&
      least &&
      isAtMost(specs, floor, least) &&
      seen.some((flags) => flags && reaches(specs, { ...door, contracts }, flags)),
  );
  const behind = { ...marksFor(begun), ...(settled ? marksOf(specs, doors, settled) : {}) };
  const floors = Object.values(behind).map(({ floor }) => lowerTo(specs, least ?? floor, floor));
  const frozen = freeze && floors.length > 0 ? leastOf(specs, seen) : undefined;
  return {
    behind,
    kept: furthest(specs, ...floors, ...(frozen ? [frozen] : [])),
    contracted: Object.assign({}, ...begun.map(contractedBy)),
  };
}

const contractedBy = ({ flags, contracts = [] }: Door): Flags =>
  Object.fromEntries(Object.entries(flags).filter(([flag]) => contracts.includes(flag)));

/** As a document says them. */
export function marksFor(doors: readonly Pick<Door, "stage" | "floor" | "because">[]): Marks {
  return Object.fromEntries(doors.map(({ stage, floor, because }) => [stage, { floor, because }]));
}

/**
 * How far down an abort goes that asks for a floor: what is kept stays above it, what was contracted goes below. One that
 * asks for less than a door's floor ends there: what that stage contracted is down in it, whatever came up again since.
 *
 * @param only the only flags that it asks for; the others stay where they are
 */
export function floorBy(
  specs: FlagSpecs,
  { behind, kept, contracted }: Bound,
  asked: Flags,
  only?: readonly string[],
): Flags {
  const ends = Object.values(only ? {} : behind).filter(({ floor }) => !isAtMost(specs, floor, asked));
  const down = ends.reduce((flags, { floor }) => lowerTo(specs, flags, floor), asked);
  return furthest(specs, lowerTo(specs, down, { ...down, ...contracted }), kept);
}

/** Those of one document alone. */
export function boundOf(specs: FlagSpecs, doors: readonly Door[], document: Behind, freeze = false): Bound {
  return boundBy(specs, doors, { settled: document, all: [document.flags] }, freeze);
}

function marksOf(specs: FlagSpecs, doors: readonly Door[], { flags, doors: marks }: Behind): Marks {
  const known = doors.flatMap(doorNames);
  const strange = Object.entries(marks).filter(([name]) => !known.includes(name));
  const behind = doors.flatMap((door): [string, Floor][] => {
    const named = doorNames(door).flatMap((name) =>
      Object.hasOwn(marks, name) ? [marks[name] as Floor] : [],
    );
    if (named.length === 0 && !(flags && reaches(specs, door, flags))) return [];
    const floor = furthest(specs, door.floor, ...named.map((one) => one.floor));
    return [[door.stage, { floor, because: door.because }]];
  });
  return Object.fromEntries([...strange, ...behind]);
}

/** Whether flags alone tell that a document is behind a door: it has all of its stage's, and none of what that contracts. */
export function reaches(
  specs: FlagSpecs,
  { flags: own, contracts = [] }: Pick<Door, "flags" | "contracts">,
  flags: Flags,
): boolean {
  return (
    isAtMost(specs, own, flags) && changes(specs, own, flags).every(({ flag }) => !contracts.includes(flag))
  );
}

/** Per flag the least that any server has, of what can be read; absent where nothing can. */
function leastOf(specs: FlagSpecs, all: readonly (Flags | undefined)[]): Flags | undefined {
  const [first, ...others] = all.filter((flags) => flags !== undefined);
  return first && others.reduce((least, flags) => lowerTo(specs, flags, least), lowerTo(specs, first, first));
}

/** Per flag what is furthest from off; on two sides of it, the last one's: what has to stay is said there. */
export function furthest(specs: FlagSpecs, ...all: readonly Flags[]): Flags {
  return Object.fromEntries(
    Object.entries(specs).map(([flag, spec]) => {
      const values = all.map((flags) => (Object.hasOwn(flags, flag) ? flags[flag] : undefined) ?? spec.off);
      return [flag, values.reduce((up, value) => farther(spec, up, value), spec.off)];
    }),
  );
}

/** One sentence on what stays and why; undefined where nothing is kept. */
export function keptWords(
  specs: FlagSpecs,
  { behind, kept }: Pick<Bound, "behind" | "kept">,
): string | undefined {
  const on = Object.entries(specs).filter(([flag, spec]) => rank(spec, kept[flag] ?? spec.off) > 0);
  if (Object.keys(behind).length === 0 || on.length === 0) return undefined;
  const stay = Object.fromEntries(on.map(([flag, spec]) => [flag, kept[flag] ?? spec.off]));
  const each = Object.entries(behind).map(([stage, { because }]) => `${stage} (${because})`);
  return `there is no way back from ${each.join(" and ")}: ${showFlags(stay)} stay${on.length > 1 ? "" : "s"}`;
}

/**
 * The same for flags that would be further down by the floor, or that have all of the stage that is aborted: one that only
 * contracts has nothing to lower, and where there is no way back from it, that is no rest. Undefined else.
 *
 * @param aborted the door of the stage that is aborted, where it is one
 */
export function keptAbove(
  specs: FlagSpecs,
  bound: Pick<Bound, "behind" | "kept">,
  floor: Flags,
  flags: Flags,
  aborted?: Door,
): string | undefined {
  const whole = aborted !== undefined && isAtMost(specs, aborted.flags, flags);
  return whole || !isAtMost(specs, flags, floor) ? keptWords(specs, bound) : undefined;
}
