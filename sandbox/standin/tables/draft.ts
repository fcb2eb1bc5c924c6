import type { Cell } from "./cell";
import type { Asked } from "./fixed";
import type { Column, Item } from "./sql";
import type { Type } from "./typeNames";

/** What one condition asks of one column. */
export interface Atom {
  readonly column: Column;
  /** What would do, best first. */
  readonly suggested: readonly Cell[];
  holds(cell: Cell): boolean;
}

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

export interface Deriving extends Asked {
  typeOf(column: Column): Type;
}
