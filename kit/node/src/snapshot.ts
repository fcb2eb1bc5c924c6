import { isAmong, PLACES, placeOf } from "./bucket";
import { type Declarations, type Flag, type FlagValue, needed, offOf, type Values } from "./declare";

/**
 * What a user is known by. Without one, a flag with a percentage is off until it is on for everybody. Headers, cookies and
 * databases answer null where they have none.
 */
export type Key = string | number | null | undefined;

/** How a flag was last asked for. */
export interface Use {
  /** The version of the document by which it was answered. */
  readonly version: string | null;
  /** How often it was asked for with that version, by this process. */
  count: number;
  /** When it was last asked for, in ms since the epoch. */
  at: number;
  /** What was last answered. */
  last: FlagValue | undefined;
}

interface Entry extends Use {
  readonly flag: Flag;
  readonly value: FlagValue;
  readonly off: FlagValue;
  readonly salt: string;
  readonly requires: Entry[];
  /** What is answered to everybody; undefined where it depends on who asks. */
  fixed: boolean | undefined;
}

/**
 * The flags of one document. A request takes it once and keeps it to its end: a flip in the middle would give it the
 * reads of one stage and the writes of the next.
 */
export class Snapshot<D extends Declarations = Declarations> {
  private readonly entries: ReadonlyMap<string, Entry>;

  /**
   * @param values sound by the declarations: no flag is on without what it requires
   * @param version of the document; null where there was none yet
   */
  constructor(
    declared: D,
    readonly values: Values<D>,
    readonly version: string | null,
  ) {
    this.entries = entriesOf(declared, values, version);
  }

  /**
   * Whether a flag is on for a user. A boolean is what the document says; a percentage is on for whoever is among it;
   * states are on when they are not at `off`.
   * Never away from `off` where a flag that it requires is off for the same user.
   *
   * @param key what the user is known by; booleans that require no percentage do without
   * @throws TypeError where the flag is not declared
   */
  isOn(flag: keyof D & string, key?: Key): boolean {
    const entry = this.entries.get(flag) ?? undeclared(flag);
    const on = entry.fixed ?? isRaised(entry, key) !== isInverted(entry);
    entry.count += 1;
    entry.at = Date.now();
    entry.last = on;
    return on;
  }

  /**
   * The percentage of a flag, as the document says it. Who is among it, `isOn` knows.
   *
   * @throws TypeError where the flag is not declared as a percentage
   */
  percentage(flag: keyof D & string): number {
    const entry = this.entries.get(flag) ?? undeclared(flag);
    if (typeof entry.value !== "number") throw new TypeError(`The flag ${flag} has no percentage`);
    entry.count += 1;
    entry.at = Date.now();
    entry.last = entry.value;
    return entry.value;
  }

  /**
   * The state of a flag. It is `off` where a flag that it requires is off for the same user.
   *
   * @param key what the user is known by; flags that require no percentage do without
   * @throws TypeError where the flag is not declared with states
   */
  state<F extends keyof D & string>(flag: F, key?: Key): Extract<Values<D>[F], string> {
    const entry = this.entries.get(flag) ?? undeclared(flag);
    if (entry.flag.type !== "states") throw new TypeError(`The flag ${flag} has no states`);
    entry.count += 1;
    entry.at = Date.now();
    entry.last = isRaised(entry, key) ? entry.value : entry.off;
    return entry.last as Extract<Values<D>[F], string>;
  }

  /** How a flag was asked for since this document came; undefined where nobody did. */
  useOf(flag: keyof D & string): Use | undefined {
    const entry = this.entries.get(flag);
    return entry && entry.count > 0 ? entry : undefined;
  }
}

function undeclared(flag: string): never {
  throw new TypeError(`The flag ${flag} is not declared; name it under flags where they are opened`);
}

function entriesOf(
  declared: Declarations,
  values: Readonly<Record<string, FlagValue>>,
  version: string | null,
) {
  const entries = new Map<string, Entry>();
  for (const [name, flag] of Object.entries(declared)) {
    const salt = (flag.type === "percentage" ? flag.salt : undefined) ?? name;
    const [off, value] = [offOf(flag), values[name] ?? offOf(flag)];
    const unused = { count: 0, at: 0, last: undefined, fixed: undefined };
    entries.set(name, { flag, value, off, salt, requires: [], version, ...unused });
  }
  for (const entry of entries.values())
    for (const one of entry.flag.requires ?? []) {
      const required = entries.get(needed(one).flag);
      if (required) entry.requires.push(required);
    }
  for (const entry of entries.values())
    if (isForAll(entry)) entry.fixed = isRaised(entry, undefined) !== isInverted(entry);
  return entries;
}

/** Whether everybody is answered the same. */
function isForAll({ value, off, requires }: Entry): boolean {
  const alike = typeof value !== "number" || value === 0 || value === 100;
  return alike && (value === off || requires.every(isForAll));
}

/** Whether a flag is away from its `off` for a user. */
function isRaised(entry: Entry, key: Key): boolean {
  const { value, off } = entry;
  if (value === off) return false;
  if (typeof value === "number") {
    // Whoever is not known moves last, in either direction.
    const last = off === 0 ? PLACES - 1 : 0;
    const known = key !== undefined && key !== null && key !== "";
    const place = known ? placeOf(entry.salt, String(key)) : last;
    if (isAmong(place, value) === (off === 100)) return false;
  }
  return entry.requires.every((required) => isRaised(required, key));
}

function isInverted({ off }: Entry): boolean {
  return off === true || off === 100;
}
