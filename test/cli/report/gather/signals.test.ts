import { describe, expect, test } from "vitest";
import { chartPeriod } from "../../../../cli/report/gather/period";
import { readSignals, signalSpecs } from "../../../../cli/report/gather/signals";
import { alarm, rollout } from "../../../components/rollout";
import { fakeAws, nobody, pointAwsTo } from "../../../support/standIn";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
const REGION = "eu-central-1";
const TO = Date.parse("2026-11-21T12:00:00.000Z");

describe("the period of a chart", () => {
  test.each([
    ["a rehearsal", 90 * SECOND, 60, 10],
    ["two hours of an alarm of 10 s", 2 * HOUR, 10, 10],
    ["five hours: CloudWatch holds no 10 s any more", 5 * HOUR, 10, 60],
    ["two days: more points than can be drawn", 2 * DAY, 10, 300],
    ["ten days", 10 * DAY, 60, 900],
    ["fifty days", 50 * DAY, 60, 3_600],
    ["eighty days", 80 * DAY, 60, 21_600],
    ["two years", 730 * DAY, 60, 86_400],
    ["no alarm", 5 * HOUR, undefined, 60],
    ["an alarm of 5 minutes", 5 * HOUR, 300, 300],
  ])("%s", (_, span, alarmPeriod, expected) => {
    expect(chartPeriod(TO - span, TO, alarmPeriod)).toBe(expected);
  });
});

const metricGate = (changes: object) => ({
  source: "metric",
  title: "A metric is good",
  namespace: "OpsView",
  name: "Write5xx",
  statistic: "Sum",
  window: "soak",
  minSamples: 10,
  expect: { eq: 0 },
  ...changes,
});

describe("the signals of a rollout", () => {
  test("are each metric once, with the rows and the lines of all that read it", () => {
    const spec = rollout(
      {},
      {
        stageA: { exit: { F1: metricGate({}) } },
        stageB: { abort: { XB1: alarm(), XB2: alarm({ action: "page", threshold: { lte: 5 } }) } },
      },
    );
    expect(signalSpecs(spec)).toEqual([
      {
        id: "OpsView Write5xx Sum",
        source: { namespace: "OpsView", name: "Write5xx", statistic: "Sum" },
        metric: "Write5xx",
        statistic: "Sum",
        alarmPeriod: 10,
        rows: [
          { row: "F1", stage: "stageA", kind: "gate", title: "A metric is good" },
          { row: "XB1", stage: "stageB", kind: "abort", title: "Writes answer with errors" },
          { row: "XB2", stage: "stageB", kind: "abort", title: "Writes answer with errors" },
        ],
        lines: [
          { row: "F1", kind: "gate", label: "required = 0", value: 0 },
          { row: "XB1", kind: "abort", label: "> 0 rolls back", value: 0, bad: "above" },
          { row: "XB2", kind: "abort", label: "≤ 5 pages", value: 5, bad: "below" },
        ],
      },
    ]);
  });

  test("show what a gate requires on its other side, and not of a sum that it takes over its whole window", () => {
    const exit = {
      F1: metricGate({ name: "Latency", statistic: "p95", expect: { lt: 500 } }),
      F2: metricGate({ name: "Requests", expect: { gte: 100 } }),
    };
    const specs = signalSpecs(rollout({}, { stageA: { exit }, stageB: { abort: {} } }));
    expect(specs.map(({ metric, lines }) => [metric, lines.map(({ label, bad }) => [label, bad])])).toEqual([
      ["Latency", [["required < 500", "above"]]],
      ["Requests", []],
    ]);
    expect(specs[0]).not.toHaveProperty("alarmPeriod");
  });

  test("of math are what it says of which metrics, and are asked for with all of them", async () => {
    const errors = { namespace: "OpsView", name: "Write5xx", statistic: "Sum" };
    const metric = { metrics: { errors }, expression: "60 * errors", period: "1m" };
    const specs = signalSpecs(rollout({}, { stageB: { abort: { XB1: alarm({ metric }) } } }));
    expect(specs).toMatchObject([{ id: "60 * errors errors: Sum of Write5xx", metric: "60 * errors" }]);
    const { calls } = await fakeAws({ GetMetricData: () => ({ MetricDataResults: [] }) });
    await readSignals(specs, REGION, TO - HOUR, TO);
    expect(calls[0]?.input).toMatchObject({
      MetricDataQueries: [
        { Id: "s0_errors", ReturnData: false },
        { Id: "s0_value", Expression: "60 * s0_errors", ReturnData: true },
      ],
    });
  });

  test("of a rollout without any are none", () => {
    expect(signalSpecs(rollout({}, { stageB: { abort: {} } }))).toEqual([]);
  });
});

describe("reading signals", () => {
  const specs = signalSpecs(rollout());
  const read = () => readSignals(specs, REGION, TO - HOUR, TO);
  const second = (n: number) => (TO - HOUR + n * 10 * SECOND) / SECOND;

  test("goes through all pages, and puts the points in order", async () => {
    const { calls } = await fakeAws({
      GetMetricData: ({ NextToken }) =>
        NextToken === undefined
          ? {
              MetricDataResults: [
                {
                  Id: "s0_value",
                  Timestamps: [second(2), second(1)],
                  Values: [3, 2],
                  StatusCode: "PartialData",
                },
              ],
              NextToken: "more",
            }
          : {
              MetricDataResults: [
                { Id: "s0_value", Timestamps: [second(0)], Values: [1], StatusCode: "Complete" },
              ],
            },
    });
    const [signal] = await read();
    expect(signal?.points).toEqual({
      known: true,
      value: [0, 1, 2].map((n) => [second(n) * SECOND, n + 1]),
    });
    expect(signal).not.toHaveProperty("partial");
    expect(signal).not.toHaveProperty("source");
    expect(calls).toHaveLength(2);
    expect(calls[0]?.input).toMatchObject({
      MetricDataQueries: [
        {
          Id: "s0_value",
          MetricStat: { Metric: { Namespace: "OpsView", MetricName: "Write5xx" }, Period: 10, Stat: "Sum" },
        },
      ],
    });
  });

  test.each([
    ["InternalError", []],
    ["Forbidden", []],
  ])("that CloudWatch tells nothing of (%s) are unknown", async (StatusCode, Values) => {
    await fakeAws({ GetMetricData: () => ({ MetricDataResults: [{ Id: "s0_value", Values, StatusCode }] }) });
    expect((await read())[0]?.points).toEqual({ known: false, why: `CloudWatch says ${StatusCode}` });
  });

  test("that came in part are shown, and say so", async () => {
    await fakeAws({
      GetMetricData: () => ({
        MetricDataResults: [
          { Id: "s0_value", Timestamps: [second(0)], Values: [1], StatusCode: "InternalError" },
        ],
      }),
    });
    const [signal] = await read();
    expect(signal?.points.known).toBe(true);
    expect(signal?.partial).toBe("not all of its data could be read: CloudWatch says InternalError");
  });

  test("that stop at the second page are shown in part", async () => {
    await fakeAws({
      GetMetricData: ({ NextToken }) =>
        NextToken === undefined
          ? {
              MetricDataResults: [
                { Id: "s0_value", Timestamps: [second(0)], Values: [1], StatusCode: "PartialData" },
              ],
              NextToken: "more",
            }
          : { error: "AccessDenied", status: 403 },
    });
    const [signal] = await read();
    expect(signal?.points).toMatchObject({ known: true, value: [[expect.any(Number), 1]] });
    expect(signal?.partial).toMatch(/access denied/);
  });

  test("with no data at all are known to have none", async () => {
    await fakeAws({
      GetMetricData: () => ({ MetricDataResults: [{ Id: "s0_value", StatusCode: "Complete" }] }),
    });
    expect((await read())[0]?.points).toEqual({ known: true, value: [] });
  });

  test("that CloudWatch does not mention are unknown, and not empty", async () => {
    await fakeAws({ GetMetricData: () => ({ MetricDataResults: [] }) });
    expect((await read())[0]?.points).toEqual({ known: false, why: "CloudWatch did not answer for it" });
  });

  test("without permission, or without a network, are unknown with the reason", async () => {
    await fakeAws({ GetMetricData: () => ({ error: "AccessDenied", status: 403 }) });
    expect((await read())[0]?.points).toMatchObject({
      known: false,
      why: expect.stringMatching(/^access denied/),
    });
    pointAwsTo(await nobody());
    expect((await read())[0]?.points).toMatchObject({
      known: false,
      why: expect.stringMatching(/cannot be reached/),
    });
  });
});
