/** What a document may hold for a flag: a boolean, or a percentage from 0 to 100 (decimals are possible). */
export type FlagValue = boolean | number;

/** A flag that another one needs: away from its `off` at all, or, for a percentage, at least so many points away. */
export type Requirement = string | { readonly flag: string; readonly atLeast: number };

/** A flag that is on or off for everybody. */
export interface BooleanFlag {
  readonly type: "boolean";
  /** The value that is always safe to go back to. Default: false. */
  readonly off?: boolean;
  /** Flags without which this one is never away from its `off`, for the same user. */
  readonly requires?: readonly Requirement[];
}

/** A flag that is on for a share of the users: see BUCKETS.md. */
export interface PercentageFlag {
  readonly type: "percentage";
  /** The value that is always safe to go back to. Default: 0. */
  readonly off?: 0 | 100;
  /** Decides which users come first. Default: the flag's name, so that each flag begins with different users. */
  readonly salt?: string;
  /** Flags without which this one is never away from its `off`, for the same user. */
  readonly requires?: readonly Requirement[];
}

/** The flags that an app reads, by the names that they have in the document. */
export type Declarations = Readonly<Record<string, BooleanFlag | PercentageFlag>>;

/** The values of declared flags. */
export type Values<D extends Declarations = Declarations> = {
  readonly [Flag in keyof D & string]: D[Flag] extends { readonly type: "boolean" } ? boolean : number;
};

/** The value of a flag that is safe to go back to. */
export function offOf(flag: BooleanFlag | PercentageFlag): FlagValue {
  return flag.off ?? (flag.type === "boolean" ? false : 0);
}

/** How far a value is from `off`: 0 where it is off, 1 for a boolean that is on, points for a percentage. */
export function distance(flag: BooleanFlag | PercentageFlag, value: FlagValue): number {
  const off = offOf(flag);
  if (typeof value === "number" && typeof off === "number") return Math.abs(value - off);
  return value === off ? 0 : 1;
}

/** The flag that a requirement names, and how far from `off` it has to be; any distance counts without `atLeast`. */
export function needed(requirement: Requirement): { readonly flag: string; readonly atLeast?: number } {
  return typeof requirement === "string" ? { flag: requirement } : requirement;
}

/** Whether a requirement is met by these values. */
export function isMet(declared: Declarations, values: Record<string, FlagValue>, one: Requirement): boolean {
  const { flag, atLeast } = needed(one);
  const required = declared[flag];
  if (required === undefined) return false;
  const far = distance(required, values[flag] ?? offOf(required));
  return atLeast === undefined ? far > 0 : far >= atLeast;
}

/** Every declared flag at its `off`. */
export function allOff<D extends Declarations>(declared: D): Values<D> {
  return Object.fromEntries(
    Object.entries(declared).map(([name, flag]) => [name, offOf(flag)]),
  ) as unknown as Values<D>;
}

/** What is wrong with declarations, a sentence each; empty where nothing is. Pure. */
export function mistakes(declared: Declarations): string[] {
  const wrong = Object.entries(declared).flatMap(([name, flag]) => mistakesOf(declared, name, flag));
  return wrong.length > 0 ? wrong : Object.keys(declared).flatMap((name) => circleFrom(declared, name));
}

function mistakesOf(declared: Declarations, name: string, flag: BooleanFlag | PercentageFlag): string[] {
  const { type, off } = flag;
  if (type !== "boolean" && type !== "percentage") return [`${name}.type must be "boolean" or "percentage"`];
  const wrong: string[] = [];
  if (name === RESERVED) wrong.push(`${RESERVED} is no name for a flag: the document keeps it for itself`);
  if (type === "boolean" && off !== undefined && typeof off !== "boolean")
    wrong.push(`${name}.off must be true or false`);
  if (type === "percentage" && off !== undefined && off !== 0 && off !== 100)
    wrong.push(`${name}.off must be 0 or 100`);
  for (const one of flag.requires ?? []) {
    const { flag: required, atLeast } = needed(one);
    if (!Object.hasOwn(declared, required))
      wrong.push(`${name}.requires names ${required}, which is not declared; declare it beside ${name}`);
    else if (atLeast !== undefined && declared[required]?.type !== "percentage")
      wrong.push(`${name}.requires asks ${required} for atLeast, which only a percentage has`);
    else if (atLeast !== undefined && !(atLeast > 0 && atLeast <= 100))
      wrong.push(`${name}.requires: atLeast must be above 0, and 100 at most`);
  }
  return wrong;
}

/** The key of the document that is no flag. */
export const RESERVED = "_cutover";

function circleFrom(declared: Declarations, start: string): string[] {
  const seen = new Set<string>();
  const reaches = (name: string): boolean =>
    (declared[name]?.requires ?? []).some((one) => {
      const { flag } = needed(one);
      if (flag === start) return true;
      if (seen.has(flag)) return false;
      seen.add(flag);
      return reaches(flag);
    });
  return reaches(start) ? [`${start} requires itself, by way of the flags that it requires`] : [];
}
