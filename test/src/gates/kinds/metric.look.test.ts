import { describe, expect, it, test } from "vitest";
import { judge } from "../../../../src/gates/judge";
import { type MetricGate, metric, readingOf } from "../../../../src/gates/kinds/metric";
import {
  howToRead,
  look,
  type MetricContext,
  observeMetric,
  percentileRank,
} from "../../../../src/gates/kinds/metric.look";
import { spanOf } from "../../../../src/gates/window";
import { COVERED, errorsOfADay, gateOf, NOW, observe } from "../../../support/build";
import { fakeAws, nobody, pointAwsTo } from "../../../support/standIn";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function metricGate(definition: object = {}) {
  return gateOf("E1", { ...errorsOfADay, ...definition });
}

function define(definition: object = {}) {
  const reading = readingOf(metricGate(definition).definition as MetricGate);
  if (!reading) throw new Error("reads nothing");
  return reading;
}

const context = (): MetricContext => ({
  region: "eu-central-1",
  liveSince: Date.now() - 30 * HOUR,
  timeScale: 1,
});

interface Query {
  readonly Id: string;
  readonly MetricStat: {
    Metric: { Namespace: string; MetricName: string; Dimensions?: unknown };
    Period: number;
    Stat: string;
  };
}

/** Values, one a period from the window's beginning on; or a value at each of some periods. */
type Values = readonly number[] | Readonly<Record<number, number>>;

/** CloudWatch with one series for each metric and statistic (`Read5xx Sum`), or for a period of it (`Read5xx p95 86400`). */
function cloudWatch(series: Readonly<Record<string, Values>>, pageSize = 100_000) {
  return fakeAws({
    GetMetricData: ({ MetricDataQueries, NextToken, StartTime }) => {
      const from = Number(NextToken ?? 0);
      const results = (MetricDataQueries as Query[]).map(({ Id, MetricStat: { Metric, Stat, Period } }) => {
        const key = `${Metric.MetricName} ${Stat}`;
        const found = Object.entries(
          series[`${key} ${Period}`] ?? (Period > 3_600 ? [] : (series[key] ?? [])),
        );
        const page = found.slice(from, from + pageSize);
        return {
          Id,
          Timestamps: page.map(([index]) => Number(StartTime) + Number(index) * Period),
          Values: page.map(([, value]) => value),
          StatusCode: from + pageSize >= found.length ? "Complete" : "PartialData",
        };
      });
      const more = results.some(({ StatusCode }) => StatusCode === "PartialData");
      return { MetricDataResults: results, ...(more ? { NextToken: String(from + pageSize) } : {}) };
    },
  });
}

const each = (many: number, value: number) => Array.from({ length: many }, () => value);
const verdictOn = (gate: ReturnType<typeof metricGate>, seen: Parameters<typeof observe>[1]) =>
  judge(gate, observe(gate, seen), { now: NOW, timeScale: 1, attempt: 1 });

describe("a metric is observed", () => {
  it("with its value and samples over the whole window", async () => {
    const aws = await cloudWatch({ "Read5xx Sum": [0, 2, 1], "Read5xx SampleCount": [50, 60, 70] });
    const before = Date.now();
    const seen = await observeMetric(define(), context());
    expect(seen).toMatchObject({
      kind: "metric",
      value: 3,
      samples: 180,
      coverage: { covered: 3, partMs: MINUTE, period: 60 },
    });
    const { from, to } = (seen as { window: { from: string; to: string } }).window;
    expect(Date.parse(from) % MINUTE).toBe(0);
    expect(DAY - (Date.parse(to) - Date.parse(from))).toBeLessThan(MINUTE);
    expect(Date.parse(to)).toBeGreaterThanOrEqual(before);
    const [call] = aws.calls;
    for (const { MetricStat } of (call?.input.MetricDataQueries ?? []) as Query[])
      expect(MetricStat).toMatchObject({
        Period: 60,
        Metric: { Namespace: "OpsView", MetricName: "Read5xx" },
      });
  });

  it("of its dimensions", async () => {
    const aws = await cloudWatch({ "Read5xx Sum": [0] });
    await observeMetric(define({ dimensions: { Service: "ops" } }), context());
    const [query] = (aws.calls[0]?.input.MetricDataQueries ?? []) as Query[];
    expect(query?.MetricStat.Metric.Dimensions).toEqual([{ Name: "Service", Value: "ops" }]);
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
    const aws = await cloudWatch({ "Read5xx Sum": each(25, 1), "Read5xx SampleCount": each(25, 1) }, 10);
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
    const seen = await observeMetric(define({ minSamples: 1, expect: { lte: 1e9 } }), context());
    expect(seen).toMatchObject({ kind: "metric", value: null, samples: 0 });
    expect(verdictOn(gate, seen).outcome).toBe("inconclusive");
  });

  it("as nothing where there were requests, but never the metric itself", async () => {
    await cloudWatch({ "ReadRequests Sum": [500] });
    const gate = metricGate({ samplesFrom: "ReadRequests" });
    const seen = await observeMetric(define({ samplesFrom: "ReadRequests" }), context());
    expect(seen).toMatchObject({ value: null, samples: 500 });
    expect(verdictOn(gate, seen).outcome).toBe("inconclusive");
  });

  it("as the least of it, where a count was less than nothing once", async () => {
    await cloudWatch({ "Read5xx Sum": [5, -5], "Read5xx SampleCount": [500, 500] });
    const gate = metricGate();
    const seen = await observeMetric(define(), context());
    expect(verdictOn(gate, seen)).toMatchObject({ outcome: "inconclusive", observed: /-5, which no count/ });
  });

  test.each<[string, object]>([
    ["Average", { lt: 0.05 }],
    ["Average", { gte: 0.5 }],
    ["p95", { lt: 500 }],
    ["Minimum", { lt: 500 }],
    ["Maximum", { lt: 500 }],
    ["worst minute p95", { lt: 500 }],
    ["worst minute Average", { lt: 500 }],
    ["Sum", { lt: 500 }],
    ["Sum", { gt: 5 }],
  ])(
    "as impossible, where its %s, which is to be %j, was less than nothing once",
    async (statistic, expected) => {
      const plain = statistic.replace("worst minute ", "");
      await cloudWatch({
        [`Read5xx ${plain}`]: [200, -3],
        "Read5xx Sum": [200_000, -3],
        "Read5xx SampleCount": [1_000, 1],
        "Read5xx PR(:500)": [100, 100],
        [`Read5xx ${plain} 86400`]: [200],
        "Read5xx SampleCount 86400": [1_001],
      });
      const more = { statistic, expect: expected };
      const seen = await observeMetric(define(more), context());
      const whole = { ...seen, coverage: COVERED } as typeof seen;
      expect(verdictOn(metricGate(more), whole)).toMatchObject({
        outcome: "inconclusive",
        observed: expect.stringMatching(/^the value is -3, which no count/),
      });
    },
  );

  it("as all of it, where it may be less than nothing", async () => {
    await cloudWatch({ "Read5xx Sum": [5, -7], "Read5xx SampleCount": [500, 500] });
    const signed = { expect: { lte: 0, quantity: "signed" } };
    expect(await observeMetric(define(signed), context())).toMatchObject({ value: -2 });
  });
});

describe("arithmetic of several metrics", () => {
  const math = {
    namespace: undefined,
    name: undefined,
    statistic: undefined,
    metrics: {
      errors: { namespace: "OpsView", name: "Read5xx", statistic: "Sum" },
      requests: { namespace: "OpsView", name: "ReadRequests", statistic: "Sum" },
    },
    expression: "100 * errors / requests",
    samplesFrom: "requests",
    expect: { lt: 1 },
  };

  it("is worked out over the whole window, not period by period", async () => {
    await cloudWatch({
      "Read5xx Sum": [1, 0],
      "Read5xx SampleCount": [1, 1],
      "ReadRequests Sum": [1, 199],
      "ReadRequests SampleCount": [1, 1],
    });
    expect(await observeMetric(define(math), context())).toMatchObject({ value: 0.5, samples: 200 });
  });

  it("is nothing where one of them is less than nothing, whatever comes out", async () => {
    await cloudWatch({ "Read5xx Sum": [5, -7], "ReadRequests Sum": [100, 100] });
    for (const expression of ["100 - errors / requests", "errors * errors / requests", "errors / requests"])
      expect(await observeMetric(define({ ...math, expression }), context())).toMatchObject({ value: null });
  });

  it("is nothing where it would divide by nothing", async () => {
    await cloudWatch({ "Read5xx Sum": [0], "ReadRequests Sum": [0] });
    expect(await observeMetric(define(math), context())).toMatchObject({ value: null });
  });
});

describe("a percentile", () => {
  const p95 = { name: "Slow", statistic: "p95", window: "soak", expect: { lt: 500 } };
  const slow = (more: Record<string, Values> = {}) =>
    cloudWatch({ "Slow p95": [...each(1_439, 120), 620], "Slow SampleCount": each(1_440, 10), ...more });
  const day = (): MetricContext => ({ ...context(), liveSince: Date.now() - DAY });
  /** Ten minutes more than CloudWatch puts into one period. */
  const long = (): MetricContext => ({ ...context(), liveSince: Date.now() - DAY - 10 * MINUTE });

  it("is that of one period, where CloudWatch has one over the whole window", async () => {
    await slow({ "Slow p95 86400": [130], "Slow SampleCount 86400": [14_400] });
    const seen = await observeMetric(define(p95), day());
    expect(seen).toMatchObject({ value: 130 });
    expect(verdictOn(metricGate(p95), seen)).toMatchObject({ outcome: "pass", observed: /^130 over/ });
  });

  test.each<[string, Record<string, Values>]>([
    ["begins earlier", { "Slow p95 86400": { [-1]: 130 }, "Slow SampleCount 86400": { [-1]: 14_400 } }],
    ["holds other samples", { "Slow p95 86400": [130], "Slow SampleCount 86400": [14_399] }],
    ["is not alone", { "Slow p95 86400": [130, 620], "Slow SampleCount 86400": [14_390, 10] }],
  ])("is not that of a period that %s", async (_, more) => {
    await slow(more);
    expect(await observeMetric(define(p95), day())).toMatchObject({
      value: null,
      between: { low: 120, high: 620 },
    });
  });

  it("is decided by the share below the bound, each period by its samples", async () => {
    const aws = await slow({ "Slow PR(:499.9995)": [...each(1_439, 100), 0] });
    const seen = await observeMetric(define(p95), long());
    expect(seen).toMatchObject({ value: null, shares: [{ bound: 500, included: false }] });
    expect(aws.calls).toHaveLength(2);
    expect(verdictOn(metricGate(p95), seen)).toMatchObject({
      outcome: "pass",
      observed: /^99\.9306 % are below 500 over/,
    });
  });

  it("of which most is slow fails", async () => {
    await slow({ "Slow p95": each(1_440, 620), "Slow PR(:499.9995)": each(1_440, 60) });
    const seen = await observeMetric(define(p95), long());
    // Every period is over the bound: no share needs to be told.
    expect(verdictOn(metricGate(p95), seen).outcome).toBe("fail");
  });

  test.each<[string, Record<string, Values>]>([
    ["does not know the statistic", {}],
    ["tells it of some periods only", { "Slow PR(:499.9995)": each(1_000, 100) }],
    ["answers with what is no share", { "Slow PR(:499.9995)": each(1_440, 120) }],
    ["answers with what contradicts the percentile", { "Slow PR(:499.9995)": each(1_440, 20) }],
  ])("is what its periods leave no doubt about, where a source %s", async (_, more) => {
    await slow(more);
    const open = await observeMetric(define(p95), long());
    expect(verdictOn(metricGate(p95), open)).toMatchObject({
      outcome: "inconclusive",
      observed: /^between 120 and 620: more is not known/,
    });
    await slow({ ...more, "Slow p95": [...each(1_439, 120), 499] });
    const good = await observeMetric(define(p95), long());
    expect(verdictOn(metricGate(p95), good)).toMatchObject({
      outcome: "pass",
      observed: /^between 120 and 499/,
    });
  });

  it("is what its periods leave no doubt about, where a source refuses the statistic", async () => {
    const periods = each(1_440, 120);
    await fakeAws({
      GetMetricData: ({ MetricDataQueries, StartTime }) =>
        (MetricDataQueries as Query[]).some(({ MetricStat }) => MetricStat.Stat.startsWith("PR"))
          ? { error: "InvalidParameterValueException" }
          : {
              MetricDataResults: (MetricDataQueries as Query[]).map(({ Id, MetricStat: { Period } }) => ({
                Id,
                Timestamps: periods.map((_, index) => Number(StartTime) + index * Period),
                Values: periods.map((_, index) => (index === 7 ? 620 : 120)),
                StatusCode: "Complete",
              })),
            },
    });
    const seen = await observeMetric(define(p95), long());
    expect(verdictOn(metricGate(p95), seen).outcome).toBe("inconclusive");
  });

  it("of the worst minute is asked for by name", async () => {
    await slow();
    const worst = { ...p95, statistic: "worst minute p95" };
    const seen = await observeMetric(define(worst), long());
    expect(seen).toMatchObject({ value: 620 });
    expect(verdictOn(metricGate(worst), seen).outcome).toBe("fail");
  });

  test.each([
    [500, true, "PR(:500)"],
    [500, false, "PR(:499.9995)"],
    [0.05, false, "PR(:0.04999995)"],
    [0, false, "PR(:-0.000000001)"],
    [1e7, true, "PR(:10000000)"],
    [2_000.5, true, "PR(:2000.5)"],
  ])("at %d (included: %s) is asked for as %s", (bound, included, statistic) => {
    expect(percentileRank({ bound, included })).toBe(statistic);
  });
});

describe("data that is not all there is none", () => {
  test.each(["InternalError", "Forbidden", "PartialData"])("%s", async (StatusCode) => {
    await fakeAws({
      GetMetricData: ({ MetricDataQueries }) => ({
        MetricDataResults: (MetricDataQueries as Query[]).map(({ Id }) => ({
          Id,
          Timestamps: [NOW / SECOND],
          Values: [500],
          StatusCode: Id === "main0" ? StatusCode : "Complete",
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
      GetMetricData: ({ MetricDataQueries, StartTime }, before) =>
        before < 2
          ? { error: "ThrottlingException" }
          : {
              MetricDataResults: (MetricDataQueries as Query[]).map(({ Id }) => ({
                Id,
                Timestamps: [StartTime],
                Values: [5],
              })),
            },
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
      message: expect.stringContaining(`${error}, says AWS`),
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
    const seen = await observeMetric(define({ minSamples: 1, expect: { lte: 1e9 } }), context());
    expect(verdictOn(gate, seen).outcome).toBe("inconclusive");
  });
});

describe("other windows", () => {
  it("are read behind the gate's own, and from the flip on", async () => {
    const aws = await cloudWatch({ "Read5xx Sum": [0], "Read5xx SampleCount": [9] });
    const expectation = { lt: 1, inARow: 3, noWorseThan: { first: "30m", by: "5%" } };
    const completedAt = new Date(Math.floor(Date.now() / MINUTE) * MINUTE - 30 * HOUR).toISOString();
    const sources = { ledger: { live: { completedAt } }, timeScale: 1, region: "eu-central-1" };
    const seen = await look(metricGate({ window: "30m", expect: expectation }) as never, sources as never);
    const { others = [], window } = metric.sees.parse(seen);
    const half = (to: number) => ({ from: expect.any(Number), to });
    const now = Date.parse(window.to);
    const spans = others.map((one) => ({
      from: Date.parse(one.window.from),
      to: Date.parse(one.window.to),
    }));
    expect(spans).toEqual([
      half(now - HOUR / 2),
      half(now - HOUR),
      { from: Date.parse(completedAt), to: Date.parse(completedAt) + HOUR / 2 },
    ]);
    for (const { from, to } of spans) expect(HOUR / 2 - (to - from)).toBeLessThan(MINUTE);
    expect(others).toMatchObject(each(3, 0).map((value) => ({ value, samples: 9 })));
    expect(aws.calls).toHaveLength(4);
  });
});

describe("the window", () => {
  const at = (window: string, since: number, timeScale = 1, more: object = {}) =>
    howToRead(
      define({ window, ...more }),
      spanOf(window, { liveSince: NOW - since, timeScale }, NOW),
      timeScale,
    );

  test.each<[string, string, number, number, number]>([
    ["is as long as declared", "24h", 30 * HOUR, 1, 24 * HOUR],
    ["is cut where the stage went live", "24h", HOUR, 1, HOUR],
    ["begins with the first whole minute after the flip", "24h", HOUR + 20 * SECOND, 1, HOUR],
    ["shrinks with scaled time", "24h", HOUR, 1_440, MINUTE],
    ["never shrinks below what a metric has data for", "5m", HOUR, 3_600, 10 * SECOND],
    ["is cut at the flip also then", "5m", 4 * SECOND, 3_600, 4 * SECOND],
    ["is the whole soak, on the clock", "soak", 30 * HOUR, 1, 30 * HOUR],
    ["is empty where the stage has only just gone live", "soak", 0, 1, 0],
    ["is empty where the service's clock is ahead", "soak", -MINUTE, 1, 0],
  ])("%s", (_, window, since, timeScale, expected) => {
    expect(at(window, since, timeScale)?.span).toEqual({ from: NOW - expected, to: NOW });
  });

  test.each<[string, string, number, number, object, number, number]>([
    ["a day", "soak", DAY, 1, {}, 60, MINUTE],
    ["a day of data that come every quarter of an hour", "soak", DAY, 1, { every: "15m" }, 60, 15 * MINUTE],
    ["minutes of data that come every ten seconds", "5m", DAY, 1, { every: "10s" }, 10, 10 * SECOND],
    ["a day of data that come every ten seconds", "soak", DAY, 1, { every: "10s" }, 60, MINUTE],
    ["more than 15 days", "soak", 15 * DAY, 1, {}, 300, 5 * MINUTE],
    ["more than 63 days", "soak", 63 * DAY, 1, {}, 3_600, HOUR],
    ["scaled time", "24h", DAY, 3_600, {}, 1, 10 * SECOND],
    ["a percentile's day", "soak", DAY, 1, { statistic: "p95", expect: { lt: 1 } }, 60, 5 * MINUTE],
  ])(
    "of %s is read in periods that CloudWatch still holds",
    (_, window, since, scale, more, period, partMs) => {
      expect(at(window, since, scale, more)).toMatchObject({ period, partMs });
    },
  );

  it("is not read where CloudWatch remembers nothing", async () => {
    expect(at("soak", 455 * DAY, 1)).toBeUndefined();
    const aws = await cloudWatch({});
    const old = { ...context(), liveSince: Date.now() - 456 * DAY };
    expect(await observeMetric(define({ window: "soak" }), old)).toEqual({
      kind: "failure",
      failure: "no-data",
      message: "the window began 456 d ago, and CloudWatch remembers 455 days",
    });
    expect(aws.calls).toEqual([]);
  });
});

describe("a metric whose silence an expression takes for a zero", () => {
  const filled = {
    ...{ namespace: undefined, name: undefined, statistic: undefined, dimensions: undefined },
    metrics: {
      errors: { namespace: "App", name: "Errors", dimensions: { Server: "a" }, statistic: "Sum" },
      requests: { namespace: "App", name: "Requests", statistic: "Sum" },
    },
    ...{ expression: "FILL(errors, 0) / requests", samplesFrom: "requests", expect: { lt: 0.1 } },
  };
  const REQUESTS = { "Requests Sum": each(1_440, 10), "Requests SampleCount": each(1_440, 10) };

  async function verdict(series: Readonly<Record<string, Values>>) {
    const aws = await cloudWatch({ ...REQUESTS, ...series });
    return { aws, ...verdictOn(metricGate(filled), await observeMetric(define(filled), context())) };
  }

  it("is one where it was published at any time that CloudWatch remembers", async () => {
    expect(await verdict({ "Errors SampleCount 86400": { 3: 1 } })).toMatchObject({ outcome: "pass" });
  });

  it("is nothing where it never was: a name that is misspelt looks the same", async () => {
    expect(await verdict({})).toMatchObject({
      outcome: "inconclusive",
      observed: expect.stringContaining(
        'nothing was ever published as App Errors {"Server":"a"}, whose silence FILL takes for a zero',
      ),
    });
  });

  it("is looked for within its window alone where that has data, which break the gate", async () => {
    const found = await verdict({ "Errors Sum": each(1_440, 5), "Errors SampleCount": each(1_440, 5) });
    expect(found).toMatchObject({ outcome: "fail" });
    expect(found.aws.calls).toHaveLength(1);
  });
});
