import { CloudWatchClient, type CompositeAlarm, type MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { describe, expect, test } from "vitest";
import { alarmSetups } from "../../../src/aws/alarmSetups";
import { changedIn } from "../../../src/rollout/changed";
import type { AbortThreshold } from "../../../src/rollout/config/abortRow";
import { alarmOn, follows } from "../../../src/rollout/signal";
import { type Own, row } from "../rollout/guards";

/** What DescribeAlarms says of an alarm that stands as it was declared, and nothing was done to. */
const COMMON = {
  AlarmName: "X1",
  AlarmArn: "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:X1",
  AlarmDescription: "ops-view stageB X1",
  AlarmConfigurationUpdatedTimestamp: new Date(),
  ActionsEnabled: true,
  AlarmActions: ["arn:a"],
  OKActions: ["arn:a"],
  InsufficientDataActions: [],
  StateValue: "OK" as const,
  StateReason: "Threshold Crossed",
  StateReasonData: "{}",
  StateUpdatedTimestamp: new Date(),
  StateTransitionedTimestamp: new Date(),
};
const LIMIT = {
  EvaluationPeriods: 1,
  DatapointsToAlarm: 1,
  Threshold: 0,
  ComparisonOperator: "GreaterThanThreshold" as const,
  TreatMissingData: "notBreaching",
};
const plainRow = row("Write5xx");
const PLAIN: MetricAlarm = {
  ...{ ...COMMON, ...LIMIT, Namespace: "OpsView", MetricName: "Write5xx", Statistic: "Sum", Period: 10 },
  Dimensions: [],
};
const percentileRow = row("Latency", {
  metric: { namespace: "OpsView", name: "Latency", statistic: "p95", period: "10s" },
} as Partial<AbortThreshold>);
const { Statistic: _, ...noStatistic } = PLAIN;
const PERCENTILE: MetricAlarm = { ...noStatistic, MetricName: "Latency", ExtendedStatistic: "p95" };
const flooredRow = row("Write5xx", { minSamples: 20, samplesFrom: "Requests" });
const stat = (MetricName: string, Stat = "Sum") => ({
  Metric: { Namespace: "OpsView", MetricName, Dimensions: [] },
  Period: 10,
  Stat,
});
const MATH = {
  ...{ ...COMMON, ...LIMIT },
  Dimensions: [],
  Metrics: [
    { Id: "judged", Expression: "IF(samples >= 20, value, 0)", Label: "judged" },
    { Id: "value", MetricStat: stat("Write5xx"), ReturnData: false },
    { Id: "samples", MetricStat: stat("Requests"), ReturnData: false },
  ],
} satisfies MetricAlarm;
const query = (id: string, more: object): MetricAlarm => ({
  ...MATH,
  Metrics: MATH.Metrics.map((one) => (one.Id === id ? { ...one, ...more } : one)),
});
const FOLLOWING: CompositeAlarm = { ...COMMON, AlarmRule: 'ALARM("theirs")' };

async function changes(declared: object, seen: MetricAlarm | CompositeAlarm): Promise<string[]> {
  const client = new CloudWatchClient({ region: "eu-central-1" });
  const page = "AlarmRule" in seen ? { CompositeAlarms: [seen] } : { MetricAlarms: [seen] };
  client.send = (async () => page) as never;
  const setup = (await alarmSetups(client, ["X1"])).get("X1");
  return setup ? changedIn(declared, setup) : ["gone"];
}

const DECLARED: Record<string, object> = {
  plain: alarmOn(plainRow),
  percentile: alarmOn(percentileRow),
  math: alarmOn(flooredRow),
  following: follows("theirs"),
};

test.each<[string, MetricAlarm | CompositeAlarm]>([
  ["plain", PLAIN],
  ["percentile", PERCENTILE],
  ["percentile", { ...PERCENTILE, EvaluateLowSampleCountPercentile: "evaluate" }],
  ["math", MATH],
  ["math", query("value", { AccountId: "123456789012" })],
  ["following", FOLLOWING],
])("an alarm that stands as declared is not changed: %s", async (kind, seen) => {
  expect(await changes(DECLARED[kind] ?? {}, seen)).toEqual([]);
});

describe("whatever was done to an alarm by hand is a change, by name", () => {
  test.each<[string, string, MetricAlarm | CompositeAlarm, RegExp]>([
    [
      "dimensions",
      "plain",
      { ...PLAIN, Dimensions: [{ Name: "Env", Value: "staging" }] },
      /^dimensions is \{"Env":"staging"\}, declared is nothing$/,
    ],
    ["a unit", "plain", { ...PLAIN, Unit: "Bytes" }, /^unit is Bytes, declared is nothing$/],
    ["another threshold", "plain", { ...PLAIN, Threshold: 5 }, /^threshold is 5, declared is 0$/],
    [
      "a band in the place of a threshold",
      "plain",
      { ...PLAIN, ThresholdMetricId: "band" },
      /^thresholdMetricId is band, declared is nothing$/,
    ],
    [
      "few samples ignored",
      "percentile",
      { ...PERCENTILE, EvaluateLowSampleCountPercentile: "ignore" },
      /^evaluateLowSampleCountPercentiles is ignore, declared is nothing$/,
    ],
    [
      "a statistic beside a percentile",
      "percentile",
      { ...PERCENTILE, Statistic: "Sum" },
      /^statistic is Sum/,
    ],
    [
      "a unit inside of math",
      "math",
      query("value", { MetricStat: { ...stat("Write5xx"), Unit: "Bytes" } }),
      /"unit":"Bytes"/,
    ],
    [
      "dimensions inside of math",
      "math",
      query("value", {
        MetricStat: {
          ...stat("Write5xx"),
          Metric: { Namespace: "OpsView", MetricName: "Write5xx", Dimensions: [{ Name: "Env", Value: "x" }] },
        },
      }),
      /"Env":"x"/,
    ],
    [
      "another account's metric",
      "math",
      query("value", { AccountId: "999999999999" }),
      /"accountId":"999999999999"/,
    ],
    ["what is returned, of one part", "math", query("judged", { ReturnData: false }), /^metricQueries is/],
    ["what is returned, of another part", "math", query("value", { ReturnData: true }), /^metricQueries is/],
    ["another period", "math", query("judged", { Period: 60 }), /"period":60/],
    [
      "another part",
      "math",
      { ...MATH, Metrics: [...MATH.Metrics, { Id: "x", Expression: "0" }] },
      /"id":"x"/,
    ],
    [
      "math in the place of a metric",
      "plain",
      { ...PLAIN, Metrics: MATH.Metrics },
      /^metricQueries is .*declared is nothing$/,
    ],
    [
      "somebody who suppresses its actions",
      "following",
      { ...FOLLOWING, ActionsSuppressor: "arn:x", ActionsSuppressorWaitPeriod: 60 },
      /^actionsSuppressor is arn:x, declared is nothing$/m,
    ],
    ["another rule", "following", { ...FOLLOWING, AlarmRule: "FALSE" }, /^alarmRule is FALSE/],
  ])("%s", async (_name, kind, seen, what) => {
    expect((await changes(DECLARED[kind] ?? {}, seen)).join("\n")).toMatch(what);
  });

  test("a composite alarm in the place of a metric's", async () => {
    expect(await changes(alarmOn(plainRow as Own), FOLLOWING)).toContain(
      'alarmRule is ALARM("theirs"), declared is nothing',
    );
  });
});
