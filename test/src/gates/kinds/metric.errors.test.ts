import { describe, expect, it, test } from "vitest";
import { kindOf } from "../../../../src/gates/gate";
import { metric } from "../../../../src/gates/kinds/metric";
import { errorsOfADay, gateOf } from "../../../support/build";

const mondays = { zone: "Europe/Berlin", days: ["mon"], open: "09:00", close: "17:30" };
const around = (soak: string) =>
  ({ rollout: { calendar: mondays }, line: [{ name: "stageA", soak }] }) as never;
const BASE = { ...errorsOfADay, minSamples: 10 };
const ONE = { namespace: "OpsView", name: "Errors", statistic: "Sum" };
const MATH = {
  namespace: undefined,
  name: undefined,
  statistic: undefined,
  metrics: { errors: ONE, requests: { ...ONE, name: "Requests" } },
  expression: "100 * errors / requests",
  samplesFrom: "requests",
};
const P95 = { statistic: "p95", expect: { lt: 500 } };
const problems = (more: object, soak = "48h") => {
  const definition = metric.schema.parse({ ...BASE, ...more });
  return metric.fieldErrors?.(definition, around(soak), definition) ?? [];
};
const errors = (more: object, soak?: string) =>
  problems(more, soak).map(({ path, what }) => `${path.join(".")} ${what}`);

describe("a sound metric gate has nothing wrong", () => {
  test.each<[string, object]>([
    ["a sum", {}],
    ["of dimensions", { dimensions: { Service: "ops" } }],
    ["of gaps with a heartbeat", { gaps: { atMost: "1%", heartbeat: "Requests" } }],
    ["a percentile of gaps without", { statistic: "p95", expect: { lt: 5 }, gaps: { atMost: "20%" } }],
    ["the worst minute", { statistic: "worst minute p95", expect: { lt: 5 } }],
    ["arithmetic", MATH],
    [
      "a metric beside itself earlier",
      {
        ...MATH,
        metrics: {
          errors: { ...ONE, part: "last quarter" },
          requests: { ...ONE, part: "first quarter" },
        },
        expression: "errors - requests",
      },
    ],
    [
      "arithmetic with a proof that is constant",
      { ...MATH, prove: { expression: "errors / errors + 0 * requests" } },
    ],
    ["arithmetic with a proof", { ...MATH, prove: { expression: "errors + 100 * requests" } }],
    ["a long window of rare data", { window: "60d", every: "5m" }],
    ["a window of which hours alone are remembered", { window: "100d", every: "1h" }],
    ["a sum of five-minute data", { every: "5m" }],
    ["a sum of five-minute data over the soak", { window: "soak", every: "5m" }],
    ["a sum over less than a hundred minutes", { window: "5m", every: "1m" }],
    ["a percentile of hourly data over a week", { ...P95, window: "7d", every: "1h" }],
    ["a percentile over a short window", { ...P95, window: "5m", every: "5m" }],
  ])("%s", (_, more) => {
    expect(errors(more)).toEqual([]);
  });
});

describe("a metric gate is refused", () => {
  test.each<[string, object, string | RegExp]>([
    ["without a metric", { name: undefined }, "name is missing"],
    ["held against text", { expect: { eq: "OK" } }, "expect can never hold: what a metric says is a number"],
    [
      "of arithmetic held against true",
      { ...MATH, expect: { ne: true } },
      "expect can never hold: what a metric says is a number",
    ],
    ["with arithmetic beside one", { ...MATH, name: "Read5xx" }, /^name means nothing beside/],
    ["with functions", { ...MATH, expression: "SUM(errors) / requests" }, "expression is no arithmetic"],
    ...(
      [
        ["requests / requests", "is 1"],
        ["requests - requests + 0 * errors", "is 0"],
        ["0 * (requests + errors)", "is 0"],
        ["errors / (requests - requests)", "is nothing"],
        ["errors / 0 + requests", "is nothing"],
      ] as const
    ).map(([expression, is]): [string, object, string] => [
      `with ${expression}`,
      { ...MATH, expression },
      `expression ${is}, whatever its metrics say`,
    ]),
    [
      "with one metric by itself, under two ids",
      { ...MATH, metrics: { errors: ONE, requests: ONE } },
      "expression is 100, whatever its metrics say",
    ],
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
    ...["6m", "6h", "12h", "24h", "48h"].map((every): [string, object, string] => [
      `with data once in ${every} of a day, where each minute counts`,
      { every },
      `every is ${every}, and a gap of 5 m or more would not be seen`,
    ]),
    [
      "over less than its data take",
      { window: "30s" },
      /^window is 30s, which may hold no data of every 1 m/,
    ],
    ["with data once in 5m of an hour", { window: "1h", every: "5m" }, /^every is 5m, and a gap of 1 m /],
    ["with data once a day of 100 d", { window: "100d", every: "24h" }, /^every is 24h, and a gap of 1 h /],
    [
      "with data once in 15m of the soak",
      { window: "soak", every: "15m" },
      /^every is 15m, and a gap of 5 m /,
    ],
    ["with a percentile once in 6h", { ...P95, every: "6h" }, /^every is 6h, and a gap of 14 m /],
    ["with a percentile once in 1h of the soak", { ...P95, window: "soak", every: "1h" }, /gap of 28 m /],
    ["with the worst minute of six", { ...P95, statistic: "worst minute p95", every: "6m" }, /gap of 5 m /],
    [
      "with gaps that could hide the worst minute",
      { ...P95, statistic: "worst minute p95", gaps: { atMost: "1%" } },
      "gaps could hide what breaks the gate",
    ],
    ["over more than is remembered", { window: "456d" }, /^window is longer than the 455 days/],
    [
      "over more minutes than are remembered",
      { window: "20d" },
      /^window is longer than CloudWatch remembers data of every 1 m/,
    ],
    [
      "over more seconds than are remembered",
      { window: "4h", every: "30s" },
      /^window is longer than CloudWatch remembers data of every 30 s/,
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
  ])("%s", (_, more, error) => {
    const found = errors(more);
    expect(
      found.some((one) => (typeof error === "string" ? one === error : error.test(one))),
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

describe("over a soak of which CloudWatch forgets the beginning", () => {
  const soak = { window: "soak" };
  const worst = { ...soak, statistic: "worst minute p95", expect: { lt: 5 } };
  test.each<[string, object, string, object]>([
    ["15d", soak, "15 d", { every: "5m" }],
    ["21d", soak, "21 d", { every: "5m" }],
    ["29d", soak, "29 d", { every: "5m" }],
    ["4 business cycles", soak, "21 d", { every: "5m" }],
    ["24h", { ...soak, every: "10s" }, "1 d", { every: "1m" }],
    ["70d", { ...P95, ...soak }, "70 d", { every: "1h" }],
    // Of longer ones no sum is looked at more coarsely, nor is the worst minute.
    ["70d", { ...soak, every: "5m" }, "70 d", { window: "60d" }],
    ["15d", worst, "15 d", { window: "14d" }],
    ["456d", soak, "456 d", { window: "60d", every: "5m" }],
  ])("of %s is refused by what it then takes: %#", (length, more, least, mended) => {
    const [first, ...others] = problems(more, length);
    expect(first?.path).toEqual(["window"]);
    expect(first?.what).toContain(`is a soak of ${least} or more, which is longer than `);
    expect(others).toEqual([]);
    const [[key, value] = []] = Object.entries(mended);
    expect(first?.remedy).toMatch(key === "every" ? new RegExp(`: every: ${value}$`) : /^Shorten it/);
    expect(problems({ ...more, ...mended }, length)).toEqual([]);
  });

  test.each(["14d", "3 business cycles"])("of %s is taken", (length) => {
    expect(problems(soak, length)).toEqual([]);
  });
});

test("a known-bad metric need not be the share that the gate's own is", () => {
  const share = gateOf("F2", {
    source: "metric",
    namespace: "App",
    name: "Conflicts",
    statistic: "Average",
    window: "24h",
    minSamples: 1,
    expect: { lt: 0.05, quantity: "share" },
    prove: { name: "Requests" },
  }).definition;
  expect(kindOf(share).probe?.(share)).toMatchObject({ name: "Requests", expect: { lt: 0.05 } });
  expect(kindOf(share).probe?.(share)).not.toHaveProperty("expect.quantity");
});
