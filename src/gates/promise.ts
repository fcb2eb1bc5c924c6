import { milliseconds } from "../text/duration";

/** How long a way back may take, by the row that says so. */
export interface Promised {
  /** The row's id, such as R1. */
  readonly row: string;
  /** As config writes it. */
  readonly within: string;
}

/** Rows of `rollback:`, as far as they say how far flags go down and how long that may take. */
export type WaysBack = Readonly<
  Record<string, { readonly to?: string | undefined; readonly within?: string | undefined }>
>;

/**
 * What the plan promises of bringing flags down: the row of that very way, or else of the other one. Undefined where no
 * row says a time.
 *
 * @param to how far down
 */
export function promisedOf(rows: WaysBack, to: string): Promised | undefined {
  const ways = waysIn(rows);
  const found = ways.find(({ way }) => way === to) ?? ways[0];
  return found && { row: found.row, within: found.within };
}

/** The strictest of them: what holds it, holds every row. */
export function shortestOf(rows: WaysBack): Promised | undefined {
  const [found] = waysIn(rows).sort((one, other) => milliseconds(one.within) - milliseconds(other.within));
  return found && { row: found.row, within: found.within };
}

function waysIn(rows: WaysBack): (Promised & { readonly way: string })[] {
  return Object.entries(rows).flatMap(([row, { to: way, within }]) =>
    way === undefined || within === undefined ? [] : [{ row, way, within }],
  );
}
