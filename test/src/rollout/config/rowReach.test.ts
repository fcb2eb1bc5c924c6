import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { abortThreshold } from "../../../../src/rollout/config/abortRow";
import { problemsOf } from "../../../../src/rollout/config/problems";
import { showProblem } from "../../../../src/text/problem";

const one = (name: string, statistic = "Sum") => ({ namespace: "OpsView", name, statistic });
const math = (expression: string, statistic = "Sum") => {
  const ids = [...new Set(expression.match(/(?<![\w.])[a-z]\w*/g) ?? [])];
  return { metrics: Object.fromEntries(ids.map((id) => [id, one(id, statistic)])), expression };
};

const PROBE = { metric: undefined, missingData: undefined, probe: { query: "select count(*) from t" } };

const ELSEWHERE = (asked: { readonly value?: string; readonly promql?: string }) => ({
  metric: undefined,
  missingData: undefined,
  elsewhere: { from: "dd", ...(asked.promql === undefined ? { path: "/monitor" } : {}), ...asked },
});

/** What loading says of a row. */
function said(changes: object): string[] {
  const given = {
    ...{ title: "Something is wrong", metric: one("Write5xx"), threshold: { gt: 0 } },
    ...{ missingData: "notBreaching", action: "rollback" },
    ...changes,
  };
  const found = abortThreshold.safeParse(JSON.parse(JSON.stringify(given)));
  return found.success
    ? []
    : problemsOf(found.error, given, abortThreshold, (path) => path.join(".") || "XB2").map(showProblem);
}

describe("a row that can never act is refused", () => {
  test.each<[string, object, RegExp]>([
    ["a negative Sum", { threshold: { lt: 0 } }, /^threshold: is never met: a Sum/],
    [
      "a probe that counts less than nothing",
      { ...PROBE, threshold: { lt: 0 } },
      /^threshold: is never met: a count is from 0/,
    ],
    ["any Sum", { threshold: { gte: 0 } }, /^threshold: is always met: a count is 0 or more/],
    [
      "any number of lines",
      { metric: undefined, logs: { group: "/a", pattern: "failed" }, threshold: { gt: -1 } },
      /^threshold: is always met: a count is 0 or more/,
    ],
    [
      "any share",
      { metric: one("Ok", "Average"), threshold: { lte: 1, quantity: "share" } },
      /^threshold: is always met: a share is from 0 to 1/,
    ],
    [
      "any percent",
      { metric: one("Ok", "Average"), threshold: { gte: 0, quantity: "percent" } },
      /^threshold: is always met: a percent is from 0 to 100/,
    ],
    [
      "a probe that counts anything",
      { ...PROBE, threshold: { gte: 0 } },
      /^threshold: is always met: a count is 0 or more/,
    ],
    ["a Sum far below zero", { threshold: { lte: -1 } }, /^threshold: is never met/],
    [
      "a negative number of samples",
      { metric: one("x", "SampleCount"), threshold: { lt: 0 } },
      /^threshold: /,
    ],
    [
      "a negative number of lines",
      { metric: undefined, logs: { group: "/ecs/ops", pattern: "x" }, threshold: { lt: 0 } },
      /^threshold: is never met: a number of lines/,
    ],
    [
      "a negative ratio of sums",
      { metric: math("100 * e / r"), threshold: { lt: 0 } },
      /^threshold: is never met/,
    ],
    ["what is below it at most", { metric: math("5 - e"), threshold: { gt: 5 } }, /^threshold: is never met/],
    ...(
      [
        ["percent", { gt: 100 }, "from 0 to 100"],
        ["percent", { gte: 100.5 }, "from 0 to 100"],
        ["percent", { lt: 0 }, "from 0 to 100"],
        ["share", { gt: 1 }, "from 0 to 1"],
        ["share", { gt: 100 }, "from 0 to 1"],
        ["share", { lte: -0.1 }, "from 0 to 1"],
        ["count", { lt: 0 }, "from 0 to any number"],
      ] as const
    ).flatMap(([quantity, bound, extent]) =>
      (["notBreaching", "breaching"] as const).map((missingData): [string, object, RegExp] => [
        `a ${quantity} of ${JSON.stringify(bound)}, where silence is ${missingData}`,
        { metric: one("x", "Average"), threshold: { ...bound, quantity }, missingData },
        new RegExp(`^threshold: is never met: a ${quantity} is ${extent}`),
      ]),
    ),
    ["nothing of a metric", { metric: math("a * 0") }, /^metric\.expression: is 0, whatever its metrics say/],
    ["nothing of a metric, turned round", { metric: math("0 * (a + b)") }, /^metric\.expression: is 0/],
    ["a metric without itself", { metric: math("a - a", "Average") }, /^metric\.expression: is 0/],
    ["a metric by itself", { metric: math("a / a"), threshold: { gt: 2 } }, /^metric\.expression: is 1/],
    [
      "a metric under two ids without itself",
      { metric: { metrics: { a: one("x"), b: one("x") }, expression: "a - b" } },
      /^metric\.expression: is 0/,
    ],
    ["a division by zero", { metric: math("a / (b - b)") }, /^metric\.expression: is nothing/],
    ["nothing of a function", { metric: math("MAX([a, b]) * 0") }, /^metric\.expression: multiplies by 0/],
    ...(
      [
        ["a > 5", { gt: 1 }, "never", "true or false"],
        ["100 * a / b >= 5", { gt: 5 }, "never", "true or false"],
        ["(a > 5)", { lte: 1 }, "always", "true or false"],
        ["a > 5 && b != 0", { lt: 0 }, "never", "true or false"],
        ["a OR b", { gte: 0 }, "always", "true or false"],
        ["IF(a > 5, 1, 0)", { gt: 1 }, "never", "true or false"],
        ["IF(a > 5, 0, 0)", { gt: 0 }, "never", "0. "],
        ["IF(MAX([a, b]) > 5, 2.5, -1)", { gt: 3 }, "never", "2.5 or -1"],
      ] as const
    ).map(([expression, threshold, how, is]): [string, object, RegExp] => [
      `${expression} of ${JSON.stringify(threshold)}`,
      { metric: math(expression), threshold },
      new RegExp(`^threshold: is ${how} met: .* is ${is}`),
    ]),
    ["what is smaller than nothing", { metric: math("ABS(a - b)"), threshold: { lt: 0 } }, /never below 0/],
    ["any size", { metric: math("ABS(a)"), threshold: { gte: 0 } }, /^threshold: is always met: a count/],
    ...(
      [
        [{ value: "length(data)" }, { lt: 0 }, /^threshold: is never met: a count/],
        [{ value: "data | length(@)" }, { gte: 0 }, /^threshold: is always met: a count/],
        [{ value: "contains(data, 'x')" }, { gt: 1 }, /^threshold: is never met: contains/],
        [{ value: "keys(data)" }, { gt: 0 }, /^elsewhere\.value: is a list, and a row goes by a number/],
        [{ value: "data[?state=='Alert']" }, { gt: 0 }, /^elsewhere\.value: is a list/],
        [{ value: "data[].count" }, { gt: 0 }, /^elsewhere\.value: is a list/],
        [{ value: "[a, b]" }, { gt: 0 }, /^elsewhere\.value: is a list/],
        [{ value: "to_string(data)" }, { gt: 0 }, /^elsewhere\.value: is text/],
        [{ value: "data | type(@)" }, { gt: 0 }, /^elsewhere\.value: is text/],
        [{ value: "{a: b}" }, { gt: 0 }, /^elsewhere\.value: is an object/],
        [{ promql: "sum(a) > bool 3" }, { gt: 1 }, /^threshold: is never met: sum\(a\) > bool 3 is true or/],
        [{ promql: "a > BOOL on (or) b" }, { gte: 0 }, /^threshold: is always met/],
      ] as const
    ).map(([asked, threshold, what]): [string, object, RegExp] => [
      `${Object.values(asked)} of a named source, ${JSON.stringify(threshold)}`,
      { ...ELSEWHERE(asked), threshold },
      what,
    ]),
    ["data beyond memory", { dataWithin: "1000d" }, /^dataWithin: is 1000d, and CloudWatch remembers 455d/],
    ["data at once", { dataWithin: "1ms" }, /^dataWithin: is 1ms, .* Write 5m or more/],
    [
      "silence for a year",
      { silentUntilFlip: { heartbeat: "h", within: "365d" } },
      /^silentUntilFlip\.within: is 365d, .* Write 15m or less/,
    ],
    [
      "silence for no time",
      { silentUntilFlip: { heartbeat: "h", within: "0s" } },
      /^silentUntilFlip\.within: /,
    ],
    [
      "data by the minute within one",
      { metric: { ...one("x", "Sum"), period: "1m" }, silentUntilFlip: { heartbeat: "h", within: "1m" } },
      /^silentUntilFlip\.within: is 1m, and CloudWatch tells data by the minute.* Write 5m or more/,
    ],
    [
      "data each five minutes within four",
      {
        metric: { ...one("x", "Sum"), period: "5m" },
        silentUntilFlip: { heartbeat: "h", within: "4m" },
      },
      /^silentUntilFlip\.within: is 4m/,
    ],
    [
      "itself as its heartbeat",
      { silentUntilFlip: { heartbeat: "Write5xx", within: "5m" } },
      /^silentUntilFlip\.heartbeat: is Write5xx, the very metric/,
    ],
    [
      "itself as the heartbeat of math",
      { metric: math("a * 2"), silentUntilFlip: { heartbeat: "a", within: "5m" } },
      /^silentUntilFlip\.heartbeat: /,
    ],
  ])("%s", (_, changes, what) => {
    expect(said(changes)).toEqual([expect.stringMatching(what)]);
  });

  test.each<[string, object]>([
    ["a Sum that has to be there", { threshold: { lt: 1 } }],
    ["a Sum of nothing", { threshold: { lte: 0 } }],
    ["a negative Average", { metric: one("Drift", "Average"), threshold: { lt: 0 } }],
    ["silence alone", { threshold: { lt: 0 }, missingData: "breaching" }],
    ["a whole percent", { metric: one("x", "Average"), threshold: { gte: 100, quantity: "percent" } }],
    ["nearly a whole share", { metric: one("x", "Average"), threshold: { gt: 0.99, quantity: "share" } }],
    ["a large Average of which nothing is said", { metric: one("x", "Average"), threshold: { gt: 100 } }],
    ["a sum that may be negative", { threshold: { lt: 0, quantity: "signed" } }],
    ["a ratio", { metric: math("100 * e / r"), threshold: { gt: 5 } }],
    ["no success at all", { metric: math("100 * e / r"), threshold: { lte: 0 } }],
    ["a difference", { metric: math("a - 1.25 * b"), threshold: { lt: -5 } }],
    ["the most of a difference", { metric: math("5 - e"), threshold: { gte: 5 } }],
    ["a function", { metric: math("IF(r > 20, e / r, 0)") }],
    ["a small factor", { metric: math("MAX([a, b]) * 0.5") }],
    ["a comparison", { metric: math("a > 5") }],
    ["no comparison", { metric: math("a > 5"), threshold: { lt: 1 } }],
    [
      "silence alone, of a comparison",
      { metric: math("a > 5"), threshold: { gt: 1 }, missingData: "breaching" },
    ],
    ["a choice", { metric: math("IF(a > 5, 1, 0)"), threshold: { gte: 1 } }],
    ["a choice below zero", { metric: math("IF(a > 5, -1, 1)"), threshold: { lt: 0 } }],
    ["a choice of a metric", { metric: math("IF(a > 5, a, 0)"), threshold: { gt: 1 } }],
    ["a comparison that is weighed", { metric: math("10 * (a > 5)"), threshold: { gt: 1 } }],
    ["two comparisons", { metric: math("(a > 5) + (b > 5)"), threshold: { gt: 1 } }],
    ["two choices", { metric: math("IF(a > 5, 1, 0) + IF(b > 5, 1, 0)"), threshold: { gt: 1 } }],
    ["a size", { metric: math("ABS(a - b)"), threshold: { gt: 0 } }],
    ["two sizes", { metric: math("ABS(a) - ABS(b)"), threshold: { lt: 0 } }],
    ...(
      [
        [{ value: "length(data)" }, { gt: 0 }],
        [{ value: "length(data) > `0`" }, { gt: 0 }],
        [{ value: "data[?state=='Alert'] | [0].count" }, { gt: 1 }],
        [{ value: "sum(data[].count)" }, { lt: 0 }],
        [{ value: "to_number(data)" }, { gt: 1 }],
        [{ promql: "sum(a) > bool 3" }, { gt: 0 }],
        [{ promql: "sum(a > bool 3)" }, { gt: 1 }],
        [{ promql: "a > bool 3 or b" }, { gt: 1 }],
        [{ promql: "job:bool" }, { gt: 1 }],
      ] as const
    ).map(([asked, threshold]): [string, object] => [
      `${Object.values(asked)} of a named source, ${JSON.stringify(threshold)}`,
      { ...ELSEWHERE(asked), threshold },
    ]),
    ["data within a year", { dataWithin: "455d" }],
    ["data within minutes", { dataWithin: "5m" }],
    ["silence for a quarter", { silentUntilFlip: { heartbeat: "h", within: "15m" } }],
    [
      "data each ten seconds within one minute",
      { metric: { ...one("x", "Sum"), period: "10s" }, silentUntilFlip: { heartbeat: "h", within: "1m" } },
    ],
    ["one that lives, of math", { metric: math("a / b"), silentUntilFlip: { heartbeat: "b", within: "5m" } }],
  ])("but not %s", (_, changes) => {
    expect(said(changes)).toEqual([]);
  });
});

test("a limit is refused just where no value of the stated quantity could pass it, or each does", () => {
  const extents = { percent: [0, 100], share: [0, 1], count: [0, Number.POSITIVE_INFINITY] } as const;
  const quantities = fc.constantFrom(...(["percent", "share", "count"] as const));
  fc.assert(
    fc.property(quantities, fc.integer({ min: -20, max: 120 }), (quantity, limit) => {
      const [least, most] = extents[quantity];
      const refused = (bound: object) =>
        said({ metric: one("x", "Average"), threshold: { ...bound, quantity } }).length > 0;
      expect(refused({ gt: limit })).toBe(limit >= most || limit < least);
      expect(refused({ gte: limit })).toBe(limit > most || limit <= least);
      expect(refused({ lt: limit })).toBe(limit <= least || limit > most);
      expect(refused({ lte: limit })).toBe(limit < least || limit >= most);
    }),
    { numRuns: 60 },
  );
});

test("no limit is refused that some counts would pass", () => {
  const count = fc.integer({ min: 0, max: 1_000_000 });
  const factor = fc.integer({ min: 1, max: 1_000 });
  fc.assert(
    fc.property(count, count, factor, fc.integer({ min: -1000, max: 1000 }), (a, b, by, off) => {
      const value = by * a - b + off;
      const metric = math(`${by} * a - b + ${off}`.replace("+ -", "- "));
      expect(said({ metric, threshold: { gt: value - 1 } })).toEqual([]);
      expect(said({ metric, threshold: { lt: value + 1 } })).toEqual([]);
    }),
    { numRuns: 30 },
  );
});
