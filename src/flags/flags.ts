/** A flag's value: a boolean, a percentage from 0 to 100 with up to three decimals, or the name of one of its states. */
export type FlagValue = boolean | number | string;

/** Flag values by the flags' own names, as servers read them. */
export type Flags = Readonly<Record<string, FlagValue>>;

/**
 * A flag that another one needs: on at all; or, for a percentage, at least so many points away from its `off`; or at a
 * state, or beyond it.
 */
export type Requirement = string | { readonly flag: string; readonly atLeast: number | string };

/** What a rollout declares about one flag. */
export interface FlagSpec {
  readonly kind: "boolean" | "percentage" | "states";
  /** Those of the kind `states`, in their order: raising goes from `off` along it, on the side that it takes. */
  readonly states?: readonly string[] | undefined;
  /** The value that is always safe to go back to. Raising is moving away from it. */
  readonly off: FlagValue;
  /** Flags that must be on (not at their `off` value), or far enough on, whenever this one is on. */
  readonly requires: readonly Requirement[];
  /** True for a flag that lets users' data be written by the new path; such a stage needs a snapshot. */
  readonly writes: boolean;
  readonly title?: string | undefined;
}

export type FlagSpecs = Readonly<Record<string, FlagSpec>>;

/** One flag that differs between two documents. */
export interface FlagChange {
  readonly flag: string;
  readonly from: FlagValue;
  readonly to: FlagValue;
  readonly direction: "raise" | "lower";
}

/** What a state may be called: it travels in documents, variables and the reports of servers. */
export const STATE_NAME = /^(?!(?:true|false|null)$)[A-Za-z][A-Za-z0-9_.-]{0,31}$/;

/** True for what some flag may have as its value. Of text, only a word that can be a state: any other may be a secret. */
export function isFlagValue(value: unknown): value is FlagValue {
  return (
    ["boolean", "number"].includes(typeof value) || (typeof value === "string" && STATE_NAME.test(value))
  );
}

/** A percentage is counted in thousandths, as `kit/BUCKETS.md` has it: 100 - 99.9 is 0.1, and not a little less. */
export const inThousandths = (points: number) => Math.round(points * 1_000) / 1_000;

/**
 * Where a value stands, seen from `off`: 0 when off, below 0 on the side of the states before it, and above 0 on the
 * other; 1 for a boolean that is on; points for a percentage. NaN for what the flag cannot be, which comes before nothing.
 */
function placeOf(spec: FlagSpec, value: FlagValue): number {
  if (value === spec.off) return 0;
  if (spec.kind === "boolean") return 1;
  if (typeof value === "number") return inThousandths(Math.abs(value - Number(spec.off)));
  const { states = [] } = spec;
  return fits(spec, value)
    ? states.indexOf(value as string) - states.indexOf(spec.off as string)
    : Number.NaN;
}

/**
 * How far a value is from `off`: 0 when off; 1 for a boolean that is on; 0–100 for a percentage; for a state, how many
 * there are up to it. With `nearer` and `farther` this is all that compares values, so that an inverted flag (`off: true`)
 * and one whose `off` lies between its states need no special case anywhere.
 */
export function rank(spec: FlagSpec, value: FlagValue): number {
  return Math.abs(placeOf(spec, value));
}

/** What is nearer to off of two values; off itself where they are on two sides of it: neither leads to the other. */
export function nearer(spec: FlagSpec, a: FlagValue, b: FlagValue): FlagValue {
  const [one, other] = [placeOf(spec, a), placeOf(spec, b)];
  if (!(one * other >= 0)) return spec.off;
  return Math.abs(one) <= Math.abs(other) ? a : b;
}

/** What is further from off of two values; on two sides of it, the second. */
export function farther(spec: FlagSpec, a: FlagValue, b: FlagValue): FlagValue {
  return nearer(spec, b, a) === b ? a : b;
}

/** Whether the states that both lists have come in the same order in each: then both mean the same by them. */
export function sameOrder({ states: a = [] }: FlagSpec, { states: b = [] }: FlagSpec): boolean {
  const both = b.filter((state) => a.includes(state));
  return a.filter((state) => b.includes(state)).every((state, index) => state === both[index]);
}

/** The flag that a requirement names. */
export function requiredFlag(requirement: Requirement): string {
  return typeof requirement === "string" ? requirement : requirement.flag;
}

/** The value that the required flag must have, or one beyond it; undefined where any but off will do. */
export function requiredValue(spec: FlagSpec, requirement: Requirement): FlagValue | undefined {
  const atLeast = typeof requirement === "string" ? undefined : requirement.atLeast;
  return typeof atLeast === "number" ? valueAtRank(spec, atLeast) : atLeast;
}

/** The value of a percentage that is so many points away from its `off`. */
export function valueAtRank(spec: Pick<FlagSpec, "off">, points: number): number {
  return spec.off === 100 ? inThousandths(100 - points) : points;
}

/** True when `value` is one that the flag can take. */
export function fits(spec: FlagSpec, value: unknown): value is FlagValue {
  if (spec.kind === "boolean") return typeof value === "boolean";
  if (spec.kind === "states") return typeof value === "string" && (spec.states ?? []).includes(value);
  return typeof value === "number" && inThousandths(value) === value && value >= 0 && value <= 100;
}

/** What a flag can be, and what to write in place of what it cannot. */
export function fitting({ kind, states = [] }: FlagSpec): { readonly what: string; readonly remedy: string } {
  if (kind === "boolean") return { what: "a boolean", remedy: "Write true or false" };
  if (kind === "states")
    return {
      what: `one of its states, ${states.join(", ")}`,
      remedy: `Write one of ${states.map((state) => `"${state}"`).join(", ")}; in quotes, a tool takes none for true or false`,
    };
  return { what: "a percentage", remedy: "Write a number from 0 to 100, with three decimals at most" };
}

/** Every declared flag at its off value. */
export function allOff(specs: FlagSpecs): Flags {
  return Object.fromEntries(Object.entries(specs).map(([flag, spec]) => [flag, spec.off]));
}

/** What a list or a document has of a flag, which may be called `constructor`: what objects inherit is no entry. */
export function entry<T>(list: Readonly<Record<string, T>>, flag: string): T | undefined {
  return Object.hasOwn(list, flag) ? list[flag] : undefined;
}

/** The flags that differ, in the order of their declaration. A flag that a document lacks counts as off. */
export function changes(specs: FlagSpecs, from: Flags, to: Flags): FlagChange[] {
  return Object.entries(specs).flatMap(([flag, spec]): FlagChange[] => {
    const before = entry(from, flag) ?? spec.off;
    const after = entry(to, flag) ?? spec.off;
    if (before === after) return [];
    return [
      {
        flag,
        from: before,
        to: after,
        // Only what comes nearer to off on its own side is a lowering, which needs no gate: the other side was not judged.
        direction: nearer(spec, before, after) === after ? "lower" : "raise",
      },
    ];
  });
}

/** Which way a set of changes goes as a whole. */
export function direction(list: readonly FlagChange[]): "raise" | "lower" | "none" | "mixed" {
  const up = list.some((change) => change.direction === "raise");
  const down = list.some((change) => change.direction === "lower");
  if (up && down) return "mixed";
  return up ? "raise" : down ? "lower" : "none";
}

/** The flags that go down in a step forward though it does not say that it contracts them. */
export function lowersBeyond(contracts: readonly string[], list: readonly FlagChange[]): string[] {
  return list.flatMap(({ flag, direction }) =>
    direction === "lower" && !contracts.includes(flag) ? [flag] : [],
  );
}

/** Whether flags are a stage's, but for some of those that are contracted: what an abort leaves of it, which raises nothing. */
export function isLeftOf(
  specs: FlagSpecs,
  contracted: readonly string[],
  stage: Flags,
  flags: Flags,
): boolean {
  return changes(specs, stage, flags).every(
    ({ flag, direction }) => direction === "lower" && contracted.includes(flag),
  );
}

export function sameFlags(specs: FlagSpecs, a: Flags, b: Flags): boolean {
  return changes(specs, a, b).length === 0;
}

/** A flag that is on while one that it requires is not on far enough, as a sentence. Empty when the document is sound. */
export function brokenRequirements(specs: FlagSpecs, flags: Flags): string[] {
  return Object.entries(specs).flatMap(([flag, spec]) =>
    lackedBy(specs, flags, flag, spec).map((lacked) => `${flag} is on but requires ${lacked}`),
  );
}

/** What a flag that is on requires and lacks: `READ, which is off`, or `PERCENT at 100 %, which is at 50 %`. */
function lackedBy(specs: FlagSpecs, flags: Flags, flag: string, spec: FlagSpec): string[] {
  if (!(rank(spec, entry(flags, flag) ?? spec.off) > 0)) return [];
  return spec.requires.flatMap((requirement) => {
    const needed = requiredFlag(requirement);
    const other = entry(specs, needed);
    if (other === undefined) return [`${needed}, which is off`];
    const [wanted, now] = [requiredValue(other, requirement), entry(flags, needed) ?? other.off];
    // Of a broken document the rank may be NaN, which meets nothing.
    const isOn = rank(other, now) > 0;
    if (wanted === undefined) return isOn ? [] : [`${needed}, which is off`];
    const isMet = isOn && fits(other, wanted) && nearer(other, wanted, now) === wanted;
    return isMet ? [] : [`${needed} at ${showValue(wanted)}, which is at ${showValue(now)}`];
  });
}

/**
 * `min(live, floor)` flag by flag: what an abort deploys. Never raises a flag, whatever is live. A flag whose
 * requirement ends up off goes off too, so that even a document that someone broke by hand comes out sound.
 */
export function lowerTo(specs: FlagSpecs, live: Flags, floor: Flags): Flags {
  const lowered: Record<string, FlagValue> = {};
  for (const [flag, spec] of Object.entries(specs)) {
    const [now, lowest] = [entry(live, flag), entry(floor, flag)];
    const current = fits(spec, now) ? now : spec.off;
    const bound = fits(spec, lowest) ? lowest : spec.off;
    lowered[flag] = nearer(spec, current, bound);
  }
  // Each pass can only turn flags off, so it ends after at most one pass per flag.
  for (let settled = false; !settled; ) {
    settled = true;
    for (const [flag, spec] of Object.entries(specs)) {
      if (lackedBy(specs, lowered, flag, spec).length > 0) {
        lowered[flag] = spec.off;
        settled = false;
      }
    }
  }
  return lowered;
}

/** Whether flags are at a floor, or below it: to go down there lowers none of them. */
export function isAtMost(specs: FlagSpecs, flags: Flags, floor: Flags): boolean {
  return sameFlags(specs, lowerTo(specs, flags, floor), flags);
}

/** Flags as a person reads them: `READ true, WRITE false`. */
export function showFlags(flags: Flags): string {
  return Object.entries(flags)
    .map(([flag, value]) => `${flag} ${showValue(value)}`)
    .join(", ");
}

/** A value as a person reads it: `50 %`, `true`, `shadow`. */
export function showValue(value: FlagValue): string {
  return typeof value === "number" ? `${value} %` : String(value);
}

/** The same for people who think of a switch: `on` and `off` for a boolean. */
export function showOnOff(value: FlagValue): string {
  return typeof value === "boolean" ? (value ? "on" : "off") : showValue(value);
}

/** One change as a person reads it. */
export function showChange(change: FlagChange): string {
  return `${change.flag}: ${change.from} → ${change.to}`;
}
