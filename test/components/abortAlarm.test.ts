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

async function inputsOf(changes: object = {}): Promise<Record<string, unknown>> {
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
  const { one } = await declare(() => {
    abortAlarm("alarm", args, {});
    return {};
  });
  return one("MetricAlarm alarm").inputs;
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
    expect(await inputsOf({ threshold: { [operator]: threshold } })).toMatchObject({
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
