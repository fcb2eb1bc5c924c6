import { type Item, inScope, type Kind, type Scope } from "../items";
import type { Batch } from "./store";

/** Acknowledgements kept for reconciliation. Bounds memory; the oldest were checked many times over. */
const MAX_ACKNOWLEDGED = 5_000;

/**
 * What one server holds in its own memory: the whole truth before the cutover, and afterwards a copy of
 * what it told its clients, which the reconciler holds against the database.
 */
export class LocalState {
  private readonly items = new Map<string, Item>();
  private readonly acknowledged = new Map<string, Item>();
  readonly batches = new Map<string, Batch>();

  constructor(known: readonly Item[]) {
    for (const item of known) this.items.set(item.id, item);
  }

  find(kind: Kind, id: string): Item | undefined {
    const item = this.items.get(id);
    return item?.kind === kind ? item : undefined;
  }

  list(kind: Kind, scope: Scope): Item[] {
    return [...this.items.values()].filter((item) => item.kind === kind && inScope(scope, item));
  }

  /** Keeps the newer one: answers of two concurrent changes may arrive in either order. */
  put(item: Item): void {
    const held = this.items.get(item.id);
    if (!held || held.version <= item.version) this.items.set(item.id, item);
  }

  /** A client was told that the database holds this item. */
  acknowledge(item: Item): void {
    this.put(item);
    const held = this.acknowledged.get(item.id);
    if (held && held.version > item.version) return;
    this.acknowledged.delete(item.id);
    this.acknowledged.set(item.id, item);
    const oldest = this.acknowledged.keys().next().value;
    if (this.acknowledged.size > MAX_ACKNOWLEDGED && oldest !== undefined) this.acknowledged.delete(oldest);
  }

  get acknowledgedItems(): Item[] {
    return [...this.acknowledged.values()];
  }

  isAcknowledged(item: Item): boolean {
    return this.acknowledged.get(item.id) === item;
  }

  /** Writes go to memory from here on; nothing is promised of the database any more. */
  forgetAcknowledged(): void {
    this.acknowledged.clear();
  }
}
