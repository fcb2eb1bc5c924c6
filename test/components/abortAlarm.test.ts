import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";
import { abortAlarm } from "../../components/abortAlarm";
import type { AbortThreshold } from "../../src/rollout/config/abortRow";
import { withSignals } from "../../src/rollout/config/signal";
import { stageConfig } from "../../src/rollout/config/stackFile";
import { declare } from "./engine";
import { alarm } from "./rollout";

const ON_CALL = "arn:aws:sns:eu-central-1:123456789012:ops-view-on-call";
const ABORT = "arn:aws:sns:eu-central-1:123456789012:ops-view-stageB-abort";
const metric = { namespace: "OpsView", name: "Write5xx", statistic: "Sum" };

/** All that is declared for a row, by type and name. */
async function declaredOf(changes: object = {}) {
  const threshold = stageConfig.parse({ flags: {}, abort: { XB1: alarm(changes) } }).abort.XB1;
  if (!threshold) throw new Error("no XB1 in the fixture");
  const args = {
    rollout: "ops-view",
    stage: "stageB",
    row: "XB1",
    threshold: withSignals("ops-view", { XB1: threshold }).XB1 as AbortThreshold,
    onCallTopicArn: ON_CALL,
    abortTopicArn: ABORT,
  };
  return declare(() => {
    abortAlarm("alarm", args, {});
    return {};
  });
}

async function inputsOf(changes: object = {}): Promise<Record<string, unknown>> {
  return (await declaredOf(changes)).one("MetricAlarm alarm").inputs;
}

test("one plain metric, on-call paged when it fires and when it is over", async () => {
  expect(await inputsOf()).toEqual({
    name: "ops-view-stageB-XB1",
    alarmDescription: "ops-view stageB XB1: Writes answer with errors.",
    namespace: "OpsView",
    metricName: "Write5xx",
    statistic: "Sum",
    period: 10,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    treatMissingData: "notBreaching",
    alarmActions: [ON_CALL, ABORT],
    okActions: [ON_CALL],
  });
});

test("the switch hears of a row that only pages, too: it tells the whole page, and lowers nothing", async () => {
  const alarmActions = [ON_CALL, ABORT];
  expect(await inputsOf({ action: "page" })).toEqual({ ...(await inputsOf()), alarmActions });
});

describe("statistics", () => {
  test.each(["Sum", "Average", "Minimum", "Maximum", "SampleCount"])(
    "%s is a plain one",
    async (statistic) => {
      const inputs = await inputsOf({ metric: { ...metric, statistic } });
      expect(inputs.statistic).toBe(statistic);
      expect(inputs).not.toHaveProperty("extendedStatistic");
    },
  );

  test.each(["p95", "p99.9", "p5"])("%s is an extended one", async (statistic) => {
    const inputs = await inputsOf({ metric: { ...metric, statistic } });
    expect(inputs.extendedStatistic).toBe(statistic);
    expect(inputs).not.toHaveProperty("statistic");
  });
});

test.each([
  ["gt", "GreaterThanThreshold"],
  ["gte", "GreaterThanOrEqualToThreshold"],
  ["lt", "LessThanThreshold"],
  ["lte", "LessThanOrEqualToThreshold"],
])("%s is %s, zero included", async (operator, comparisonOperator) => {
  for (const threshold of [0, 0.1, 2000, -1]) {
    // A Sum, which counts, is never below zero; a Minimum may be.
    const of = { metric: { ...metric, statistic: "Minimum" }, threshold: { [operator]: threshold } };
    expect(await inputsOf(of)).toMatchObject({
      comparisonOperator,
      threshold,
    });
  }
});

test.each([
  ["10s", 10],
  ["30s", 30],
  ["1m", 60],
  ["5m", 300],
])("a period of %s is %d s", async (period, seconds) => {
  expect((await inputsOf({ metric: { ...metric, period } })).period).toBe(seconds);
});

test("M of N data points", async () => {
  expect(await inputsOf({ datapoints: { of: 5, breaching: 3 } })).toMatchObject({
    evaluationPeriods: 5,
    datapointsToAlarm: 3,
  });
});

test.each(["breaching", "notBreaching", "ignore", "missing"])("missing data: %s", async (missingData) => {
  expect((await inputsOf({ missingData })).treatMissingData).toBe(missingData);
});

test("on-call reads the runbook's line", async () => {
  expect((await inputsOf({ runbook: "Turn WRITE off" })).alarmDescription).toBe(
    "ops-view stageB XB1: Writes answer with errors. Turn WRITE off.",
  );
});

test("the longest texts that config lets through fit into CloudWatch's 1,024 characters", async () => {
  const description = (await inputsOf({ title: "t".repeat(120), runbook: "r".repeat(500) })).alarmDescription;
  expect(description).toContain("t".repeat(120));
  expect(description).toContain(`${"r".repeat(500)}.`);
  expect((description as string).length).toBeLessThanOrEqual(1024);
});

test("a metric with its dimensions", async () => {
  const dimensions = { LoadBalancer: "app/ops/1" };
  expect(await inputsOf({ metric: { ...metric, dimensions } })).toEqual({
    ...(await inputsOf()),
    dimensions,
  });
});

/** What every alarm on math has in common with one on a metric, and what it does not say. */
const PLAIN = ["namespace", "metricName", "statistic", "extendedStatistic", "period", "dimensions"];

describe("metric math", () => {
  const requests = { ...metric, name: "WriteRequests" };
  const ratio = {
    metrics: { errors: metric, requests },
    expression: "100 * errors / requests",
    period: "1m",
  };
  const part = (id: string, metricName: string, stat = "Sum", period = 60) => ({
    id,
    metric: { namespace: "OpsView", metricName, period, stat },
    returnData: false,
  });

  test("a ratio: its metrics, then itself, which alone is watched", async () => {
    const inputs = await inputsOf({ metric: ratio, threshold: { gt: 5 } });
    expect(inputs).toMatchObject({
      metricQueries: [
        part("errors", "Write5xx"),
        part("requests", "WriteRequests"),
        { id: "value", expression: "100 * errors / requests", returnData: true },
      ],
      threshold: 5,
      comparisonOperator: "GreaterThanThreshold",
      treatMissingData: "notBreaching",
    });
    for (const key of PLAIN) expect(inputs).not.toHaveProperty(key);
  });

  test("the dimensions of each metric", async () => {
    const dimensions = { Service: "ops" };
    const inputs = await inputsOf({
      metric: { metrics: { errors: { ...metric, dimensions } }, expression: "errors + 1" },
    });
    expect(inputs.metricQueries).toMatchObject([{ metric: { dimensions } }, { id: "value" }]);
  });

  test("a floor of samples, which are the metric's own", async () => {
    const p95 = { ...metric, name: "QueueLatencyMs", statistic: "p95", period: "1m" };
    const inputs = await inputsOf({ metric: p95, threshold: { gt: 2000 }, minSamples: 20 });
    expect(inputs).toMatchObject({
      metricQueries: [
        part("value", "QueueLatencyMs", "p95"),
        part("samples", "QueueLatencyMs", "SampleCount"),
        { id: "judged", expression: "IF(samples >= 20, value, 2000)", returnData: true },
      ],
      threshold: 2000,
    });
    for (const key of PLAIN) expect(inputs).not.toHaveProperty(key);
  });

  test("a floor of samples of a ratio", async () => {
    const inputs = await inputsOf({ metric: ratio, minSamples: 5, samplesFrom: "requests" });
    expect(
      (inputs.metricQueries as { id: string; expression?: string }[]).map((one) => one.expression ?? one.id),
    ).toEqual(["errors", "requests", "100 * errors / requests", "IF(requests >= 5, value, 0)"]);
  });

  test.each([
    [{ gt: 5 }, 5],
    [{ gte: 5 }, 4],
    [{ lt: 5 }, 5],
    [{ lte: 5 }, 6],
  ])("too few samples never breach %j", async (threshold, otherwise) => {
    const inputs = await inputsOf({ threshold, minSamples: 20 });
    expect(inputs.metricQueries).toContainEqual({
      id: "judged",
      expression: `IF(samples >= 20, value, ${otherwise})`,
      returnData: true,
    });
  });
});

test("CloudWatch's own reckoning of a percentile's samples", async () => {
  const evaluateLowSampleCountPercentiles = "ignore";
  const inputs = await inputsOf({
    metric: { ...metric, statistic: "p95" },
    evaluateLowSampleCountPercentiles,
  });
  expect(inputs).toMatchObject({ extendedStatistic: "p95", evaluateLowSampleCountPercentiles });
});

test("somebody's alarm is followed by one of ours: one composite alarm, and nothing else", async () => {
  const changes = { metric: undefined, threshold: undefined, missingData: undefined, alarm: "ops-db-lag" };
  const { all, one } = await declaredOf(changes);
  expect(all).toHaveLength(1);
  expect(one("CompositeAlarm alarm").inputs).toEqual({
    alarmName: "ops-view-stageB-XB1",
    alarmDescription: "ops-view stageB XB1: Writes answer with errors.",
    alarmRule: 'ALARM("ops-db-lag")',
    alarmActions: [ON_CALL, ABORT],
    okActions: [ON_CALL],
  });
});

test("a pattern in a log is counted by a filter, whose metric the alarm watches", async () => {
  const logs = { group: "/ecs/ops", pattern: '"lost the database"' };
  const { all, one } = await declaredOf({ metric: undefined, missingData: undefined, logs });
  expect(all).toHaveLength(2);
  expect(one("LogMetricFilter alarm-lines").inputs).toEqual({
    name: "ops-view-stageB-XB1",
    logGroupName: "/ecs/ops",
    pattern: '"lost the database"',
    metricTransformation: { namespace: "cutover/ops-view", name: "XB1", value: "1", defaultValue: "0" },
  });
  expect(one("MetricAlarm alarm").inputs).toMatchObject({
    namespace: "cutover/ops-view",
    metricName: "XB1",
    statistic: "Sum",
    period: 60,
    threshold: 0,
    treatMissingData: "notBreaching",
  });
});

test("what its alarm waits for is done before it is made, and once its filter counts", async () => {
  const threshold = stageConfig.parse({
    flags: {},
    abort: {
      XB1: alarm({
        metric: undefined,
        missingData: "breaching",
        logs: { group: "/ecs/ops", pattern: "alive" },
      }),
    },
  }).abort.XB1;
  if (!threshold) throw new Error("no XB1 in the fixture");
  const { one } = await declare(() => {
    const before = new pulumi.ResourceHook("alarm-filled", async () => {});
    abortAlarm(
      "alarm",
      {
        ...{
          rollout: "ops-view",
          stage: "stageB",
          row: "XB1",
          onCallTopicArn: ON_CALL,
          abortTopicArn: ABORT,
        },
        threshold: withSignals("ops-view", { XB1: threshold }).XB1 as AbortThreshold,
        before,
      },
      {},
    );
    return {};
  });
  const filter = "LogMetricFilter alarm-lines";
  expect(one("MetricAlarm alarm").hooks).toEqual({
    BeforeCreate: ["alarm-filled"],
    BeforeUpdate: ["alarm-filled"],
  });
  expect(one("MetricAlarm alarm").dependsOn).toContain(filter);
  expect(one(filter).hooks).toEqual({});
});
