import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate, growthOf, parseArithmetic, type Range } from "../../../src/gates/arithmetic";

const values: Record<string, Range> = {
  e: { low: 2, high: 2 },
  r: { low: 8, high: 8 },
  z: { low: 0, high: 0 },
  some: { low: -1, high: 3 },
  more: { low: 2, high: 4 },
};
const work = (text: string) => {
  const term = parseArithmetic(text);
  return term && evaluate(term, (id) => values[id]);
};

describe("arithmetic", () => {
  test.each<[string, number]>([
    ["100 * e / r", 25],
    ["e - r - 1", -7],
    ["e + r * 2", 18],
    ["(e + r) * 2", 20],
    ["-e * -(r)", 16],
    ["r / e / 2", 2],
    ["1.5e2 - e", 148],
    [" e ", 2],
    ["r - 1.25 * e", 5.5],
  ])("%s is %d", (text, value) => {
    expect(work(text)).toEqual({ low: value, high: value });
  });

  test.each(["e / z", "e / some", "e / (r - r)", "e + unknown"])("%s has no value", (text) => {
    expect(parseArithmetic(text)).toBeDefined();
    expect(work(text)).toBeUndefined();
  });

  test.each(["", "e r", "e +", "(e", "e)", "SUM(e)", "IF(e > 1, e, 0)", "e ^ 2", "e; r", "'e'", "--", "*e"])(
    "%s is none",
    (text) => {
      expect(parseArithmetic(text)).toBeUndefined();
    },
  );

  test.each<[string, number | undefined]>([
    ["3", 0],
    ["sum", 1],
    ["-sum", 1],
    ["rate", 0],
    ["worst", undefined],
    ["nobody", undefined],
    ["sum + sum", 1],
    ["sum + 0 * sum", 1],
    ["sum - 1", undefined],
    ["sum + rate", undefined],
    ["1 - sum / sum", 0],
    ["100 * sum / (sum + sum)", 0],
    ["rate / rate", 0],
    ["sum / rate", 1],
    ["sum * sum / sum", 1],
    ["1 / sum", -1],
    ["sum / (1 + sum)", undefined],
    ["worst / worst", undefined],
  ])("%s grows with time by the power of %j", (text, growth) => {
    const ids: Record<string, number> = { sum: 1, rate: 0 };
    const term = parseArithmetic(text);
    expect(term && growthOf(term, (id) => ids[id])).toBe(growth);
  });

  test("of ranges holds whatever lies in them", () => {
    const texts = ["a + b", "a - b", "a * b", "a / (b + 10)", "-a * (b - a)"];
    const end = fc.integer({ min: -5, max: 5 });
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(end, { minLength: 6, maxLength: 6 }),
        (text, [...n]) => {
          const term = parseArithmetic(text);
          const sorted = [n.slice(0, 3), n.slice(3)].map((some) => some.sort((x, y) => x - y));
          const pick = (which: (some: number[]) => Range) => (id: string) =>
            which(sorted[id === "a" ? 0 : 1] ?? []);
          const of = (which: (some: number[]) => Range) => term && evaluate(term, pick(which));
          const whole = of(([low = 0, , high = 0]) => ({ low, high }));
          const inner = of(([, one = 0]) => ({ low: one, high: one }));
          expect(whole?.low).toBeLessThanOrEqual(inner?.low ?? Number.NaN);
          expect(whole?.high).toBeGreaterThanOrEqual(inner?.high ?? Number.NaN);
        },
      ),
    );
  });
});

describe("a Sum that is not published where it is nothing", () => {
  const worth = (text: string, of: Readonly<Record<string, number>>) => {
    const term = parseArithmetic(text);
    return (
      term && evaluate(term, (id) => (id in of ? { low: of[id] ?? 0, high: of[id] ?? 0 } : undefined))?.low
    );
  };

  test.each([
    ["FILL(errors, 0) / requests", { requests: 4 }, 0],
    ["FILL(errors, 0) / requests", { errors: 2, requests: 4 }, 0.5],
    ["FILL(errors,0)/requests", {}, undefined],
    ["1.25 * FILL( a , 0 ) - FILL(b, 0)", {}, 0],
    ["FILL(errors, 1) / requests", { requests: 4 }, undefined],
    ["FILL(errors)", {}, undefined],
    ["FILL(0, 0)", {}, undefined],
    ["FILL(errors, 0", {}, undefined],
    ["FILL errors, 0", {}, undefined],
  ])("counts as 0 there: %s of %j", (text, of, value) => {
    expect(worth(text, of)).toBe(value);
  });
});
