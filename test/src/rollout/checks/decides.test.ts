import { describe, expect, test } from "vitest";
import { gateDefinition } from "../../../../src/gates/gate";
import { decidingErrors } from "../../../../src/rollout/checks/decides";

const title = "What it demands";
const SQL = { source: "sql", title, query: "select count(*) from t where a = $1", values: ["x"] };
const METRIC = {
  ...{ source: "metric", title, namespace: "N", name: "M", statistic: "Sum" },
  ...{ window: "10m", minSamples: 1, expect: { eq: 0 } },
};
const said = (gate: object) =>
  decidingErrors(gateDefinition.parse(gate)).map(({ path, what }) => `${path.join(".")}: ${what}`);

describe("an expectation that nothing decides", () => {
  test.each<[string, object, RegExp]>([
    ["a count that is 0 or more", { ...SQL, expect: { gte: 0 } }, /^expect: can never fail: a count/],
    ["a count that is a fraction", { ...SQL, expect: { eq: 1.5 } }, /^expect: can never hold: a count/],
    ["a Sum that is 0 or more", { ...METRIC, expect: { gte: 0 } }, /^expect: can never fail: a Sum/],
    [
      "a percent that is 100 or less",
      { ...METRIC, statistic: "Average", expect: { lte: 100, quantity: "percent" } },
      /^expect: can never fail: a percent/,
    ],
  ])("%s is refused", (_, gate, what) => expect(said(gate)).toEqual([expect.stringMatching(what)]));

  test.each<[string, object]>([
    ["a count of none", { ...SQL, expect: { eq: 0 } }],
    ["a value that nobody knows", { ...SQL, query: "select min(a) from t", values: [], expect: { gte: 0 } }],
    ["a latency", { ...METRIC, statistic: "p95", expect: { gte: 0 } }],
    [
      "what an answer holds, which may lack it",
      {
        source: "requests",
        title,
        steps: [{ path: "/a", value: "length(data[*])", expect: { gte: 0 } }],
      },
    ],
  ])("%s is taken", (_, gate) => expect(said(gate)).toEqual([]));
});

describe("a known-bad probe that looks at the same as its gate", () => {
  const same = ["prove: looks at the very same as the gate, and shows nothing of it"];
  const sql = { ...SQL, expect: { eq: 0 } };
  const request = { path: "/queue", as: "admin" };
  const http = { source: "http", title, request };
  const steps = [{ path: "/first" }, { ...request, value: "data.n", expect: { gt: 0 } }];
  const requests = { source: "requests", title, steps };

  test.each<[string, object]>([
    ["a query", { ...sql, prove: { query: sql.query, values: ["x"] } }],
    [
      "a query in other spaces",
      { ...sql, prove: { query: "select  count(*)\nfrom t where a = $1 ;\n", values: ["x"] } },
    ],
    ["a metric", { ...METRIC, prove: { name: "M" } }],
    ["a metric of which nothing is said", { ...METRIC, prove: {} }],
    ["a request", { ...http, prove: { request } }],
    ["the last of several requests", { ...requests, prove: { request } }],
  ])("is refused: %s", (_, gate) => expect(said(gate)).toEqual(same));

  test.each<[string, object]>([
    ["another value", { ...sql, prove: { query: sql.query, values: ["no-such"] } }],
    [
      "other spaces in quotes",
      { ...sql, values: [], query: "select 'a b'", prove: { query: "select 'a  b'" } },
    ],
    ["another metric", { ...METRIC, prove: { name: "Other" } }],
    ["another statistic", { ...METRIC, prove: { statistic: "Maximum" } }],
    ["another path", { ...http, prove: { request: { path: "/none", as: "admin" } } }],
    ["another role", { ...requests, prove: { request: { path: "/queue" } } }],
    ["none at all", sql],
  ])("is taken: %s", (_, gate) => expect(said(gate)).toEqual([]));
});

test("words that take more than one look are refused where a gate takes one, wherever they stand", () => {
  const again = { inARow: 3, noWorseThan: { first: "1h", by: "25%" } };
  const steps = [{ path: "/a" }, { path: "/b", value: "a", expect: { gt: 0, inARow: 2 } }];
  const means = "means nothing here: only a gate on a metric looks at more than one window";
  expect(said({ ...SQL, query: "select min(a) from t", values: [], expect: { lt: 1, ...again } })).toEqual([
    `expect.inARow: ${means}`,
    `expect.noWorseThan: ${means}`,
  ]);
  expect(said({ source: "requests", title, steps })).toEqual([`steps.1.expect.inARow: ${means}`]);
  expect(said({ ...METRIC, expect: { lt: 1, inARow: 3 } })).toEqual([]);
});
