import { type FlagChange, type FlagSpecs, requiredFlag } from "../flags/flags";
import type { Carries } from "./variables";

/**
 * The flags of a change in the order in which a platform that takes them one by one is given them. What goes down goes
 * first, dependents before what they require; then what goes up, the required ones first. So at no time is a flag on
 * whose requirement is off, as long as it is in neither document.
 */
export function inOrder(specs: FlagSpecs, changes: readonly FlagChange[]): string[] {
  const by = (direction: FlagChange["direction"], sign: 1 | -1) =>
    changes
      .filter((change) => change.direction === direction)
      .map(({ flag }) => flag)
      .toSorted((a, b) => sign * (depthOf(specs, a) - depthOf(specs, b)));
  return [...by("lower", -1), ...by("raise", 1)];
}

/** How many flags stand below this one, at most, each required by the next; 0 for one that requires none. */
function depthOf(specs: FlagSpecs, flag: string, above: readonly string[] = []): number {
  // Requirements in a circle are refused when config is loaded; the ledger's own list may still have one.
  if (above.includes(flag)) return 0;
  const below = requiredBy(specs, flag);
  return below.length === 0 ? 0 : 1 + Math.max(...below.map((one) => depthOf(specs, one, [...above, flag])));
}

/** Flags that each delivery carries, by its name. */
export type Carried = Readonly<Record<string, readonly string[]>>;

/** The flags that each delivery carries. */
export function carriedBy(specs: FlagSpecs, deliveries: Readonly<Record<string, Carries>>): Carried {
  const all = Object.keys(specs);
  return Object.fromEntries(Object.entries(deliveries).map(([name, { flags }]) => [name, flags ?? all]));
}

/**
 * The deliveries that have to be done before this one, for its changes. On the way up, one that carries a flag together with
 * all that the flag requires waits for none: whatever it is given is sound in itself. On the way down, one that carries what
 * a flag requires waits for those that have the flag and not all of its own: with them it would be on alone.
 *
 * @param changes of what this delivery's platform holds
 */
export function before(
  specs: FlagSpecs,
  carried: Carried,
  name: string,
  changes: readonly FlagChange[],
): string[] {
  const has = (one: string, flag: string) => carried[one]?.includes(flag) === true;
  const waits = changes.flatMap(({ flag, direction }) =>
    direction === "raise"
      ? requiredBy(specs, flag).flatMap((required) =>
          has(name, required) ? [] : carriers(carried, required),
        )
      : dependentsOf(specs, flag).flatMap((dependent) =>
          carriers(carried, dependent).filter((one) => !has(name, dependent) || !has(one, flag)),
        ),
  );
  return [...new Set(waits)].filter((one) => one !== name);
}

/** The deliveries that have to be done before this one where all that it carries goes up, or comes down, at once. */
export function aheadOf(
  specs: FlagSpecs,
  carried: Carried,
  name: string,
  direction: FlagChange["direction"],
): string[] {
  const up = direction === "raise";
  const all = (carried[name] ?? []).map((flag) => ({ flag, from: !up, to: up, direction }));
  return before(specs, carried, name, all);
}

/**
 * Deliveries that would wait for each other on the way up, or on the way down, in the circle that they form. Undefined where
 * there are none. Such a rollout is refused: no order keeps its flags together.
 */
export function circleIn(specs: FlagSpecs, carried: Carried): string[] | undefined {
  return firstOf(["raise", "lower"] as const, (direction) =>
    circleOf(carried, (name) => aheadOf(specs, carried, name, direction)),
  );
}

/** The same for the changes of one step, which raises some flags and lowers others. */
export function circleInStep(
  specs: FlagSpecs,
  carried: Carried,
  changes: readonly FlagChange[],
): string[] | undefined {
  return circleOf(carried, (name) => {
    const own = changes.filter(({ flag }) => carried[name]?.includes(flag));
    return before(specs, carried, name, own);
  });
}

function circleOf(carried: Carried, waitsFor: (name: string) => readonly string[]): string[] | undefined {
  const walk = (name: string, path: readonly string[]): string[] | undefined => {
    const at = path.indexOf(name);
    if (at >= 0) return path.slice(at);
    return firstOf(waitsFor(name), (one) => walk(one, [...path, name]));
  };
  return firstOf(Object.keys(carried), (name) => walk(name, []));
}

/** The first answer that there is. */
function firstOf<N extends string, T>(names: readonly N[], ask: (name: N) => T | undefined): T | undefined {
  for (const name of names) {
    const answer = ask(name);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

const carriers = (carried: Carried, flag: string) =>
  Object.entries(carried).flatMap(([name, flags]) => (flags.includes(flag) ? [name] : []));

const requiredBy = (specs: FlagSpecs, flag: string) =>
  (Object.hasOwn(specs, flag) ? specs[flag] : undefined)?.requires.map(requiredFlag) ?? [];

const dependentsOf = (specs: FlagSpecs, flag: string) =>
  Object.keys(specs).filter((one) => requiredBy(specs, one).includes(flag));
