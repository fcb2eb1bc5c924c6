import type { PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { expect, it } from "vitest";
import { quietAlarms } from "../../../../sandbox/standin/signals/send";
import { type Story, story } from "./story";

const ratio: Partial<PutMetricAlarmInput> = {
  Namespace: undefined,
  MetricName: undefined,
  Statistic: undefined,
  Period: undefined,
  Threshold: 0.1,
  Metrics: [
    {
      Id: "bad",
      ReturnData: false,
      MetricStat: { Metric: { Namespace: "App", MetricName: "Bad" }, Period: 10, Stat: "Sum" },
    },
    {
      Id: "all",
      ReturnData: false,
      MetricStat: { Metric: { Namespace: "App", MetricName: "All" }, Period: 10, Stat: "Sum" },
    },
    { Id: "rate", Expression: "IF(all >= 20, bad / all, 0)" },
  ],
};

const at = (route: string) => [{ Name: "route", Value: route }];

/** Each a rule of CloudWatch: what happens, and which states are set. */
const RULES: readonly [string, (story: Story) => Promise<void>, string[]][] = [
  [
    "a breach is an alarm at once, and set once",
    async ({ alarm, put }) => {
      await alarm();
      await put(0);
      await put(1);
      await put(1);
    },
    ["OK", "ALARM"],
  ],
  [
    "what was published before the alarm counts",
    async ({ alarm, put }) => {
      await put(1);
      await alarm();
    },
    ["ALARM"],
  ],
  [
    "a metric of other dimensions is another metric",
    async ({ alarm, put }) => {
      await alarm({ Dimensions: at("/queue") });
      await put({ Value: 1 });
      await put({ Value: 1, Dimensions: at("/list") });
      await put({ Value: 0, Dimensions: at("/queue") });
      await put({ Value: 1, Dimensions: at("/queue") });
    },
    ["OK", "ALARM"],
  ],
  [
    "M of N counts periods, not the whole time",
    async ({ alarm, put, pass }) => {
      await alarm({ EvaluationPeriods: 3, DatapointsToAlarm: 2, TreatMissingData: "notBreaching" });
      await put(5);
      await pass(10);
      await put(0);
      await pass(9);
      await put(5);
    },
    ["OK", "ALARM"],
  ],
  [
    "the window slides: a breach leaves it after its period",
    async ({ alarm, put, pass }) => {
      await alarm();
      await put(1);
      await pass(10);
      await put(0);
    },
    ["ALARM", "OK"],
  ],
  [
    "silence: breaching",
    async ({ alarm, put, pass }) => {
      await alarm({ TreatMissingData: "breaching" });
      await put(0);
      await pass(45);
    },
    ["OK", "ALARM"],
  ],
  [
    "silence: notBreaching",
    async ({ alarm, put, pass }) => {
      await alarm({ TreatMissingData: "notBreaching" });
      await put(1);
      await pass(45);
    },
    ["ALARM", "OK"],
  ],
  [
    "silence: missing",
    async ({ alarm, put, pass }) => {
      await alarm({ TreatMissingData: "missing" });
      await put(0);
      await pass(45);
    },
    ["OK", "INSUFFICIENT_DATA"],
  ],
  [
    "silence: ignore",
    async ({ alarm, put, pass }) => {
      await alarm({ TreatMissingData: "ignore" });
      await put(1);
      await pass(45);
    },
    ["ALARM"],
  ],
  [
    "an alarm without data is insufficient until its time comes",
    async ({ alarm, pass }) => {
      await alarm({ TreatMissingData: "notBreaching" });
      await pass(9);
    },
    [],
  ],
  [
    "then its missing data is treated",
    async ({ alarm, pass }) => {
      await alarm({ TreatMissingData: "notBreaching" });
      await pass(10);
    },
    ["OK"],
  ],
  [
    "an alarm of a minute is evaluated every minute",
    async ({ alarm, pass }) => {
      await alarm({ Period: 60, TreatMissingData: "breaching" });
      await pass(59);
    },
    [],
  ],
  [
    "without high resolution a datum stands at its minute",
    async ({ alarm, put, pass, front }) => {
      front.now += 45_000;
      await alarm();
      await put({ Value: 1, StorageResolution: 60 });
      await pass(1);
    },
    [],
  ],
  [
    "percentiles",
    async ({ alarm, put }) => {
      await alarm({ Statistic: undefined, ExtendedStatistic: "p90", Threshold: 500 });
      await put({ Values: [100, 900], Counts: [19, 1] });
      await put({ Values: [900], Counts: [5] });
    },
    ["OK", "ALARM"],
  ],
  [
    "few samples of a percentile: evaluate",
    async ({ alarm, put }) => {
      await alarm({
        Statistic: undefined,
        ExtendedStatistic: "p95",
        Threshold: 500,
        EvaluateLowSampleCountPercentile: "evaluate",
      });
      await put({ Values: [900], Counts: [3] });
    },
    ["ALARM"],
  ],
  [
    "few samples of a percentile: ignore",
    async ({ alarm, put }) => {
      await alarm({
        Statistic: undefined,
        ExtendedStatistic: "p95",
        Threshold: 500,
        EvaluateLowSampleCountPercentile: "ignore",
      });
      await put({ Values: [900], Counts: [199] });
    },
    [],
  ],
  [
    "enough samples of a percentile: ignore",
    async ({ alarm, put }) => {
      await alarm({
        Statistic: undefined,
        ExtendedStatistic: "p95",
        Threshold: 500,
        EvaluateLowSampleCountPercentile: "ignore",
      });
      await put({ Values: [900], Counts: [199] });
      await put({ Values: [900], Counts: [1] });
    },
    ["ALARM"],
  ],
  [
    "metric math with a floor of samples",
    async ({ alarm, put }) => {
      await alarm(ratio);
      await put({ MetricName: "All", Value: 3 });
      await put({ MetricName: "Bad", Value: 1 });
      await put({ MetricName: "All", Value: 17 });
      await put({ MetricName: "Bad", Value: 2 });
    },
    ["OK", "ALARM"],
  ],
  [
    "a statistic set",
    async ({ alarm, put }) => {
      await alarm({ Statistic: "Maximum", Threshold: 8 });
      await put({ StatisticValues: { SampleCount: 2, Sum: 10, Minimum: 1, Maximum: 9 } });
    },
    ["ALARM"],
  ],
  [
    "a state set by hand lasts until the next evaluation",
    async ({ alarm, put, client, pass }) => {
      await alarm();
      await put(0);
      await client.setAlarmState({ AlarmName: "a", StateValue: "ALARM", StateReason: "a drill" });
      await pass(10);
    },
    ["OK", "ALARM", "OK"],
  ],
  [
    "an update of the alarm leaves its state",
    async ({ alarm, put }) => {
      await alarm();
      await put(1);
      await alarm({ Threshold: 0.5 });
    },
    ["ALARM"],
  ],
  [
    "a deleted alarm is not evaluated",
    async ({ alarm, put, client }) => {
      await alarm();
      await client.deleteAlarms({ AlarmNames: ["a"] });
      await put(1);
    },
    [],
  ],
];

it.each(RULES)("%s", async (_rule, happens, expected) => {
  const told = await story();
  await happens(told);
  expect(told.states()).toEqual(expected);
});

/** Published second by second from the moment on at which somebody says that all is mended. */
const MENDED: readonly [string, readonly (number | undefined)[], boolean][] = [
  ["is quiet before its period is over, once two seconds are good", [0, 0], true],
  ["rings on where only one is", [0], false],
  ["rings on where one of them is bad", [0, 1, 0], false],
  ["is quiet where what was counted before still comes, and then two good seconds", [1, 0, 0], true],
  ["rings on where nothing comes", [undefined, undefined, undefined], false],
];

it.each(MENDED)("what made an alarm ring is mended: it %s", async (_, values, quiet) => {
  const { front, alarm, put, pass, states } = await story();
  await alarm({ Period: 600 });
  await put(1);
  await pass(1);
  const since = front.now;
  for (const value of values) {
    await pass(1);
    if (value !== undefined) await put(value);
  }
  await quietAlarms({ endpoint: front.endpoint, region: "us-east-1" }, since);
  expect(states()).toEqual(quiet ? ["ALARM", "OK"] : ["ALARM"]);
});
