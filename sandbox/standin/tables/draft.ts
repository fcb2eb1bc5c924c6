import type { Atom } from "./atom";
import type { Column, Item } from "./sql";

/** What rows have to be like for a condition to hold, or not to. */
export interface Draft {
  readonly atoms: readonly Atom[];
  /** Columns that have to be the same. */
  readonly same: readonly (readonly [Column, Column])[];
  /** Items of which there has to be a row. */
  readonly items: readonly Item[];
  /** Items of which there must be none. */
  readonly absent: readonly Item[];
}

/** What asks for nothing. */
export const ANYTHING: Draft = { atoms: [], same: [], items: [], absent: [] };

/** What two drafts ask, at once. */
export function both(one: Draft, two: Draft): Draft {
  return {
    atoms: [...one.atoms, ...two.atoms],
    same: [...one.same, ...two.same],
    items: [...one.items, ...two.items],
    absent: [...one.absent, ...two.absent],
  };
}
