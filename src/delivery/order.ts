import { type FlagChange, type FlagSpecs, requiredFlag } from "../flags/flags";

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
  const spec = Object.hasOwn(specs, flag) ? specs[flag] : undefined;
  const below = spec?.requires.map(requiredFlag) ?? [];
  return below.length === 0 ? 0 : 1 + Math.max(...below.map((one) => depthOf(specs, one, [...above, flag])));
}

/** Flags that each delivery carries, by its name. */
export type Carried = Readonly<Record<string, readonly string[]>>;

/**
 * The deliveries that have to be done before this one, for its changes. One that carries a flag together with all that the
 * flag requires waits for none: whatever it is given is sound in itself.
 *
 * @param changes of what this delivery's platform holds
 */
export function before(
  specs: FlagSpecs,
  carried: Carried,
  name: string,
  changes: readonly FlagChange[],
): string[] {
  const own = carried[name] ?? [];
  const elsewhere = (flag: string) => (own.includes(flag) ? [] : carriers(carried, flag));
  const waits = changes.flatMap(({ flag, direction }) =>
    (direction === "raise" ? requiredBy(specs, flag) : dependentsOf(specs, flag)).flatMap(elsewhere),
  );
  return [...new Set(waits)].filter((one) => one !== name);
}

/**
 * Deliveries that would wait for each other, in the circle that they form: each carries what another one's flags require.
 * Undefined where there are none. Such a rollout is refused: no order keeps its flags together.
 */
export function circleIn(specs: FlagSpecs, carried: Carried): string[] | undefined {
  const up = (name: string) =>
    before(
      specs,
      carried,
      name,
      (carried[name] ?? []).map((flag) => ({ flag, from: false, to: true, direction: "raise" as const })),
    );
  const walk = (name: string, path: readonly string[]): string[] | undefined => {
    const at = path.indexOf(name);
    if (at >= 0) return path.slice(at);
    for (const next of up(name)) {
      const found = walk(next, [...path, name]);
      if (found) return found;
    }
    return undefined;
  };
  for (const name of Object.keys(carried)) {
    const found = walk(name, []);
    if (found) return found;
  }
  return undefined;
}

const carriers = (carried: Carried, flag: string) =>
  Object.entries(carried).flatMap(([name, flags]) => (flags.includes(flag) ? [name] : []));

const requiredBy = (specs: FlagSpecs, flag: string) =>
  (Object.hasOwn(specs, flag) ? specs[flag] : undefined)?.requires.map(requiredFlag) ?? [];

const dependentsOf = (specs: FlagSpecs, flag: string) =>
  Object.keys(specs).filter((one) => requiredBy(specs, one).includes(flag));
