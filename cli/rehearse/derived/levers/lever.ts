import type { Row } from "../rehearsedRows";

/** One way to make what rows look at come out badly. */
export interface Lever {
  /** What it moves, in a few words: a proof says so. */
  readonly moves: string;
  can(row: Row): boolean;
  /** The other rows that come out badly with it, by their keys. Left out: none. */
  also?(row: Row): readonly string[];
  pull(row: Row): Promise<void>;
  /** All is well again. */
  release(): Promise<void>;
}
