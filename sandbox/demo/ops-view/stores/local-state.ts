import { type Item, inScope, type Kind, type Scope } from "../items";
import type { Batch } from "./store";

/** What one server holds in its own memory: the whole truth before the cutover, afterwards a copy of what it told its clients. */
export class LocalState {
  private readonly items = new Map<string, Item>();
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
}
