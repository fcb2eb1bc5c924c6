/** A flag's value: a boolean, or a percentage from 0 to 100. */
export type FlagValue = boolean | number;

/** Flag values by the flags' own names, as servers read them. */
export type Flags = Readonly<Record<string, FlagValue>>;

/** A flag that another one needs: on at all, or, for a percentage, at least so many points away from its `off`. */
export type Requirement = string | { readonly flag: string; readonly atLeast: number };

/** What a rollout declares about one flag. */
export interface FlagSpec {
  readonly kind: "boolean" | "percentage";
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

/**
 * How far a value is from `off`: 0 when off; 1 for a boolean that is on; 0–100 for a percentage.
 * Every comparison between flag values goes through this, so that an inverted flag (`off: true`) needs no
 * special case anywhere.
 */
export function rank(spec: FlagSpec, value: FlagValue): number {
  if (typeof value === "number" && typeof spec.off === "number") return Math.abs(value - spec.off);
  return value === spec.off ? 0 : 1;
}

/** The flag that a requirement names. */
export function requiredFlag(requirement: Requirement): string {
  return typeof requirement === "string" ? requirement : requirement.flag;
}

/** The rank that the required flag must have at least. */
export function requiredRank(requirement: Requirement): number {
  return typeof requirement === "string" ? 1 : requirement.atLeast;
}

/** The value of a percentage that is so many points away from its `off`. */
export function valueAtRank(spec: Pick<FlagSpec, "off">, points: number): number {
  return spec.off === 100 ? 100 - points : points;
}

/** True when `value` is one that the flag can take. */
export function fits(spec: FlagSpec, value: unknown): value is FlagValue {
  if (spec.kind === "boolean") return typeof value === "boolean";
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 100;
}

/** Every declared flag at its off value. */
export function allOff(specs: FlagSpecs): Flags {
  return Object.fromEntries(Object.entries(specs).map(([flag, spec]) => [flag, spec.off]));
}

/** What a document says about a flag. A flag may be called `constructor`: what objects inherit is no value. */
function valueIn(flags: Flags, flag: string): FlagValue | undefined {
  return Object.hasOwn(flags, flag) ? flags[flag] : undefined;
}

/** The flags that differ, in the order of their declaration. A flag that a document lacks counts as off. */
export function changes(specs: FlagSpecs, from: Flags, to: Flags): FlagChange[] {
  return Object.entries(specs).flatMap(([flag, spec]): FlagChange[] => {
    const before = valueIn(from, flag) ?? spec.off;
    const after = valueIn(to, flag) ?? spec.off;
    if (before === after) return [];
    return [
      {
        flag,
        from: before,
        to: after,
        // Only what comes nearer to off is a lowering: lowering needs no gate.
        direction: rank(spec, after) < rank(spec, before) ? "lower" : "raise",
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

export function sameFlags(specs: FlagSpecs, a: Flags, b: Flags): boolean {
  return changes(specs, a, b).length === 0;
}

/** A flag that is on while one that it requires is not on far enough, as a sentence. Empty when the document is sound. */
export function brokenRequirements(specs: FlagSpecs, flags: Flags): string[] {
  return Object.entries(specs).flatMap(([flag, spec]) =>
    rankIn(specs, flags, flag) > 0
      ? spec.requires
          .filter((requirement) => !isMet(specs, flags, requirement))
          .map((requirement) => `${flag} is on but requires ${shortfall(specs, flags, requirement)}`)
      : [],
  );
}

/** How far a flag of a document is from off; 0 for one that nobody declared. */
function rankIn(specs: FlagSpecs, flags: Flags, flag: string): number {
  const spec = Object.hasOwn(specs, flag) ? specs[flag] : undefined;
  return spec === undefined ? 0 : rank(spec, valueIn(flags, flag) ?? spec.off);
}

function isMet(specs: FlagSpecs, flags: Flags, requirement: Requirement): boolean {
  // Of a broken document the rank may be NaN, which meets nothing.
  return rankIn(specs, flags, requiredFlag(requirement)) >= requiredRank(requirement);
}

/** `READ, which is off`, or `PERCENT at 100, which is at 50`. */
function shortfall(specs: FlagSpecs, flags: Flags, requirement: Requirement): string {
  const flag = requiredFlag(requirement);
  const spec = Object.hasOwn(specs, flag) ? specs[flag] : undefined;
  if (typeof requirement === "string" || spec === undefined) return `${flag}, which is off`;
  const [wanted, now] = [valueAtRank(spec, requirement.atLeast), valueIn(flags, flag) ?? spec.off];
  return `${flag} at ${wanted} %, which is at ${now} %`;
}

/**
 * `min(live, floor)` flag by flag: what an abort deploys. Never raises a flag, whatever is live. A flag whose
 * requirement ends up off goes off too, so that even a document that someone broke by hand comes out sound.
 */
export function lowerTo(specs: FlagSpecs, live: Flags, floor: Flags): Flags {
  const lowered: Record<string, FlagValue> = {};
  for (const [flag, spec] of Object.entries(specs)) {
    const [now, least] = [valueIn(live, flag), valueIn(floor, flag)];
    const current = fits(spec, now) ? now : spec.off;
    const bound = fits(spec, least) ? least : spec.off;
    lowered[flag] = rank(spec, current) <= rank(spec, bound) ? current : bound;
  }
  // Each pass can only turn flags off, so it ends after at most one pass per flag.
  for (let settled = false; !settled; ) {
    settled = true;
    for (const [flag, spec] of Object.entries(specs)) {
      const unmet = spec.requires.some((requirement) => !isMet(specs, lowered, requirement));
      if (unmet && rank(spec, valueIn(lowered, flag) ?? spec.off) > 0) {
        lowered[flag] = spec.off;
        settled = false;
      }
    }
  }
  return lowered;
}

/** Flags as a person reads them: `READ true, WRITE false`. */
export function showFlags(flags: Flags): string {
  return Object.entries(flags)
    .map(([flag, value]) => `${flag} ${typeof value === "number" ? `${value} %` : value}`)
    .join(", ");
}

/** One change as a person reads it. */
export function showChange(change: FlagChange): string {
  return `${change.flag}: ${change.from} → ${change.to}`;
}
