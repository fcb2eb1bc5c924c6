import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kindOf, type Pair } from "../../../../src/probe/reconcile/pair";
import {
  BEGINNING,
  compared,
  LISTED,
  listed,
  nextOf,
  pacedBy,
  STEPS,
  type Stretch,
  type Walk,
} from "../../../../src/probe/reconcile/walk";

/** A source: the value of each key. Keys are numbers here, in their order. */
type Source = ReadonlyMap<number, number>;
interface Two {
  readonly first: Source;
  readonly second: Source;
}

const inside =
  ({ after, until }: Stretch) =>
  (key: number) =>
    (after === undefined || key > Number(after)) && (until === undefined || key <= Number(until));
const keysOf = (source: Source, stretch: Stretch) =>
  [...source.keys()].filter(inside(stretch)).sort((a, b) => a - b);
const digest = (source: Source, stretch: Stretch) => {
  const keys = keysOf(source, stretch);
  const sum = keys.reduce((all, key) => all + mixed(key, source.get(key) ?? 0), 0n);
  return { rows: keys.length, sum: String(sum) };
};
/** As good a hash as the database's: sums of it are alike for the same rows alone. Source: splitmix64. */
function mixed(key: number, value: number): bigint {
  const word = (of: bigint) => BigInt.asUintN(64, of);
  let x = word(BigInt(key * 4 + value + 1) * 0x9e3779b97f4a7c15n);
  x = word((x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n);
  x = word((x ^ (x >> 27n)) * 0x94d049bb133111ebn);
  return x ^ (x >> 31n);
}

/** Walks to the end over what `look` yields at each step, and says what was found and read. */
function walkOver(look: (step: number) => Two, mostSteps = 10_000) {
  const found = new Map<string, Pair>();
  let walk: Walk = BEGINNING;
  let [steps, widest, most] = [0, 0, 0];
  for (let ask = nextOf(walk); ask; ask = nextOf(walk)) {
    const { first, second } = look(steps++);
    if (steps > mostSteps) throw new Error("does not end");
    widest = Math.max(widest, walk.open.length);
    if (ask.kind === "list") {
      const keys = [...new Set([...keysOf(first, ask.stretch), ...keysOf(second, ask.stretch)])];
      const mark = (source: Source, key: number) =>
        source.has(key) ? { hash: String(source.get(key)), changed: "" } : undefined;
      const pairs = keys.map((key) => ({
        key: String(key),
        first: mark(first, key),
        second: mark(second, key),
      }));
      const answer = listed(walk, pairs.length > ask.limit ? undefined : pairs);
      for (const pair of answer.found) found.set(pair.key, pair);
      most = Math.max(most, pairs.length > ask.limit ? 0 : pairs.length);
      walk = answer.walk;
      continue;
    }
    const ends = [first, second].flatMap((source) => keysOf(source, ask.stretch)[ask.step - 1] ?? []);
    const edge = ends.length > 0 ? String(Math.min(...ends)) : undefined;
    const stretch = { after: ask.stretch.after, until: edge ?? ask.stretch.until };
    walk = compared(walk, { edge, first: digest(first, stretch), second: digest(second, stretch) });
  }
  return { found, steps, widest, most, matched: walk.matched };
}

const source = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 3 })), {
    selector: ([key]) => key,
    maxLength: 300,
  })
  .map((rows): Source => new Map(rows));

const differing = ({ first, second }: Two) =>
  [...new Set([...first.keys(), ...second.keys()])]
    .filter((key) => first.get(key) !== second.get(key))
    .map(String)
    .sort();

describe("a walk", () => {
  test("finds every difference, and no other, whatever the sources hold", () => {
    fc.assert(
      fc.property(source, source, (first, second) => {
        const two = { first, second };
        const { found, matched } = walkOver(() => two);
        expect([...found.keys()].sort()).toEqual(differing(two));
        const same = [...first].filter(([key, value]) => second.get(key) === value).length;
        expect(matched).toBe(same);
      }),
    );
  });

  test("finds a few among many by reading few", () => {
    const rows = 40_000;
    const first = new Map(Array.from({ length: rows }, (_, key) => [key, 0]));
    const second = new Map(first);
    second.delete(0);
    second.set(20_000, 1);
    second.set(rows + 5, 0);
    const { found, steps, widest } = walkOver(() => ({ first, second }));
    expect([...found.values()].map((pair) => [pair.key, kindOf(pair)])).toEqual([
      ["0", "missing"],
      ["20000", "different"],
      [String(rows + 5), "extra"],
    ]);
    // Three ways down, and three strides over the rest.
    expect(steps).toBeLessThan(3 * (STEPS[0] / STEPS[1] + STEPS[1] / STEPS[2] + 3) + 5);
    expect(widest).toBeLessThanOrEqual(STEPS.length + 1);
  });

  test("of the same finds nothing, in as many steps as there are strides", () => {
    const first = new Map(Array.from({ length: 3 * STEPS[0] }, (_, key) => [key, 0]));
    const { found, steps, matched } = walkOver(() => ({ first, second: first }));
    expect([found.size, matched]).toEqual([0, 3 * STEPS[0]]);
    expect(steps).toBe(4);
  });

  test("finds what differs all along, and ends, whatever is written meanwhile", () => {
    const change = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(source, source, fc.array(change, { maxLength: 60 }), (first, second, changes) => {
        const [a, b] = [new Map(first), new Map(second)];
        const touched = new Set<string>();
        const { found } = walkOver((step) => {
          const [atFirst, key, value] = changes[step] ?? [];
          if (key !== undefined && value !== undefined) {
            touched.add(String(key));
            const side = atFirst ? a : b;
            if (value === 0) side.delete(key);
            else side.set(key, value);
          }
          return { first: a, second: b };
        });
        const rested = differing({ first, second }).filter((key) => !touched.has(key));
        expect([...found.keys()].filter((key) => !touched.has(key)).sort()).toEqual(rested);
      }),
    );
  });

  test("lists no more than it may, where a stretch has grown since it was measured", () => {
    const few: Source = new Map([[1, 0]]);
    const many: Source = new Map(Array.from({ length: 20 * LISTED }, (_, key) => [key, 1]));
    // Measured while there is one row, listed when there are thousands.
    const { found, most } = walkOver((step) =>
      step < 3 ? { first: few, second: new Map() } : { first: many, second: few },
    );
    expect(found.size).toBe(many.size);
    expect(most).toBeLessThanOrEqual(LISTED);
  });
});

test.each([
  ["fewer rows where a statement was cut off", 16_384, 1, 0, 4_096],
  ["fewer where it nearly was", 4_096, 0.6, 4_096, 1_024],
  ["never fewer than are listed at once", 64, 1, 64, 64],
  ["as many where it took some time", 1_024, 0.1, 1_024, 1_024],
  ["more again where it took none", 1_024, 0.01, 1_024, 2_048],
  ["no more because a short stretch took none", 1_024, 0.01, 100, 1_024],
  ["never more than are walked at once", 16_384, 0.01, 16_384, 16_384],
])("the next step has %s", (_, most, share, rows, next) => {
  expect(pacedBy(most, share, rows)).toBe(next);
});

test("a step is no longer than it may be, and a list stays a list", () => {
  expect(nextOf(BEGINNING, 256)).toMatchObject({ kind: "compare", step: 256 });
  expect(nextOf(BEGINNING)).toMatchObject({ kind: "compare", step: STEPS[0] });
  expect(nextOf({ open: [{ depth: 3 }], matched: 0 }, 64)).toMatchObject({ kind: "list", limit: LISTED });
});
