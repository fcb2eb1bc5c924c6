import { describe, expect, it, test } from "vitest";
import { metric } from "../../../../src/gates/kinds/metric";

const around = {} as never;
const BASE = {
  source: "metric",
  title: "A gate",
  namespace: "OpsView",
  name: "Read5xx",
  statistic: "Sum",
  window: "24h",
  minSamples: 10,
  expect: { eq: 0 },
};
const ONE = { namespace: "OpsView", name: "Errors", statistic: "Sum" };
const MATH = {
  namespace: undefined,
  name: undefined,
  statistic: undefined,
  metrics: { errors: ONE, requests: { ...ONE, name: "Requests" } },
  expression: "100 * errors / requests",
  samplesFrom: "requests",
};
const slips = (more: object) => {
  const definition = metric.schema.parse({ ...BASE, ...more });
  return (metric.slips?.(definition, around, definition) ?? []).map(
    ({ path, what }) => `${path.join(".")} ${what}`,
  );
};

describe("a sound metric gate has nothing wrong", () => {
  test.each<[string, object]>([
    ["a sum", {}],
    ["of dimensions", { dimensions: { Service: "ops" } }],
    ["of gaps with a heartbeat", { gaps: { atMost: "1%", heartbeat: "Requests" } }],
    ["a percentile of gaps without", { statistic: "p95", expect: { lt: 5 }, gaps: { atMost: "20%" } }],
    ["the worst minute", { statistic: "worst minute p95", expect: { lt: 5 } }],
    ["arithmetic", MATH],
    ["arithmetic with a proof", { ...MATH, prove: { expression: "errors + 100 * requests" } }],
    ["a long window of rare data", { window: "60d", every: "5m" }],
  ])("%s", (_, more) => {
    expect(slips(more)).toEqual([]);
  });
});

describe("a metric gate is refused", () => {
  test.each<[string, object, string | RegExp]>([
    ["without a metric", { name: undefined }, "name is missing"],
    ["with arithmetic beside one", { ...MATH, name: "Read5xx" }, /^name means nothing beside/],
    ["with functions", { ...MATH, expression: "SUM(errors) / requests" }, "expression is no arithmetic"],
    [
      "with arithmetic that nothing counts for",
      { ...MATH, samplesFrom: undefined },
      /^samplesFrom is missing/,
    ],
    ["with a proof of another kind", { ...MATH, prove: { name: "Requests" } }, "prove looks at nothing else"],
    [
      "with gaps that could hide an error",
      { gaps: { atMost: "1%" } },
      "gaps could hide what breaks the gate",
    ],
    [
      "with a heartbeat that is not there",
      { ...MATH, gaps: { atMost: "1%", heartbeat: "pulse" } },
      "gaps names pulse, which is no metric of the expression",
    ],
    ["over more than is remembered", { window: "456d" }, /^window is longer than the 455 days/],
    [
      "over more minutes than are remembered",
      { window: "20d" },
      /^window is longer than CloudWatch remembers data of every 1 m/,
    ],
    [
      "over more worst minutes than are remembered",
      { window: "20d", statistic: "worst minute p95", expect: { lt: 5 } },
      "window is longer than CloudWatch remembers minutes: 15 days",
    ],
    [
      "for data that AWS does not publish so often",
      { namespace: "AWS/ApplicationELB", every: "10s" },
      "every is under a minute, and AWS publishes its metrics once a minute",
    ],
  ])("%s", (_, more, slip) => {
    const found = slips(more);
    expect(
      found.some((one) => (typeof slip === "string" ? one === slip : slip.test(one))),
      found.join("\n"),
    ).toBe(true);
  });

  it("where nothing could meet it, or no statistic is one", () => {
    for (const more of [
      { expect: { gt: 5, lt: 3 } },
      { statistic: "worst p95" },
      { statistic: "p100" },
      { gaps: { atMost: "101%" } },
      { gaps: { atMost: "1" } },
    ])
      expect(metric.schema.safeParse({ ...BASE, ...more }).success, JSON.stringify(more)).toBe(false);
  });
});
