import type { Reconciled } from "../../../src/probe/reconcile/reconciler";
import type { Count } from "../../../src/rollout/config/reconcile";

/** A row that two sources do not agree about, as a person finds it by hand. */
export interface Differing {
  readonly key: string;
  readonly way: Count;
}

type Said = Pick<Reconciled, Count | "samples">;

/** How many rows differ as far as they count. */
export function countedIn(said: Pick<Reconciled, Count> | undefined, count: readonly Count[]): number {
  return said ? count.reduce((sum, one) => sum + said[one], 0) : 0;
}

/** What a person finds right before and right after the probe looked: rows come and go while an app is slow. */
export interface ByHand {
  readonly before: readonly Differing[];
  readonly after: readonly Differing[];
}

/**
 * What the probe and a person do not agree about; undefined where they see the same rows: at least those that were there
 * before and after it looked, and at most those that were there at either time. The probe names a few of each way alone. Pure.
 */
export function differencesSeen(
  said: Said | undefined,
  { before, after }: ByHand,
  count: readonly Count[],
): string | undefined {
  if (!said) return "the probe says nothing of it";
  for (const way of count) {
    const keysOf = (found: readonly Differing[]) =>
      new Set(found.filter((one) => one.way === way).map(({ key }) => key));
    const [then, now] = [keysOf(before), keysOf(after)];
    const all = new Set([...then, ...now]);
    const least = [...then].filter((key) => now.has(key)).length;
    if (said[way] < least || said[way] > all.size)
      return `the probe counts ${said[way]} ${way}, and by hand there are ${least === all.size ? least : `${least} to ${all.size}`}`;
    const named = said.samples[way] ?? [];
    const strange = named.filter((key) => !all.has(key));
    if (strange.length > 0)
      return `the probe names as ${way} what nobody finds by hand: ${strange.join(", ")}`;
    if (least > 0 && named.length === 0) return `the probe names no row that is ${way}`;
  }
  return undefined;
}

/** So many are named: a rollout's own fault may leave hundreds. */
const NAMED = 5;

/** `missing planted-1, different planted-3`; of many, the first and how many more there are. */
export function showDiffering(byHand: readonly Differing[]): string {
  const named = byHand.slice(0, NAMED).map(({ way, key }) => `${way} ${key}`);
  const more = byHand.length - named.length;
  return [...named, ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
}
