import {
  allOff,
  type FlagSpecs,
  type Flags,
  type FlagValue,
  lowerTo,
  rank,
  requiredFlag,
  sameFlags,
  showFlags,
} from "./flags";

/**
 * What stays where it is, whatever an abort's floor says: a flag that is declared one-way, once every document that
 * servers are given has it on, and all that it requires. What it took away is gone, and nobody is led back to it. Each
 * at the least value that is served, all others at off: nothing here is above anything that a server has.
 *
 * @param served what servers are given, one document each; empty, or with one that cannot be read (undefined): nothing
 *   is known to be gone
 */
export function keptFlags(specs: FlagSpecs, served: readonly (Flags | undefined)[]): Flags {
  const kept: Record<string, FlagValue> = { ...allOff(specs) };
  for (const flag of needed(specs, oneWayOn(specs, served))) {
    const spec = specs[flag];
    if (!spec) continue;
    const values = served.map(
      (flags) => (flags && Object.hasOwn(flags, flag) ? flags[flag] : spec.off) as FlagValue,
    );
    kept[flag] = values.reduce((least, value) => (rank(spec, value) < rank(spec, least) ? value : least));
  }
  return kept;
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
export function keptWords(specs: FlagSpecs, kept: Flags): string | undefined {
  const on = Object.entries(specs).filter(([flag, spec]) => rank(spec, kept[flag] ?? spec.off) > 0);
  const by = on.filter(([, { oneWay }]) => oneWay).map(([flag]) => flag);
  if (by.length === 0) return undefined;
  const stay = Object.fromEntries(on.map(([flag, spec]) => [flag, kept[flag] ?? spec.off]));
  return `${by.join(" and ")} ${by.length > 1 ? "are" : "is"} on and one-way, what it took away is gone: ${showFlags(stay)} stay${on.length > 1 ? "" : "s"}`;
}

/** The same for flags that would be further down by the floor; undefined where they would not. */
export function keptAbove(specs: FlagSpecs, kept: Flags, floor: Flags, flags: Flags): string | undefined {
  return sameFlags(specs, lowerTo(specs, flags, floor), flags) ? undefined : keptWords(specs, kept);
}

/** One-way flags by name, for words on an abort that hold whether they are on or not; undefined where there is none. */
export function oneWayNames(specs: FlagSpecs): string | undefined {
  const names = Object.entries(specs).flatMap(([flag, { oneWay }]) => (oneWay ? [flag] : []));
  return names.length === 0 ? undefined : names.join(", ");
}

function oneWayOn(specs: FlagSpecs, served: readonly (Flags | undefined)[]): string[] {
  if (served.length === 0) return [];
  return Object.entries(specs).flatMap(([flag, spec]) => {
    const isOn = (flags: Flags | undefined) =>
      flags !== undefined &&
      rank(spec, (Object.hasOwn(flags, flag) ? flags[flag] : undefined) ?? spec.off) > 0;
    return spec.oneWay && served.every(isOn) ? [flag] : [];
  });
}

/** These flags, and all that they require, directly or through others. */
function needed(specs: FlagSpecs, flags: readonly string[]): ReadonlySet<string> {
  const found = new Set(flags);
  // A set grows while it is gone through.
  for (const flag of found)
    for (const requirement of (Object.hasOwn(specs, flag) ? specs[flag] : undefined)?.requires ?? [])
      found.add(requiredFlag(requirement));
  return found;
}
