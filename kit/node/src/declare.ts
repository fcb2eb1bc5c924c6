/** What a document may hold for a flag: a boolean, a percentage from 0 to 100 (decimals are possible), or a state's name. */
export type FlagValue = boolean | number | string;

/**
 * A flag that another one needs: away from its `off` at all; or, for a percentage, at least so many points away; or at a
 * state, or beyond it.
 */
export type Requirement = string | { readonly flag: string; readonly atLeast: number | string };

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

/** A flag that goes through states, the same one for everybody. */
export interface StatesFlag {
  readonly type: "states";
  /** Their names, in their order: as the rollout has them. */
  readonly states: readonly string[];
  /** The one that is always safe to go back to. Default: the first. */
  readonly off?: string;
  /** Flags without which this one is never away from its `off`, for the same user. */
  readonly requires?: readonly Requirement[];
}

export type Flag = BooleanFlag | PercentageFlag | StatesFlag;

/** The flags that an app reads, by the names that they have in the document. */
export type Declarations = Readonly<Record<string, Flag>>;

/** The values of declared flags. */
export type Values<D extends Declarations = Declarations> = {
  readonly [Flag in keyof D & string]: D[Flag] extends { readonly type: "boolean" }
    ? boolean
    : D[Flag] extends { readonly type: "states" }
      ? D[Flag]["states"][number]
      : number;
};

/** The value of a flag that is safe to go back to. */
export function offOf(flag: Flag): FlagValue {
  if (flag.type === "states") return flag.off ?? (flag.states[0] as string);
  return flag.off ?? (flag.type === "boolean" ? false : 0);
}

/**
 * Where a value stands, seen from `off`: 0 where it is off; 1 for a boolean that is on; points for a percentage, to three
 * decimals; for a state, how many there are up to it, and below 0 on the side of those before `off`.
 */
export function distance(flag: Flag, value: FlagValue): number {
  const off = offOf(flag);
  if (typeof value === "number" && typeof off === "number")
    return Math.round(Math.abs(value - off) * 1_000) / 1_000;
  if (flag.type === "states") return flag.states.indexOf(String(value)) - flag.states.indexOf(String(off));
  return value === off ? 0 : 1;
}

/** The flag that a requirement names, and how far from `off` it has to be; any distance counts without `atLeast`. */
export function needed(
  requirement: Requirement,
): Exclude<Requirement, string> | { readonly flag: string; readonly atLeast?: undefined } {
  return typeof requirement === "string" ? { flag: requirement } : requirement;
}

/** Whether a requirement is met by these values. */
export function isMet(declared: Declarations, values: Record<string, FlagValue>, one: Requirement): boolean {
  const { flag, atLeast } = needed(one);
  const required = declared[flag];
  if (required === undefined) return false;
  const far = distance(required, values[flag] ?? offOf(required));
  if (atLeast === undefined) return far !== 0;
  const wanted = typeof atLeast === "number" ? atLeast : distance(required, atLeast);
  // What lies on the other side of off is none of what was asked for.
  return far * wanted > 0 && Math.abs(far) >= Math.abs(wanted);
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

function mistakesOf(declared: Declarations, name: string, flag: Flag): string[] {
  const { type, off } = flag;
  if (type !== "boolean" && type !== "percentage" && type !== "states")
    return [`${name}.type must be "boolean", "percentage" or "states"`];
  if (type === "states" && !areStates(flag.states))
    return [`${name}.states must be two names or more, each once`];
  const wrong: string[] = [];
  if (name === RESERVED) wrong.push(`${RESERVED} is no name for a flag: the document keeps it for itself`);
  if (type === "boolean" && off !== undefined && typeof off !== "boolean")
    wrong.push(`${name}.off must be true or false`);
  if (type === "percentage" && off !== undefined && off !== 0 && off !== 100)
    wrong.push(`${name}.off must be 0 or 100`);
  if (type === "states" && off !== undefined && !flag.states.includes(off))
    wrong.push(`${name}.off must be one of its states`);
  for (const one of flag.requires ?? []) {
    const { flag: required, atLeast } = needed(one);
    if (!Object.hasOwn(declared, required))
      wrong.push(`${name}.requires names ${required}, which is not declared; declare it beside ${name}`);
    else if (atLeast !== undefined)
      wrong.push(...unmeetable(name, declared[required] as Flag, required, atLeast));
  }
  return wrong;
}

function unmeetable(name: string, required: Flag, called: string, atLeast: number | string): string[] {
  if (required.type === "boolean")
    return [`${name}.requires asks ${called} for atLeast, which only a percentage and states have`];
  if (required.type === "states")
    return !areStates(required.states) ||
      (required.states.includes(String(atLeast)) && atLeast !== offOf(required))
      ? []
      : [`${name}.requires: atLeast must be a state of ${called} that is not its off`];
  return Number(atLeast) > 0 && Number(atLeast) <= 100
    ? []
    : [`${name}.requires: atLeast must be above 0, and 100 at most`];
}

function areStates(states: unknown): boolean {
  return (
    Array.isArray(states) &&
    states.length > 1 &&
    states.every((one) => typeof one === "string" && one !== "") &&
    new Set(states).size === states.length
  );
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
