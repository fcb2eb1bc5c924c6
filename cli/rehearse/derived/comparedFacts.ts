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

/**
 * What the probe and a person do not agree about; undefined where they see the same rows. The probe names a few of each way
 * alone. Pure.
 */
export function differencesSeen(
  said: Said | undefined,
  byHand: readonly Differing[],
  count: readonly Count[],
): string | undefined {
  if (!said) return "the probe says nothing of it";
  for (const way of count) {
    const keys = new Set(byHand.filter((one) => one.way === way).map(({ key }) => key));
    if (said[way] !== keys.size)
      return `the probe counts ${said[way]} ${way}, and by hand there are ${keys.size}`;
    const named = said.samples[way] ?? [];
    const strange = named.filter((key) => !keys.has(key));
    if (strange.length > 0)
      return `the probe names as ${way} what nobody finds by hand: ${strange.join(", ")}`;
    if (keys.size > 0 && named.length === 0) return `the probe names no row that is ${way}`;
  }
  return undefined;
}

/** `missing planted-1, different planted-3`. */
export function waysOf(byHand: readonly Differing[]): string {
  return byHand.map(({ way, key }) => `${way} ${key}`).join(", ");
}
