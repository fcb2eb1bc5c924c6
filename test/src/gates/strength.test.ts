import fc from "fast-check";
import { expect, test } from "vitest";
import { compare, type Expectation } from "../../../src/gates/expectation";
import { another, atLeast, atMost, expected, within } from "../../../src/gates/strength";

const number = fc.integer({ min: -3, max: 3 });
const bounds: fc.Arbitrary<Expectation> = fc
  .record(
    {
      eq: number,
      ne: number,
      gt: number,
      gte: number,
      lt: number,
      lte: number,
      quantity: fc.constantFrom("share" as const, "percent" as const, "count" as const, "signed" as const),
    },
    { requiredKeys: [] },
  )
  .filter(({ quantity: _, ...one }) => Object.values(one).some((bound) => bound !== undefined));
const VALUES = Array.from({ length: 33 }, (_, index) => index / 4 - 4);
const met = (one: Expectation, value: number) => compare(one, value).kind === "met";

test("whatever meets the inner one meets the outer one, where it is said to be within", () => {
  fc.assert(
    fc.property(bounds, bounds, (inner, outer) => {
      if (!within(inner, outer)) return;
      for (const value of VALUES) if (met(inner, value)) expect(met(outer, value)).toBe(true);
    }),
  );
});

test("what lets a value through that was not let through before is never called the same or stronger", () => {
  fc.assert(
    fc.property(bounds, bounds, (was, now) => {
      const strength = expected(was, now, { was: {}, now: {} })?.strength ?? "same";
      if (VALUES.some((value) => met(now, value) && !met(was, value)))
        expect(["weaker", "incomparable"]).toContain(strength);
    }),
  );
});

test.each<[Expectation, Expectation, string | undefined]>([
  [{ lte: 0 }, { lte: 0, quantity: "signed" }, "accepts up to 0 (quantity: signed), was up to 0"],
  [{ gte: 95, quantity: "percent" }, { gte: 95 }, "accepts 95 and more, was 95 and more (quantity: percent)"],
  [{ lt: 5 }, { lt: 5, quantity: "count" }, undefined],
  [{ lt: 0.05 }, { lt: 0.05, quantity: "share" }, undefined],
  [{ eq: 0 }, { eq: 0, quantity: "signed" }, undefined],
])("what may be more than it could be is weaker: %j to %j", (was, now, words) => {
  const change = expected(was, now, { was: {}, now: {} });
  expect(change).toEqual(words && { strength: "weaker", words });
});

test.each([
  ["windows", "has other windows: b, was a"],
  ["source", "has another source: b, was a"],
  ["`windows`", "has another `windows`: b, was a"],
  ["statement to sign", "has another statement to sign: b, was a"],
  ["what headers must be", "says otherwise what headers must be: b, was a"],
])("a change of %s is said in English", (what, words) => {
  expect(another(what)("a", "b", { was: {}, now: {} })?.words).toBe(words);
});

test("weaker one way is stronger the other way", () => {
  const pair = { was: {}, now: {} };
  const size = fc.oneof(number, fc.constantFrom("1s", "1000ms", "2h", "1d", "24h"), fc.constant(undefined));
  const flipped = { weaker: "stronger", stronger: "weaker", incomparable: "incomparable" } as const;
  for (const order of [atLeast("wants"), atMost("allows")])
    fc.assert(
      fc.property(size, size, (was, now) => {
        if (was === undefined && now === undefined) return;
        const there = order(was, now, pair)?.strength;
        expect(order(now, was, pair)?.strength).toBe(there && flipped[there]);
      }),
    );
  fc.assert(
    fc.property(bounds, bounds, (was, now) => {
      const there = expected(was, now, pair)?.strength;
      expect(expected(now, was, pair)?.strength).toBe(there && flipped[there]);
    }),
  );
});
