import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  compare,
  type Expectation,
  expectation,
  judgeValue,
  showExpectation,
} from "../../../src/gates/expectation";
import { anything } from "../../support/arbitrary";

/** The rule in its plainest form, written without looking at `compare`: every operator given must hold by itself. */
function holds(expected: Expectation, value: unknown): boolean {
  const isNumber = typeof value === "number" && value - value === 0;
  const comparable = isNumber || typeof value === "string" || typeof value === "boolean";
  const rules: Record<string, (bound: unknown) => boolean> = {
    eq: (bound) => value === bound,
    ne: (bound) => typeof value === typeof bound && !["", seen(bound)].includes(seen(value)),
    gt: (bound) => isNumber && (value as number) > (bound as number),
    gte: (bound) => isNumber && (value as number) >= (bound as number),
    lt: (bound) => isNumber && (value as number) < (bound as number),
    lte: (bound) => isNumber && (value as number) <= (bound as number),
  };
  const given = Object.entries(expected).filter(([, bound]) => bound !== undefined);
  // Nothing says that it may be less than nothing.
  const possible = !isNumber || (value as number) >= -1e-9;
  return (
    comparable &&
    possible &&
    given.length > 0 &&
    given.every(([operator, bound]) => rules[operator]?.(bound) === true)
  );
}

/** What somebody sees of a value, whatever its letters. */
const seen = (value: unknown) =>
  [...String(value).normalize("NFKC").toLowerCase()]
    .filter((one) => !/[\p{Cf}\p{Cc}]/u.test(one))
    .join("")
    .trim();

const bound = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
const equal = fc.oneof(bound, fc.constantFrom("", "0", "1", "true", "ok"), fc.boolean());
const one = (operator: keyof Expectation, of: fc.Arbitrary<unknown>) =>
  of.map((given) => ({ [operator]: given }));
const expectations: fc.Arbitrary<Expectation> = fc
  .oneof(
    one("eq", equal),
    one("ne", equal),
    ...(["gt", "gte", "lt", "lte"] as const).map((operator) => one(operator, bound)),
    fc.record({ eq: equal, ne: equal, gt: bound, gte: bound, lt: bound, lte: bound }, { requiredKeys: [] }),
  )
  .map((value) => value as Expectation);

describe("compare", () => {
  test.each<[Expectation, unknown, "met" | "unmet" | "unusable"]>([
    [{ gt: 0 }, 1, "met"],
    [{ gt: 0 }, 0, "unmet"],
    [{ gt: 0 }, -1, "unusable"],
    [{ gt: 0 }, Number.MIN_VALUE, "met"],
    [{ gt: 0 }, 1e308, "met"],
    [{ gte: 0 }, -0, "met"],
    [{ gte: 1 }, 1, "met"],
    [{ lt: 500 }, 499.9, "met"],
    [{ lt: 500 }, 500, "unmet"],
    [{ lte: 0 }, 0, "met"],
    [{ gte: 1, lt: 5 }, 1, "met"],
    [{ gte: 1, lt: 5 }, 5, "unmet"],
    [{ eq: 2 }, 2, "met"],
    [{ eq: 2 }, 3, "unmet"],
    [{ eq: 2 }, "2", "unusable"],
    [{ eq: "2" }, 2, "unusable"],
    [{ eq: true }, true, "met"],
    [{ eq: true }, false, "unmet"],
    [{ eq: true }, 1, "unusable"],
    [{ eq: true }, "true", "unusable"],
    [{ eq: false }, "", "unusable"],
    [{ eq: 0 }, "", "unusable"],
    [{ eq: 0 }, null, "unusable"],
    [{ eq: 0 }, false, "unusable"],
    [{ eq: "ok" }, "ok", "met"],
    [{ eq: "ok" }, "OK", "unmet"],
    [{ ne: 0 }, 1, "met"],
    [{ ne: 0 }, 0, "unmet"],
    [{ ne: 0 }, null, "unusable"],
    [{ ne: 0 }, undefined, "unusable"],
    [{ ne: 0 }, "", "unusable"],
    [{ ne: 0 }, Number.NaN, "unusable"],
    [{ ne: "bad" }, "good", "met"],
    [{ ne: "Alert" }, "ALERT", "unmet"],
    [{ ne: "Alert" }, "\uff21lert", "unmet"],
    [{ eq: "Alert" }, "ALERT", "unmet"],
    [{ ne: "bad" }, "bad\u200b", "unmet"],
    [{ ne: "bad" }, " bad\n", "unmet"],
    [{ ne: "bad" }, "\u200b", "unusable"],
    [{ ne: "bad" }, "  ", "unusable"],
    [{ eq: "good" }, "good\u200b", "unmet"],
    [{ ne: 3, gt: 0 }, 3, "unmet"],
    [{ eq: "x", gt: 0 }, 1, "unusable"],
    [{ gt: 0 }, "5", "unusable"],
    [{ gt: 0 }, "", "unusable"],
    [{ gte: 0 }, "", "unusable"],
    [{ gte: 0 }, [], "unusable"],
    [{ gte: 0 }, [5], "unusable"],
    [{ gte: 0 }, {}, "unusable"],
    [{ gte: 0 }, { valueOf: () => 5 }, "unusable"],
    [{ gte: 0 }, new Date(), "unusable"],
    [{ gte: 0 }, true, "unusable"],
    [{ gte: 0 }, 5n, "unusable"],
    [{ gte: 0 }, null, "unusable"],
    [{ gte: 0 }, undefined, "unusable"],
    [{ gte: 0 }, Number.NaN, "unusable"],
    [{ lt: 0 }, Number.NaN, "unusable"],
    [{ gte: 0 }, Infinity, "unusable"],
    [{ lt: 0 }, -Infinity, "unusable"],
    [{}, 1, "unusable"],
    [{ eq: undefined }, 1, "unusable"],
  ])("%j against %o: %s", (expected, value, kind) => {
    const result = compare(expected, value);
    expect(result.kind).toBe(kind);
    if (result.kind === "unusable") expect(result.why).toMatch(/^(there|the) \w+/);
  });

  it("meets exactly what an independent rule meets, whatever the value", () => {
    const counted = { met: 0, other: 0 };
    fc.assert(
      fc.property(expectations, fc.oneof(anything, equal), (expected, value) => {
        const met = compare(expected, value).kind === "met";
        counted[met ? "met" : "other"]++;
        expect(met).toBe(holds(expected, value));
      }),
      { numRuns: 3_000 },
    );
    expect(Math.min(counted.met, counted.other)).toBeGreaterThan(50);
  });

  it("is met by nothing more when an operator is added", () => {
    fc.assert(
      fc.property(expectations, expectations, fc.oneof(anything, equal), (first, second, value) => {
        const both = compare({ ...second, ...first }, value).kind === "met";
        const one = compare(first, value).kind === "met";
        // Text that nobody sees is a value where just that is expected, and nowhere else.
        const unseen = first.eq === undefined && second.eq === value && seen(value) === "";
        if (both && Object.keys(first).length > 0 && !unseen) expect(one).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("an expectation in config", () => {
  test.each<[unknown, boolean]>([
    [{ gt: 0 }, true],
    [{ eq: false }, true],
    [{ eq: "" }, true],
    [{ gte: 1, lt: 5 }, true],
    [{}, false],
    [{ eq: undefined }, false],
    [{ eq: null }, false],
    [{ gt: "0" }, false],
    [{ gt: null }, false],
    [{ gt: Number.NaN }, false],
    [{ gt: -Infinity }, false],
    [{ ne: Number.NaN }, false],
    [{ eq: [1] }, false],
    [{ above: 0 }, false],
    [{ gt: 0, unit: "ms" }, false],
    [0, false],
    ["> 0", false],
    [null, false],
  ])("%j is taken: %s", (value, taken) => {
    expect(expectation.safeParse(value).success).toBe(taken);
  });
});

test.each<[Expectation, string]>([
  [{ gt: 0 }, "> 0"],
  [{ lt: 5, gte: 1 }, "≥ 1 and < 5"],
  [{ eq: true }, "= true"],
  [{ ne: "bad", lte: -1 }, "≠ bad and ≤ -1"],
  [{ gt: 0, eq: undefined }, "> 0"],
])("%j reads as %s", (expected, text) => {
  expect(showExpectation(expected)).toBe(text);
});

describe("a value that its quantity cannot have", () => {
  test.each<[Expectation, number, "met" | "unmet" | "unusable"]>([
    [{ gte: 95, quantity: "percent" }, 100.8, "unusable"],
    [{ gte: 95, quantity: "percent" }, -0.1, "unusable"],
    [{ gte: 95, quantity: "percent" }, 100, "met"],
    [{ gte: 95, quantity: "percent" }, 100 + 1e-12, "met"],
    [{ gte: 95, quantity: "percent" }, 94, "unmet"],
    [{ lt: 0.05, quantity: "share" }, 1.01, "unusable"],
    [{ lt: 0.05, quantity: "share" }, -0.01, "unusable"],
    [{ lt: 0.05, quantity: "share" }, 0.04, "met"],
    [{ lt: 5, quantity: "count" }, -1, "unusable"],
    [{ lt: 5, quantity: "count" }, 0, "met"],
    [{ lt: 5, quantity: "count" }, Number.NaN, "unusable"],
    [{ lt: 5 }, -1, "unusable"],
    [{ lte: 0 }, -5, "unusable"],
    [{ eq: 0 }, -5, "unusable"],
    [{ ne: 0 }, -5, "unusable"],
    [{ gte: -10, lte: 10 }, -5, "unusable"],
    [{ lt: 500 }, -Number.MIN_VALUE, "met"],
    [{ lte: 0, quantity: "signed" }, -5, "met"],
    [{ gte: -10, lte: 10, quantity: "signed" }, -5, "met"],
    [{ gt: 0, quantity: "signed" }, -5, "unmet"],
  ])("%j of %d is %s", (expected, value, kind) => {
    expect(compare(expected, value).kind).toBe(kind);
    expect(judgeValue(expected, value).outcome).toBe(
      { met: "pass", unmet: "fail", unusable: "inconclusive" }[kind],
    );
  });

  it("is told with what it is", () => {
    expect(judgeValue({ gte: 95, quantity: "percent" }, 100.8).observed).toBe(
      "the value is 100.8, which no percent can be",
    );
    expect(judgeValue({ lt: 500 }, -400)).toEqual({
      outcome: "inconclusive",
      observed: "the value is -400, which no count, rate or length of time can be",
      remedy:
        "Correct what is measured; where it may be less than 0, say so: expect: { …, quantity: signed }",
    });
    expect(judgeValue({ lt: 0.05, quantity: "share" }, -3).remedy).not.toContain("signed");
  });
});

describe("an expectation that nothing can meet is refused", () => {
  test.each<[object, boolean]>([
    [{ gt: 5, lt: 3 }, false],
    [{ gt: 5, lt: 5 }, false],
    [{ gte: 5, lt: 5 }, false],
    [{ gte: 5, lte: 5 }, true],
    [{ gte: 5, lte: 5, ne: 5 }, false],
    [{ gte: 5, lte: 5, ne: 6 }, true],
    [{ gt: 3, lt: 5 }, true],
    [{ gt: 3, lt: 5, ne: "x" }, false],
    [{ eq: 4, gt: 5 }, false],
    [{ eq: 6, gt: 5 }, true],
    [{ eq: 6, ne: 6 }, false],
    [{ eq: "a", ne: "b" }, true],
    [{ eq: "a", gt: 1 }, false],
    [{ eq: "a" }, true],
    [{ gt: 100, quantity: "percent" }, false],
    [{ gte: 100, quantity: "percent" }, true],
    [{ lt: 0, quantity: "count" }, false],
    [{ eq: -1, quantity: "count" }, false],
    [{ quantity: "count" }, false],
    [{ lt: 0 }, false],
    [{ lte: -1 }, false],
    [{ eq: -1 }, false],
    [{ lt: 0, quantity: "signed" }, true],
    [{ eq: -1, quantity: "signed" }, true],
  ])("%j: %s", (expected, sound) => {
    expect(expectation.safeParse(expected).success).toBe(sound);
  });

  test("exactly where it is so", () => {
    const grid = [-3, -2.5, -2, -1, -0.5, 0, 0.5, 1, 2, 2.5, 3];
    const small = fc.integer({ min: -2, max: 2 });
    fc.assert(
      fc.property(
        fc.record(
          { eq: small, ne: small, gt: small, gte: small, lt: small, lte: small },
          { requiredKeys: [] },
        ),
        (expected) => {
          fc.pre(Object.keys(expected).length > 0);
          expect(expectation.safeParse(expected).success).toBe(
            [...grid, -1.5, 1.5].some((value) => holds(expected, value)),
          );
        },
      ),
    );
  });
});
