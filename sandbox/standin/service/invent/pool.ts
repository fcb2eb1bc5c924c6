import { type Expectation, endsOf } from "../../../../src/gates/expectation";
import type { Kind } from "./shape";

export type Scalar = string | number | boolean;

/** Values that places of a body may take, the likeliest first. */
export interface Pool {
  readonly number: readonly number[];
  readonly string: readonly string[];
  readonly boolean: readonly boolean[];
  /** How many items lists may have. */
  readonly sizes: readonly number[];
}

/** More values than these of one kind say nothing new. */
const MOST = 48;
/** How many kinds of values there are. */
const KINDS = 3;
/** A list is never longer: a gate looks at a value, not at a dump. */
const LONGEST = 1_000;

/**
 * What values there are to choose from.
 *
 * @param said values that expressions and expectations say, the most important ones first
 * @param turn how often no answer was found yet: each time other values come first
 */
export function poolOf(said: readonly Scalar[], expectations: readonly Expectation[], turn = 0): Pool {
  const numbers = said.filter((one) => typeof one === "number");
  const strings = said.filter((one) => typeof one === "string");
  const ends = expectations.flatMap((one) => {
    const { low, high } = endsOf(one);
    return [low, high, (low + high) / 2].filter((end) => Number.isFinite(end) && Math.abs(end) < 1e15);
  });
  const exact = [...numbers, ...ends, ...strings.map(Number).filter(Number.isFinite)];
  const sorted = [...new Set(exact)].sort((a, b) => a - b);
  const between = sorted.slice(1).map((one, index) => (one + (sorted[index] ?? one)) / 2);
  // Each kind has its turn, and then other values of it.
  const again = Math.floor(turn / KINDS);
  const leading = unique([1, ...exact.map((one) => one + 1), ...exact, 2, 100, 0]);
  const number = unique([
    ...turned(leading, again).slice(0, 1),
    1,
    2,
    3,
    0,
    ...exact.flatMap((one) => [one, one + 1, one - 1]),
    ...between,
    ...numbers.flatMap((one) => [one / 2, one * 2, one + 0.5]),
    10,
    100,
    -1,
  ]);
  const pieces = strings.flatMap((one) => one.split(/[\s,;|/:-]+/)).filter((one) => one !== "");
  const joined = strings.slice(0, 5).flatMap((one) => strings.slice(0, 5).map((other) => one + other));
  return {
    number: number.slice(0, MOST),
    string: unique([
      ...turned(["one", "two", "three"], again),
      ...strings.filter((one) => one !== ""),
      ...pieces,
      ...joined,
      ...sorted.map(String),
    ]).slice(0, MOST),
    boolean: [true, false],
    sizes: unique([
      2,
      1,
      3,
      0,
      4,
      ...number
        .flatMap((one) => [Math.floor(one), Math.ceil(one)])
        .filter((one) => one >= 0 && one <= LONGEST),
    ]),
  };
}

/** All values of these kinds; of any kind where none is named. What is held against the place itself comes first. */
export function valuesFor(
  pool: Pool,
  kinds: ReadonlySet<Kind>,
  near: ReadonlySet<Scalar>,
  turn: number,
): readonly Scalar[] {
  const order = turned<Kind>(["number", "string", "boolean"], turn);
  const asked = order.filter((kind) => kinds.has(kind));
  const others = order.filter((kind) => !kinds.has(kind));
  const first = (asked.length > 0 ? asked : order).flatMap((kind) => pool[kind].slice(0, 1) as Scalar[]);
  return unique<Scalar>([
    ...[...near].filter((one) => one !== ""),
    ...first,
    ...[...asked, ...others].flatMap((kind) => pool[kind] as readonly Scalar[]),
  ]);
}

const unique = <T>(all: readonly T[]): T[] => [...new Set(all)];

/** The same in another order: each turn begins with another one. */
function turned<T>(all: readonly T[], turn: number): T[] {
  const by = all.length === 0 ? 0 : turn % all.length;
  return [...all.slice(by), ...all.slice(0, by)];
}
