import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Differences, MOST_KEPT } from "../../../../src/probe/reconcile/differences";
import { kindOf, type Pair } from "../../../../src/probe/reconcile/pair";

const LAG = 30_000;
const mark = (hash: string, changed = "") => ({ hash, changed });
const NOTHING = { missing: 0, extra: 0, different: 0, pending: 0, more: false };

describe("a difference", () => {
  test.each<[string, Pair, object]>([
    ["missing", { key: "a", first: mark("1") }, { missing: 1 }],
    ["extra", { key: "a", second: mark("1") }, { extra: 1 }],
    ["different", { key: "a", first: mark("1"), second: mark("2") }, { different: 1 }],
  ])("counts as %s once it is older than the lag", (_, pair, counts) => {
    const differences = new Differences(LAG);
    differences.take([pair], 0);
    differences.take([pair], LAG - 1);
    expect(differences.counts()).toEqual({ ...NOTHING, pending: 1 });
    expect(differences.samples(5)).toEqual({});
    differences.take([pair], LAG);
    expect(differences.counts()).toEqual({ ...NOTHING, ...counts });
    expect(Object.values(differences.samples(5))).toEqual([["a"]]);
  });

  test("is over once both sides agree, or neither has the key", () => {
    const differences = new Differences(LAG);
    differences.take(
      [
        { key: "a", first: mark("1") },
        { key: "b", first: mark("1") },
      ],
      0,
    );
    differences.take([{ key: "a", first: mark("1"), second: mark("1") }, { key: "b" }], LAG);
    expect(differences.counts()).toEqual(NOTHING);
  });

  test("begins anew where its row has changed and looks as before", () => {
    const differences = new Differences(LAG);
    differences.take([{ key: "a", first: mark("1", "09:00"), second: mark("2", "08:00") }], 0);
    differences.take([{ key: "a", first: mark("1", "09:02"), second: mark("2", "09:01") }], LAG);
    expect(differences.counts()).toEqual({ ...NOTHING, pending: 1 });
  });

  test("that was looked at longest ago is looked at first", () => {
    const differences = new Differences(LAG);
    const of = (key: string): Pair => ({ key, first: mark("1") });
    differences.take(["a", "b", "c"].map(of), 0);
    differences.take([of("a")], 1);
    expect(differences.due(2)).toEqual(["b", "c"]);
  });

  test("beyond those that are kept is told as more", () => {
    const differences = new Differences(LAG);
    const all = Array.from(
      { length: MOST_KEPT + 1 },
      (_, key): Pair => ({ key: String(key), first: mark("1") }),
    );
    differences.take(all, 0);
    differences.take(all, LAG);
    expect(differences.counts()).toEqual({ ...NOTHING, missing: MOST_KEPT, more: true });
    differences.take(
      all.map(({ key }) => ({ key })),
      LAG,
    );
    differences.anew();
    expect(differences.counts()).toEqual(NOTHING);
  });
});

/** The first source is written to; the second has all of it, some time later, and no later than the lag. */
test("none is invented where the second source is only behind, however it is written and looked at", () => {
  const event = fc.record({
    wait: fc.integer({ min: 0, max: 2 * LAG }),
    key: fc.integer({ min: 0, max: 4 }),
    // 0 deletes; few values, so that rows come to look as before.
    value: fc.integer({ min: 0, max: 2 }),
    behind: fc.integer({ min: 0, max: LAG - 1 }),
    looks: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 80 }), (events) => {
      const differences = new Differences(LAG);
      const writes: { at: number; there: number; key: number; value: number }[] = [];
      let [now, there] = [0, 0];
      const side = (key: number, time: "at" | "there", at: number) => {
        const last = writes.filter((write) => write.key === key && write[time] <= at).at(-1);
        return last === undefined || last.value === 0 ? undefined : mark(String(last.value), String(last.at));
      };
      for (const { wait, key, value, behind, looks } of events) {
        now += wait;
        // In their order: nothing overtakes what was written before.
        there = Math.max(there, now + behind);
        writes.push({ at: now, there: Math.min(there, now + LAG - 1), key, value });
        if (!looks) continue;
        const at = now;
        differences.take(
          [0, 1, 2, 3, 4].map((one) => ({
            key: String(one),
            first: side(one, "at", at),
            second: side(one, "there", at),
          })),
          at,
        );
        expect(differences.counts()).toMatchObject({ missing: 0, extra: 0, different: 0 });
      }
    }),
    { numRuns: 500 },
  );
});

test("every one that stays is counted, by two looks that are further apart than the lag", () => {
  const side = fc.option(
    fc.constantFrom("1", "2").map((hash) => mark(hash)),
    { nil: undefined },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(side, side), { maxLength: 40 }), (sides) => {
      const pairs = sides.map(([first, second], key): Pair => ({ key: String(key), first, second }));
      const differences = new Differences(LAG);
      differences.take(pairs, 5);
      differences.take(pairs, 5 + LAG);
      const kinds = pairs.flatMap((pair) => kindOf(pair) ?? []);
      const { missing, extra, different } = differences.counts();
      expect({ missing, extra, different }).toEqual({
        missing: kinds.filter((kind) => kind === "missing").length,
        extra: kinds.filter((kind) => kind === "extra").length,
        different: kinds.filter((kind) => kind === "different").length,
      });
    }),
  );
});
