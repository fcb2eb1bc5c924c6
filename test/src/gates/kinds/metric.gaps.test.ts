import { describe, expect, it, test } from "vitest";
import { judge } from "../../../../src/gates/judge";
import { metric, readingOf } from "../../../../src/gates/kinds/metric";
import { ago, COVERED, errorsOfADay, gateOf, NOW, observe } from "../../../support/build";

const ONE = { namespace: "OpsView", name: "Errors", statistic: "Sum" };
const math = (expression: string, expected: object, statistic = "Sum") => ({
  namespace: undefined,
  name: undefined,
  statistic: undefined,
  samplesFrom: "r",
  metrics: {
    a: { ...ONE, statistic },
    b: { ...ONE, name: "Others", statistic },
    r: { ...ONE, name: "Requests" },
  },
  expression,
  expect: expected,
});

/** The verdict over a day without anything in its first minutes. */
function verdict(more: object, value: number, missing = 140) {
  const definition = metric.schema.parse({ ...errorsOfADay, ...more });
  const gate = gateOf("E1", definition);
  const coverage = { ...COVERED, covered: COVERED.parts - missing };
  const window = { from: ago(24 * 3_600_000), to: ago(0) };
  const seen = { kind: "metric", value, samples: 600, window, coverage } as const;
  const every = readingOf(definition)?.every;
  return { ...judge(gate, observe(gate, seen), { now: NOW, timeScale: 1, attempt: 1 }), every };
}

describe("a gap could hide what breaks", () => {
  test.each<[string, object, number]>([
    ["a sum that must be 0", {}, 0],
    ["a sum under a bound", { expect: { lt: 5 } }, 0],
    ["a sum that must not be one number", { expect: { ne: 5 } }, 0],
    ["a sum that may take away", { expect: { gt: -5, quantity: "signed" } }, 0],
    ["an average that must be 0", { statistic: "Average" }, 0],
    ["an average of at most 0", { statistic: "Average", expect: { lte: 0 } }, 0],
    ["an average that one error of 100 breaks", { statistic: "Average", expect: { lt: 0.0001 } }, 0],
    ["an average of successes alone", { statistic: "Average", expect: { gte: 1, quantity: "share" } }, 1],
    [
      "an average of successes that one error of 100 breaks",
      { statistic: "Average", expect: { gte: 99.5, quantity: "percent" } },
      100,
    ],
    ["a percentile that must be 0", { statistic: "p99" }, 0],
    ["a percentile of at most 0", { statistic: "p50", expect: { lte: 0 } }, 0],
    ["the greatest under a bound", { statistic: "Maximum", expect: { lt: 500 } }, 400],
    ["the least over a bound", { statistic: "Minimum", expect: { gte: 5 } }, 9],
    ["the worst minute's p95", { statistic: "worst minute p95", expect: { lt: 500 } }, 400],
    ["the worst minute's average", { statistic: "worst minute Average", expect: { lt: 500 } }, 400],
    ["the worst minute's least", { statistic: "worst minute Minimum", expect: { gt: 5 } }, 400],
    ["the worst minute's sum", { statistic: "worst minute Sum", expect: { gt: 5 } }, 400],
    ["arithmetic that must be 0", math("a / r", { eq: 0 }), 0],
    ["arithmetic of at most 0", math("a / r", { lte: 0 }), 0],
    ["a sum in disguise", math("a + 0 * r", { lt: 1 }), 0],
    ["a sum of sums", math("a + b", { lt: 1 }), 0],
    ["a sum of a sum and a number", math("a + 0", { lt: 1 }), 0],
    ["a part of a sum", math("a / 2 * (r / r)", { lt: 1 }), 0],
    ["a negative sum", math("1 - a", { gt: 0 }), 1],
    ["a sum by something that is no sum of time", math("a / (1 + 0 * r)", { lt: 1 }), 0],
    ["the greatest in arithmetic", math("a / b", { lt: 5 }, "Maximum"), 1],
    ["a rate that one error of 100 breaks", math("a / r", { lt: 0.0001 }), 0],
  ])("%s", (_, more, value) => {
    const found = verdict(more, value);
    expect(found).toMatchObject({
      outcome: "inconclusive",
      observed: expect.stringContaining("2 h 20 m without data"),
      every: "1m",
    });
    expect(verdict(more, value, 1).outcome).toBe("inconclusive");
    expect(verdict(more, value, 0).outcome).toBe("pass");
  });
});

describe("a gap of a tenth is borne by", () => {
  test.each<[string, object, number]>([
    ["a percentile under a bound", { statistic: "p95", expect: { lt: 500 } }, 400],
    ["a rate of which some are borne", { statistic: "Average", expect: { lt: 0.05 } }, 0.01],
    ["a rate of two sums", math("100 * a / r", { lt: 1, quantity: "percent" }), 0.5],
    ["a rate of successes", math("1 - a / r", { gte: 0.95, quantity: "share" }), 0.99],
    ["a rate of all errors", math("(a + b) / r", { lt: 0.05 }), 0.01],
    ["a percentile by another", math("a / b", { lte: 1.25 }, "p95"), 1.1],
    ["a sum that must be reached", { expect: { gte: 5 } }, 9],
  ])("%s", (_, more, value) => {
    expect(verdict(more, value)).toMatchObject({ outcome: "pass", every: "5m" });
    expect(verdict(more, value, 145).outcome).toBe("inconclusive");
  });
});

it("a soak that has become so long that hours alone are remembered is not read more coarsely", () => {
  const definition = metric.schema.parse({ ...errorsOfADay, window: "soak" });
  const gate = gateOf("E1", definition);
  const window = { from: ago(70 * 24 * 3_600_000), to: ago(0) };
  const seen = { kind: "metric", value: 0, samples: 600, window } as const;
  const remedy = (period: number) =>
    judge(gate, observe(gate, { ...seen, coverage: { ...COVERED, period } }), {
      now: NOW,
      timeScale: 1,
      attempt: 1,
    }).remedy;
  expect(remedy(300)).toBe("Shorten the window, or write every: 5m");
  expect(remedy(3_600)).toBe("Shorten the window: write a duration in place of soak");
});
