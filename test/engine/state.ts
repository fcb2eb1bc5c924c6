import type { Evidence } from "../../src/gates/observation";
import type { PromotionRecord } from "../../src/promotion/record";

/** What a stack's state holds, as tests compare it. */

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/**
 * A state that can be compared: a secret is encrypted anew each time that it is written, and where a resource stands in the
 * list says no more than when a run asked for it, the provider's among them.
 */
export function plainState(state: readonly StateResource[]): unknown {
  const sorted = [...state].sort((a, b) => a.urn.localeCompare(b.urn));
  return JSON.parse(JSON.stringify(sorted, (key, value) => (key === "ciphertext" ? "…" : value)));
}

/**
 * What a state holds of the world. An `up` that changes nothing still writes down anew how each resource was
 * declared: its place in the list, options, positions in the source, and a stage's inputs without the promotion
 * that is over.
 */
export function heldBy(state: readonly StateResource[]): unknown {
  // What a run reads of other stacks is there only where it had to be asked.
  const own = state.filter(({ type }) => type !== "pulumi:pulumi:StackReference");
  return plainState(own.map(({ urn, type, id, outputs }) => ({ urn, type, id, outputs }) as StateResource));
}

/** What a stack's state holds of the world, beside the stack itself and what it merely reads. */
export function created(state: readonly StateResource[]): string[] {
  return state
    .filter(({ type }) => !/^pulumi:(pulumi:Stack|pulumi:StackReference|providers:\w+)$/.test(type))
    .map(({ urn }) => urn);
}

/** The evidence that a stage's stack keeps of its promotion. */
export function evidenceIn(state: readonly StateResource[]): Evidence | undefined {
  const stash = state.find(({ urn }) => urn.endsWith("-record"));
  return (stash?.outputs?.output as PromotionRecord | undefined)?.atFlip?.evidence ?? undefined;
}
