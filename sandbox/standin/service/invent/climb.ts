import { chance } from "./chance";

/** How good a try is: whether all holds, and if not, how near it is. Higher is nearer. */
export interface Tried {
  readonly holds: boolean;
  readonly score: number;
  /** Where not all can hold: whether it would do. */
  readonly willDo?: boolean | undefined;
  /** How many options each place had that came up. */
  readonly options: ReadonlyMap<string, number>;
}

/** More tries than these find nothing either, as far as was ever seen. */
const MOST_TRIES = 3_000;
const RESTARTS = 10;
/** How many pairs of moves are tried. */
const PAIRS = 800;

/**
 * Looks for choices of which all holds: from the likeliest ones, always to the best neighbour; then to pairs of
 * neighbours, then from other starts. The same question has the same answer every time. Where none was found it is the best
 * one that will do, if any.
 */
export function climb<T extends Tried>(
  attempt: (choices: ReadonlyMap<string, number>) => T,
  most = MOST_TRIES,
): T | undefined {
  const random = chance(20_260_117);
  let left = most;
  let kept: T | undefined;
  const look = (choices: ReadonlyMap<string, number>) => {
    left--;
    const tried = attempt(choices);
    if (tried.willDo && tried.score > (kept?.score ?? Number.NEGATIVE_INFINITY)) kept = tried;
    return tried;
  };
  let start: Map<string, number> = new Map();
  for (let begun = 0; begun <= RESTARTS && left > 0; begun++) {
    let [at, best] = [start, look(start)];
    while (!best.holds && left > 0) {
      const next = neighbour(at, best, look, () => left) ?? pair(at, best, look, random, () => left);
      if (!next) break;
      [at, best] = next;
    }
    if (best.holds) return best;
    start = new Map([...best.options].map(([key, count]) => [key, skewed(random, count)]));
  }
  return kept;
}

type Step<T> = [Map<string, number>, T];

/** Places that are changed together, and how many options they have. */
interface Move {
  readonly keys: readonly string[];
  readonly count: number;
}

/** Every place by itself, and every place together with those of its list's other items. */
function movesOf(options: ReadonlyMap<string, number>): Move[] {
  const lists = new Map<string, Move>();
  for (const [key, count] of options) {
    const pattern = key.replaceAll(/\[\d+\]|\.\*\d+/g, "[]");
    const known = lists.get(pattern)?.keys ?? [];
    lists.set(pattern, { keys: [...known, key], count });
  }
  const alone = [...options].map(([key, count]): Move => ({ keys: [key], count }));
  return [...alone, ...[...lists.values()].filter(({ keys }) => keys.length > 1)].filter(
    ({ count }) => count > 1,
  );
}

function moved(at: ReadonlyMap<string, number>, { keys }: Move, option: number): Map<string, number> {
  const choices = new Map(at);
  for (const key of keys) choices.set(key, option);
  return choices;
}

/** The best of all choices that differ by one move, where it is better. */
function neighbour<T extends Tried>(
  at: Map<string, number>,
  best: T,
  look: (choices: Map<string, number>) => T,
  left: () => number,
): Step<T> | undefined {
  let found: Step<T> | undefined;
  for (const move of movesOf(best.options)) {
    for (let option = 0; option < move.count && left() > 0; option++) {
      if (move.keys.every((key) => option === (at.get(key) ?? 0))) continue;
      const choices = moved(at, move, option);
      const tried = look(choices);
      if (tried.holds) return [choices, tried];
      if (tried.score > (found?.[1].score ?? best.score)) found = [choices, tried];
    }
  }
  return found;
}

/** The first better one of some that differ by two moves. */
function pair<T extends Tried>(
  at: Map<string, number>,
  best: T,
  look: (choices: Map<string, number>) => T,
  random: () => number,
  left: () => number,
): Step<T> | undefined {
  const moves = movesOf(best.options);
  if (moves.length < 2) return undefined;
  for (let tries = 0; tries < PAIRS && left() > 0; tries++) {
    let choices = at;
    for (let changed = 0; changed < 2; changed++) {
      const move = moves[Math.floor(random() * moves.length)];
      if (move) choices = moved(choices, move, skewed(random, move.count));
    }
    const tried = look(choices);
    if (tried.holds || tried.score > best.score) return [choices, tried];
  }
  return undefined;
}

/** One of so many, the likelier ones more often. */
const skewed = (random: () => number, count: number) => Math.floor(random() ** 2 * count);
