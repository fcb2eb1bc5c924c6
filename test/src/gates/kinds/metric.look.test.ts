import { describe, expect, it, test } from "vitest";
import { judge } from "../../../../src/gates/judge";
import type { MetricGate } from "../../../../src/gates/kinds/metric";
import {
  combine,
  type MetricContext,
  observeMetric,
  periodOf,
  windowOf,
} from "../../../../src/gates/kinds/metric.look";
import { gateOf, NOW, observe } from "../../../support/build";
import { fakeAws, nobody, pointAwsTo } from "../../../support/standIn";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function metricGate(definition: object = {}) {
  return gateOf("E1", {
    source: "metric",
    namespace: "OpsView",
    name: "Read5xx",
    statistic: "Sum",
    window: "24h",
    minSamples: 100,
    expect: { eq: 0 },
    ...definition,
  });
}
const define = (definition: object = {}) => metricGate(definition).definition as MetricGate;

const context = (): MetricContext => ({
  region: "eu-central-1",
  liveSince: Date.now() - 30 * HOUR,
  timeScale: 1,
});

interface Query {
  readonly Id: string;
  readonly MetricStat: { Metric: { Namespace: string; MetricName: string }; Period: number; Stat: string };
}

/** CloudWatch with one value list for each metric and statistic (`Read5xx Sum`). */
function cloudWatch(series: Readonly<Record<string, readonly number[]>>, pageSize = 1_000) {
  return fakeAws({
    GetMetricData: ({ MetricDataQueries, NextToken }) => {
      const from = Number(NextToken ?? 0);
      const results = (MetricDataQueries as Query[]).map(({ Id, MetricStat: { Metric, Stat } }) => {
        const values = series[`${Metric.MetricName} ${Stat}`] ?? [];
        const complete = from + pageSize >= values.length;
        return {
          Id,
          Values: values.slice(from, from + pageSize),
          StatusCode: complete ? "Complete" : "PartialData",
        };
      });
      const more = results.some(({ StatusCode }) => StatusCode === "PartialData");
      return { MetricDataResults: results, ...(more ? { NextToken: String(from + pageSize) } : {}) };
    },
  });
}

describe("a metric is observed", () => {
  it("with its value and samples over the whole window", async () => {
    const aws = await cloudWatch({ "Read5xx Sum": [0, 2, 1], "Read5xx SampleCount": [50, 60, 70] });
    const before = Date.now();
    const seen = await observeMetric(define(), context());
    expect(seen).toMatchObject({ kind: "metric", value: 3, samples: 180 });
    const { from, to } = (seen as { window: { from: string; to: string } }).window;
    expect(Date.parse(to) - Date.parse(from)).toBe(DAY);
    expect(Date.parse(to)).toBeGreaterThanOrEqual(before);
    const [call] = aws.calls;
    expect(Number(call?.input.EndTime) - Number(call?.input.StartTime)).toBeCloseTo(DAY / SECOND, 0);
    for (const { MetricStat } of (call?.input.MetricDataQueries ?? []) as Query[])
      expect(MetricStat).toMatchObject({
        Period: 60,
        Metric: { Namespace: "OpsView", MetricName: "Read5xx" },
      });
  });

  it("with the samples of another metric, where errors are published also without requests", async () => {
    await cloudWatch({
      "Read5xx Sum": [0],
      "Read5xx SampleCount": [9_999],
      "ReadRequests Sum": [3, 4],
      "ReadRequests SampleCount": [500],
    });
    expect(await observeMetric(define({ samplesFrom: "ReadRequests" }), context())).toMatchObject({
      value: 0,
      samples: 7,
    });
  });

  it("page by page", async () => {
    const values = Array.from({ length: 25 }, () => 1);
    const aws = await cloudWatch({ "Read5xx Sum": values, "Read5xx SampleCount": values }, 10);
    expect(await observeMetric(define(), context())).toMatchObject({ value: 25, samples: 25 });
    expect(aws.calls).toHaveLength(3);
  });

  it("as its average over all samples, not over periods", async () => {
    // A busy minute counts for as much as it was busy: 10 of 1,000, not the mean of 1 % and 100 %.
    await cloudWatch({
      "Read5xx Average": [1 / 999, 1],
      "Read5xx Sum": [1, 9],
      "Read5xx SampleCount": [991, 9],
    });
    expect(await observeMetric(define({ statistic: "Average" }), context())).toMatchObject({ value: 0.01 });
  });

  it("as nothing where there is nothing: inconclusive, whatever is expected", async () => {
    await cloudWatch({});
    const gate = metricGate({ minSamples: 1, expect: { lte: 1e9 } });
    const seen = await observeMetric(gate.definition as MetricGate, context());
    expect(seen).toMatchObject({ kind: "metric", value: null, samples: 0 });
    expect(judge(gate, observe(gate, seen), { now: NOW, timeScale: 1, attempt: 1 }).outcome).toBe(
      "inconclusive",
    );
  });

  it("as nothing where there were requests, but never the metric itself", async () => {
    await cloudWatch({ "ReadRequests Sum": [500] });
    const gate = metricGate({ samplesFrom: "ReadRequests" });
    const seen = await observeMetric(gate.definition as MetricGate, context());
    expect(seen).toMatchObject({ value: null, samples: 500 });
    expect(judge(gate, observe(gate, seen), { now: NOW, timeScale: 1, attempt: 1 }).outcome).toBe(
      "inconclusive",
    );
  });
});

describe("data that is not all there is none", () => {
  test.each(["InternalError", "Forbidden", "PartialData"])("%s", async (StatusCode) => {
    await fakeAws({
      GetMetricData: ({ MetricDataQueries }) => ({
        MetricDataResults: (MetricDataQueries as Query[]).map(({ Id }) => ({
          Id,
          Values: Id === "main" ? [0] : [500],
          StatusCode: Id === "main" ? StatusCode : "Complete",
        })),
      }),
    });
    expect(await observeMetric(define(), context())).toMatchObject({
      kind: "failure",
      message: expect.stringContaining(StatusCode),
    });
  });
});

describe("an AWS that fails", () => {
  it("by throttling, and then recovers, is asked again", async () => {
    const aws = await fakeAws({
      GetMetricData: ({ MetricDataQueries }, before) =>
        before < 2
          ? { error: "ThrottlingException" }
          : { MetricDataResults: (MetricDataQueries as Query[]).map(({ Id }) => ({ Id, Values: [5] })) },
    });
    expect(await observeMetric(define(), context())).toMatchObject({ kind: "metric", value: 5 });
    expect(aws.calls).toHaveLength(3);
  });

  test.each([
    ["ThrottlingException", "throttled"],
    ["AccessDeniedException", "refused"],
    ["ExpiredTokenException", "refused"],
    ["InvalidParameterValueException", "bad-answer"],
  ])("with %s is %s", async (error, failure) => {
    await fakeAws({ GetMetricData: () => ({ error }) });
    expect(await observeMetric(define(), context())).toEqual({
      kind: "failure",
      failure,
      message: `${error}, says AWS`,
    });
  });

  it("because it is not there is unreachable", async () => {
    pointAwsTo(await nobody());
    expect(await observeMetric(define(), context())).toMatchObject({
      kind: "failure",
      failure: "unreachable",
    });
  });

  it("with an answer that is none is no data", async () => {
    await fakeAws({ GetMetricData: () => "<html>a proxy</html>" });
    const gate = metricGate({ minSamples: 1, expect: { lte: 1e9 } });
    const seen = await observeMetric(gate.definition as MetricGate, context());
    expect(judge(gate, observe(gate, seen), { now: NOW, timeScale: 1, attempt: 1 }).outcome).toBe(
      "inconclusive",
    );
  });
});

describe("the window", () => {
  const at = (window: string, since: number, timeScale = 1) =>
    windowOf(define({ window }), { liveSince: NOW - since, timeScale }, NOW);

  test.each<[string, string, number, number, number]>([
    ["is as long as declared", "24h", 30 * HOUR, 1, 24 * HOUR],
    ["is so also before the stage is live for so long", "24h", HOUR, 1, 24 * HOUR],
    ["shrinks with scaled time", "24h", HOUR, 1_440, MINUTE],
    ["never shrinks below what a metric has data for", "5m", HOUR, 3_600, 10 * SECOND],
    ["is the whole soak, on the clock", "soak", 30 * HOUR, 1, 30 * HOUR],
    ["is the whole soak, which is short already where time is scaled", "soak", MINUTE, 1_440, MINUTE],
    ["is not empty where the stage has only just gone live", "soak", 0, 1, 10 * SECOND],
    ["is not empty where the service's clock is ahead", "soak", -MINUTE, 1, 10 * SECOND],
  ])("%s", (_, window, since, timeScale, expected) => {
    expect(at(window, since, timeScale)).toEqual({ from: NOW - expected, to: NOW });
  });
});

test.each([
  [MINUTE, 10],
  [15 * MINUTE, 10],
  [15 * MINUTE + 1, 60],
  [24 * HOUR, 60],
  [15 * DAY - HOUR, 60],
  [15 * DAY, 300],
  [63 * DAY - HOUR, 300],
  [63 * DAY, 3_600],
])("a window of %d ms is read in periods of %d s, which CloudWatch still holds", (age, seconds) => {
  expect(periodOf(NOW - age, NOW)).toBe(seconds);
});

describe("periods are put together", () => {
  const of = (main: number[], sum = main, count = main.map(() => 1)) => ({ main, sum, count });

  test.each<[string, object, number[], number | undefined]>([
    ["Sum", { eq: 0 }, [1, 2, 3], 6],
    ["SampleCount", { gt: 0 }, [1, 2, 3], 6],
    ["Average", { lt: 1 }, [1, 2, 3], 2],
    ["Minimum", { gt: 0 }, [3, 1, 2], 1],
    ["Maximum", { lt: 9 }, [3, 1, 2], 3],
    ["Maximum", { gt: 0 }, [0, 1, 0], 1],
    ["p95", { lt: 500 }, [100, 900, 200], 900],
    ["p95", { lt: 500 }, [100, 200], 200],
    ["p5", { gt: 100 }, [500, 50, 900], 50],
    ["p50", { gte: 10, lt: 100 }, [50, 5, 60], 5],
    ["p50", { gte: 10, lt: 100 }, [50, 5, 600], 600],
    ["p50", { ne: 7 }, [5, 7, 9], 7],
    ["p99.9", { eq: 5 }, [5, 5], 5],
    ["Sum", { eq: 0 }, [], undefined],
    ["p95", { lt: 500 }, [], undefined],
  ])(
    "%s, expected %j, of %j is %d: of percentiles, the one that fails",
    (statistic, expected, main, value) => {
      expect(combine(statistic, of(main), expected)).toBe(value);
    },
  );

  it("to an average by their samples", () => {
    expect(combine("Average", of([0, 1], [0, 10], [90, 10]), { lt: 1 })).toBe(0.1);
    expect(combine("Average", of([0], [0], [0]), { lt: 1 })).toBeUndefined();
    expect(combine("Average", of([0], [], []), { lt: 1 })).toBeUndefined();
  });

  it("of a soak that lasted for months", () => {
    const long = Array.from({ length: 200_000 }, (_, index) => index % 1_000);
    expect(combine("p95", of(long), { lt: 500 })).toBe(999);
    expect(combine("Minimum", of(long), { lt: 500 })).toBe(0);
  });
});
