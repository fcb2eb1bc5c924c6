import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  awsOwn,
  type GivenSource,
  mathMetrics,
  samplesErrors,
  showSource,
  sourceErrors,
  sourceOf,
} from "../../../src/aws/metricSource";

const errors = { namespace: "OpsView", name: "Queue5xx", statistic: "Sum" };
const requests = { namespace: "OpsView", name: "QueueRequests", statistic: "Sum" };
const math = (expression: string, metrics: GivenSource["metrics"] = { errors, requests }): GivenSource => ({
  metrics,
  expression,
});
const said = (given: GivenSource) => sourceErrors(given).map(({ path, what }) => `${path.join(".")} ${what}`);

describe("a source is one metric or math", () => {
  test.each<[string, GivenSource]>([
    ["one metric", errors],
    ["one metric with dimensions", { ...errors, dimensions: { Service: "ops" } }],
    ["a ratio", math("100 * errors / requests")],
    ["the old path in the same minutes", math("errors - 1.25 * requests")],
    ["functions and numbers", math("IF(requests >= 1e3 AND errors > 0, errors / requests, 0)")],
    ["all of its metrics at once", math("SUM(METRICS())")],
    ["missing data filled", math("FILL(errors, REPEAT) / FILL(requests, 0)")],
  ])("%s", (_, given) => {
    expect(sourceErrors(given)).toEqual([]);
    expect(sourceOf(given)).toEqual(given);
  });

  test.each<[string, GivenSource, string[]]>([
    ["nothing", {}, ["namespace is missing", "name is missing", "statistic is missing"]],
    [
      "both",
      { ...errors, ...math("errors / requests") },
      [
        "namespace means nothing beside metrics and expression",
        "name means nothing beside metrics and expression",
        "statistic means nothing beside metrics and expression",
      ],
    ],
    ["metrics alone", { metrics: { errors } }, ["expression is missing"]],
    ["an expression alone", { expression: "errors" }, ["metrics is missing"]],
    [
      "an id that nobody declared",
      math("errors / request", { errors }),
      ["expression names request, which is no metric of it"],
    ],
    ["a metric that is not named", math("errors"), ["metrics.requests is not named in the expression"]],
    [
      "an id of ours",
      math("samples", { samples: errors }),
      ["metrics.samples is an id that cutover gives to what it adds"],
    ],
    [
      "an anomaly band",
      math("ANOMALY_DETECTION_BAND(errors, 2)", { errors }),
      ["expression uses ANOMALY_DETECTION_BAND, of which no alarm and no gate can be made"],
    ],
    [
      "a search",
      math("SEARCH(errors)", { errors }),
      ["expression uses SEARCH, of which no alarm and no gate can be made"],
    ],
    ["text", math("errors + '{5}'", { errors }), ["expression holds text"]],
    [
      "a parenthesis too many",
      math("(errors))", { errors }),
      ["expression has parentheses that do not match"],
    ],
  ])("not %s", (_, given, expected) => {
    expect(said(given)).toEqual(expected);
  });

  test("eleven metrics are more than an alarm takes", () => {
    const ids = Array.from({ length: 11 }, (_, n) => `m${n}`);
    const metrics = Object.fromEntries(ids.map((id) => [id, errors]));
    expect(said(math(ids.join(" + "), metrics))).toEqual([
      "metrics are more than 10, which is what CloudWatch takes",
    ]);
    const { m10: _, ...ten } = metrics;
    expect(said(math(ids.slice(0, 10).join(" + "), ten))).toEqual([]);
  });

  test.each(["Errors", "1st", "with-dash", ""])("%j is no id of CloudWatch's", (id) => {
    expect(mathMetrics.safeParse({ [id]: errors }).success).toBe(false);
  });

  test("every error says where, what and what to do, whatever is written", () => {
    fc.assert(
      fc.property(fc.string(), fc.dictionary(fc.string(), fc.constant(errors)), (expression, metrics) => {
        for (const { path, what, remedy } of sourceErrors({ metrics, expression }))
          expect([path.length > 0, what.length > 0, remedy.length > 0]).toEqual([true, true, true]);
      }),
    );
  });
});

describe("samples are counted", () => {
  test.each<[string, GivenSource, string | undefined, string[]]>([
    ["by the metric itself", errors, undefined, []],
    ["by another", errors, "QueueRequests", []],
    ["by a metric of the math", math("errors / requests"), "requests", []],
    ["by nothing", math("errors / requests"), undefined, ["is missing: math has no sample count of its own"]],
    [
      "by an id that is not there",
      math("errors / requests"),
      "all",
      ["names all, which is no metric of the expression"],
    ],
  ])("%s", (_, given, from, expected) => {
    const source = sourceOf(given);
    expect(source && samplesErrors(source, from).map(({ what }) => what)).toEqual(expected);
  });
});

test("the metrics that AWS publishes are known by their namespace", () => {
  const own = { namespace: "AWS/ApplicationELB", name: "HTTPCode_Target_5XX_Count", statistic: "Sum" };
  expect(awsOwn({ metrics: { own, errors }, expression: "own + errors" })).toEqual([own]);
  expect(awsOwn(errors)).toEqual([]);
});

test.each([
  [errors, "Sum of Queue5xx"],
  [{ ...errors, dimensions: { Stage: "b", App: "ops" } }, "Sum of Queue5xx (App ops, Stage b)"],
  [
    { metrics: { errors, requests }, expression: "errors / requests" },
    "errors / requests (errors: Sum of Queue5xx, requests: Sum of QueueRequests)",
  ],
])("a source is called the same everywhere: %#", (source, words) => {
  expect(showSource(source)).toBe(words);
});
