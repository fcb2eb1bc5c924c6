import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { acceptsOne, type Expectation, judgeValue } from "../../../src/gates/expectation";

describe("an expectation that a single value meets", () => {
  test.each<[Expectation, boolean]>([
    [{ eq: 0 }, true],
    [{ eq: "ok" }, true],
    [{ lte: 0 }, true],
    [{ gte: 5, lte: 5 }, true],
    [{ gte: 100, quantity: "percent" }, true],
    [{ gte: 1, quantity: "share" }, true],
    [{ lte: 0, quantity: "signed" }, false],
    [{ lt: 1 }, false],
    [{ gt: 0 }, false],
    [{ gte: 99, quantity: "percent" }, false],
    [{ ne: 3 }, false],
  ])("%j: %s", (expected, one) => {
    expect(acceptsOne(expected)).toBe(one);
  });
});

describe("a value is never shown across a bound", () => {
  test.each<[Expectation, number, string]>([
    [{ lt: 500 }, 499.9999, "499.9999"],
    [{ lt: 500 }, 499.99999999, "499.99999999"],
    [{ lt: 500 }, 499.2345678, "499.235"],
    [{ gt: 500 }, 500.0000001, "500.0000001"],
    [{ gte: 95 }, 94.9999999, "94.9999999"],
    [{ lt: 500 }, 500, "500"],
    [{ lte: 0 }, 1e-9, "1e-9"],
    [{ eq: 1 / 3 }, 1 / 3, "0.3333333333333333"],
  ])("%j: %d reads %s", (expected, value, shown) => {
    expect(judgeValue(expected, value).observed).toBe(shown);
  });

  test("whatever they are", () => {
    const near = fc.double({ min: -1, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: -1_000, max: 1_000 }), near, (lt, off) => {
        const value = lt + off * 1e-5;
        const { outcome, observed } = judgeValue({ lt, quantity: "signed" }, value);
        expect(Number(observed) < lt).toBe(outcome === "pass");
      }),
    );
  });
});
