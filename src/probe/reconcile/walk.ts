import { kindOf, type Pair } from "./pair";

/**
 * The walk through all keys of both sources, in their order: stretch by stretch, each compared by one sum of hashes a
 * side. A stretch that differs is walked again in shorter steps, down to a list of its keys; the rest is skipped. Pure,
 * and of bounded size: what is open is one place at each length of step, however many rows there are.
 */

/** Rows of a step, at most, at either side; the last one is short enough to be listed. */
export const STEPS = [16_384, 1_024, 64] as const;
/** Rows that are listed at most. A stretch that has grown beyond it since it was measured is walked once more. */
export const LISTED = 4 * STEPS[2];

/** Keys beyond `after`, up to and including `until`. Without an end it goes on as far as there are keys. */
export interface Stretch {
  readonly after?: string | undefined;
  readonly until?: string | undefined;
}

interface Open extends Stretch {
  /** Which of `STEPS`; beyond the last one, its keys are listed. */
  readonly depth: number;
}

export interface Walk {
  /** The innermost last. */
  readonly open: readonly Open[];
  /** Rows that were found to be the same on both sides. */
  readonly matched: number;
}

/** What the walk has to know next. */
export type Ask =
  | { readonly kind: "compare"; readonly stretch: Stretch; readonly step: number }
  | { readonly kind: "list"; readonly stretch: Stretch; readonly limit: number };

/** How many rows a side has in a stretch, and the sum of their hashes. */
interface Digest {
  readonly rows: number;
  readonly sum: string;
}

/** Both sides of as much of a stretch as one step is. */
export interface Compared {
  /** The last key of the step; left out where the stretch ended before it. */
  readonly edge?: string | undefined;
  readonly first: Digest;
  readonly second: Digest;
}

export const BEGINNING: Walk = { open: [{ depth: 0 }], matched: 0 };

/**
 * Undefined once everything has been walked.
 *
 * @param most rows of a step at most, where rows take long
 */
export function nextOf({ open }: Walk, most: number = STEPS[0]): Ask | undefined {
  const last = open.at(-1);
  if (last === undefined) return undefined;
  const { depth, ...stretch } = last;
  const step = STEPS[depth];
  return step === undefined
    ? { kind: "list", stretch, limit: LISTED }
    : { kind: "compare", stretch, step: Math.min(step, most) };
}

/**
 * How many rows the next step may have at most: fewer where this one took a good part of what a statement may, and more
 * again where it did not. Rows may be wide, or come from far.
 *
 * @param most as it was for this step
 * @param share of the time that a statement may take, which this one took; 1 where it was cut off
 * @param rows that it has read
 */
export function pacedBy(most: number, share: number, rows: number): number {
  if (share > 1 / 4) return Math.max(STEPS[2], most >> 2);
  return share < 1 / 32 && 2 * rows >= most ? Math.min(STEPS[0], most << 1) : most;
}

/** The walk after an answer to `compare`. */
export function compared(walk: Walk, { edge, first, second }: Compared): Walk {
  const last = walk.open.at(-1);
  if (last === undefined) return walk;
  const before = walk.open.slice(0, -1);
  const rest = edge === undefined ? [] : [{ ...last, after: edge }];
  if (first.rows === second.rows && first.sum === second.sum)
    return { open: [...before, ...rest], matched: walk.matched + first.rows };
  const within = { after: last.after, until: edge ?? last.until, depth: last.depth + 1 };
  return { open: [...before, ...rest, within], matched: walk.matched };
}

/**
 * The walk after an answer to `list`, with the pairs that differ.
 *
 * @param pairs every key of the stretch; undefined where there were more than were asked for
 */
export function listed(
  walk: Walk,
  pairs: readonly Pair[] | undefined,
): { readonly walk: Walk; readonly found: readonly Pair[] } {
  const last = walk.open.at(-1);
  if (last === undefined) return { walk, found: [] };
  const before = walk.open.slice(0, -1);
  if (pairs === undefined)
    return { walk: { ...walk, open: [...before, { ...last, depth: STEPS.length - 1 }] }, found: [] };
  const found = pairs.filter((pair) => kindOf(pair) !== undefined);
  return { walk: { open: before, matched: walk.matched + pairs.length - found.length }, found };
}
