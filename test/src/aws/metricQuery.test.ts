import { describe, expect, test } from "vitest";
import { dataQueries, flooredQueriesOf, queriesOf } from "../../../src/aws/metricQuery";

const errors = { namespace: "OpsView", name: "Queue5xx", statistic: "Sum" };
const requests = { namespace: "OpsView", name: "QueueRequests", statistic: "Sum" };
const ratio = { metrics: { errors, requests }, expression: "IF(requests > 1e3, 100 * errors / requests, 0)" };

describe("what is asked for a source", () => {
  test("one metric is one part", () => {
    expect(queriesOf(errors)).toEqual([{ id: "value", metric: errors, returnData: true }]);
  });

  test("math is its metrics, which only feed it, then itself", () => {
    expect(queriesOf(ratio)).toEqual([
      { id: "errors", metric: errors, returnData: false },
      { id: "requests", metric: requests, returnData: false },
      { id: "value", expression: ratio.expression, returnData: true },
    ]);
  });

  test("a prefix keeps several sources apart in one call, in the expression, too", () => {
    expect(queriesOf(ratio, "s3_").map(({ id, expression }) => expression ?? id)).toEqual([
      "s3_errors",
      "s3_requests",
      "IF(s3_requests > 1e3, 100 * s3_errors / s3_requests, 0)",
    ]);
  });
});

describe("too few samples count as what breaches nothing", () => {
  test("counted by the metric itself", () => {
    expect(flooredQueriesOf({ ...errors, statistic: "p95" }, { minSamples: 20, otherwise: 2000 })).toEqual([
      { id: "value", metric: { ...errors, statistic: "p95" }, returnData: false },
      { id: "samples", metric: { ...errors, statistic: "SampleCount" }, returnData: false },
      { id: "judged", expression: "IF(samples >= 20, value, 2000)", returnData: true },
    ]);
  });

  test("counted by another metric of the same dimensions", () => {
    const dimensions = { Service: "ops" };
    const floor = { minSamples: 20, samplesFrom: "QueueRequests", otherwise: 0 };
    const [, samples] = flooredQueriesOf({ ...errors, dimensions }, floor);
    expect(samples?.metric).toEqual({ ...requests, dimensions });
  });

  test("counted by one of the math's own, which is asked for once", () => {
    const queries = flooredQueriesOf(ratio, { minSamples: 5, samplesFrom: "requests", otherwise: -1 });
    expect(queries.map(({ id }) => id)).toEqual(["errors", "requests", "value", "judged"]);
    expect(queries.at(-1)?.expression).toBe("IF(requests >= 5, value, -1)");
    expect(queries.filter(({ returnData }) => returnData)).toHaveLength(1);
  });
});

test("in GetMetricData's words, dimensions in the order of their names", () => {
  const dimensions = { Stage: "b", App: "ops" };
  const source = { metrics: { errors: { ...errors, dimensions } }, expression: "errors + 1" };
  expect(dataQueries(queriesOf(source), 60)).toEqual([
    {
      Id: "errors",
      MetricStat: {
        Metric: {
          Namespace: "OpsView",
          MetricName: "Queue5xx",
          Dimensions: [
            { Name: "App", Value: "ops" },
            { Name: "Stage", Value: "b" },
          ],
        },
        Period: 60,
        Stat: "Sum",
      },
      ReturnData: false,
    },
    { Id: "value", Expression: "errors + 1", Period: 60, ReturnData: true },
  ]);
  expect(dataQueries(queriesOf(errors), 10)).toEqual([
    {
      Id: "value",
      MetricStat: { Metric: { Namespace: "OpsView", MetricName: "Queue5xx" }, Period: 10, Stat: "Sum" },
    },
  ]);
});
