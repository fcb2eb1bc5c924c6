import {
  allOff,
  type FlagSpecs,
  type Flags,
  type FlagValue,
  lowerTo,
  rank,
  sameFlags,
  showFlags,
} from "./flags";

/** A stage that there is no way back from: once servers are given it, nothing brings the flags below its floor. */
export interface Door {
  readonly stage: string;
  /** Names that the stage had before. */
  readonly formerly?: readonly string[] | undefined;
  /** Why there is no way back. */
  readonly because: string;
  /** How far down it still goes. */
  readonly floor: Flags;
  /** What the stage puts before servers: a document with all of it is behind the door, though somebody else made it. */
  readonly flags: Flags;
}

/** What tells of a document whether it is behind a door. */
export interface Behind {
  readonly flags: Flags;
  /** The stages that it says it is behind. */
  readonly doors: readonly string[];
}

/** How far down flags go as things are. */
export interface Bound {
  readonly behind: readonly Door[];
  /** What stays where it is, whatever the floor; all off where nothing does. */
  readonly kept: Flags;
}

/**
 * How far down flags go, by what servers are given: one document each, undefined for one that cannot be read.
 *
 * @param freeze behind a door all of it stays where it is, not only its floor
 */
export function boundBy(
  specs: FlagSpecs,
  doors: readonly Door[],
  served: readonly (Behind | undefined)[],
  freeze = false,
): Bound {
  const behind = doorsBehind(specs, doors, served);
  const kept = freeze && behind.length > 0 ? leastOf(specs, served) : keptFlags(specs, behind, served);
  return { behind, kept };
}

/**
 * The doors that every served document is behind: each names it, since every document that is deployed from then on
 * does, or has all that its stage raises. None while one of them is not, or cannot be read: a promotion that is under
 * way may still be taken back.
 *
 * @param served what servers are given, one document each; undefined for one that cannot be read
 */
export function doorsBehind(
  specs: FlagSpecs,
  doors: readonly Door[],
  served: readonly (Behind | undefined)[],
): Door[] {
  if (served.length === 0) return [];
  return doors.filter((door) =>
    served.every((document) => document !== undefined && isBehind(specs, door, document)),
  );
}

function isBehind(
  specs: FlagSpecs,
  { stage, formerly = [], flags: raised }: Door,
  { flags, doors }: Behind,
): boolean {
  if ([stage, ...formerly].some((name) => doors.includes(name))) return true;
  return sameFlags(specs, lowerTo(specs, raised, flags), raised);
}

/**
 * How far down these flags still go, behind these doors: each door's floor, and nothing above what every server has.
 * All off behind none.
 */
export function keptFlags(
  specs: FlagSpecs,
  behind: readonly Door[],
  served: readonly (Behind | undefined)[],
): Flags {
  const least = leastOf(specs, served);
  return behind.reduce<Flags>(
    (kept, { floor }) => furthest(specs, kept, lowerTo(specs, least, floor)),
    allOff(specs),
  );
}

/** Per flag the least that any server has; all off where one of them cannot be read, or nothing is served. */
function leastOf(specs: FlagSpecs, served: readonly (Behind | undefined)[]): Flags {
  const [first, ...others] = served.map((document) => document?.flags ?? allOff(specs));
  return others.reduce((least, flags) => lowerTo(specs, flags, least), first ?? allOff(specs));
}

/** Per flag what is further from off. */
export function furthest(specs: FlagSpecs, a: Flags, b: Flags): Flags {
  return Object.fromEntries(
    Object.entries(specs).map(([flag, spec]) => {
      const [one, other] = [a, b].map(
        (flags) => (Object.hasOwn(flags, flag) ? flags[flag] : undefined) ?? spec.off,
      );
      return [flag, rank(spec, one as FlagValue) >= rank(spec, other as FlagValue) ? one : other];
    }),
  ) as Flags;
}

/** One sentence on what stays and why; undefined where nothing is kept. */
export function keptWords(specs: FlagSpecs, { behind, kept }: Bound): string | undefined {
  const on = Object.entries(specs).filter(([flag, spec]) => rank(spec, kept[flag] ?? spec.off) > 0);
  if (behind.length === 0 || on.length === 0) return undefined;
  const stay = Object.fromEntries(on.map(([flag, spec]) => [flag, kept[flag] ?? spec.off]));
  return `${behindWords(behind)}: ${showFlags(stay)} stay${on.length > 1 ? "" : "s"}`;
}

/** `there is no way back from remove-v1 (v1 is removed)`. */
function behindWords(behind: readonly Pick<Door, "stage" | "because">[]): string {
  const each = behind.map(({ stage, because }) => `${stage} (${because})`);
  return `there is no way back from ${each.join(" and ")}`;
}

/** The same for flags that would be further down by the floor; undefined where they would not. */
export function keptAbove(specs: FlagSpecs, bound: Bound, floor: Flags, flags: Flags): string | undefined {
  return sameFlags(specs, lowerTo(specs, flags, floor), flags) ? undefined : keptWords(specs, bound);
}
