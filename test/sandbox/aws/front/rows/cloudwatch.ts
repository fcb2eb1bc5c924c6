import type { MetricDatum, PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import type { Ask, Rows } from "./ask";

const HOUR = 3_600_000;

const put =
  (datum: MetricDatum | ((now: number) => MetricDatum), Namespace = "App", times = 1): Ask =>
  ({ cloudwatch }, { now }) => {
    const one = typeof datum === "function" ? datum(now) : datum;
    return cloudwatch.putMetricData({ Namespace, MetricData: Array.from({ length: times }, () => one) });
  };

const M = { MetricName: "M", Value: 1 };
const TOPIC = "arn:aws:sns:us-east-1:000000000000:on-call";
const alarm =
  (over: Partial<PutMetricAlarmInput>): Ask =>
  ({ cloudwatch }) =>
    cloudwatch.putMetricAlarm({
      AlarmName: "a",
      ...(over.Metrics === undefined && { Namespace: "App", MetricName: "M", Statistic: "Sum", Period: 60 }),
      EvaluationPeriods: 1,
      ComparisonOperator: "GreaterThanThreshold",
      Threshold: 1,
      ...over,
    });

const metric = (Id: string, Period = 60, Namespace = "App", Stat = "Sum") => ({
  Id,
  ReturnData: false,
  MetricStat: { Metric: { Namespace, MetricName: Id }, Period, Stat },
});

const math = (Expression: string, ...metrics: ReturnType<typeof metric>[]) =>
  alarm({ Metrics: [...metrics, { Id: "e", Expression, ReturnData: true }] });

const data =
  (Expression: string | undefined, Period = 60, Stat = "Sum", times = 1): Ask =>
  ({ cloudwatch }, { now }) =>
    cloudwatch.getMetricData({
      StartTime: new Date(now - HOUR),
      EndTime: new Date(now),
      MetricDataQueries: [
        ...Array.from({ length: times }, (_, index) => metric(`m${index}`, Period, "App", Stat)),
        ...(Expression === undefined ? [] : [{ Id: "e", Expression }]),
      ],
    });

const statistics =
  (hours: number): Ask =>
  ({ cloudwatch }, { now }) =>
    cloudwatch.getMetricStatistics({
      Namespace: "App",
      MetricName: "M",
      Statistics: ["Sum"],
      Period: 60,
      StartTime: new Date(now - hours * HOUR),
      EndTime: new Date(now),
    });

export const cloudwatch: Rows = {
  "cloudwatch-namespace": {
    refused: [put(M, "AWS/Lambda"), put(M, ":App")],
    taken: [put(M, "App/AWS"), put(M, "App:")],
    message: /for parameter Namespace is invalid/,
  },
  "cloudwatch-many": {
    refused: [put(M, "App", 1_001)],
    taken: [put(M, "App", 1_000)],
    message: /size greater than 1000/,
  },
  "cloudwatch-past": {
    refused: [put((now) => ({ ...M, Timestamp: new Date(now - 337 * HOUR) }))],
    taken: [put((now) => ({ ...M, Timestamp: new Date(now - 335 * HOUR) }))],
    message: /within the past two weeks/,
  },
  "cloudwatch-future": {
    refused: [put((now) => ({ ...M, Timestamp: new Date(now + 3 * HOUR) }))],
    taken: [put((now) => ({ ...M, Timestamp: new Date(now + HOUR) }))],
    message: /two hours in the future/,
  },
  "cloudwatch-number": {
    refused: [put({ ...M, Value: Number.NaN }), put({ ...M, Value: -(2 ** 361) })],
    taken: [put({ ...M, Value: -1 }), put({ ...M, Value: 2 ** 360 })],
    message: /for parameter MetricData.member.1.Value is invalid/,
  },
  "cloudwatch-values": {
    refused: [
      put({ MetricName: "M", Values: Array<number>(151).fill(1) }),
      put({ MetricName: "M", Values: [1, 2], Counts: [1] }),
    ],
    taken: [
      put({ MetricName: "M", Values: Array<number>(150).fill(1) }),
      put({ MetricName: "M", Values: [1, 2], Counts: [1, 3] }),
    ],
    message: /MetricData.member.1.Values/,
  },
  "cloudwatch-resolution": {
    refused: [put({ ...M, StorageResolution: 7 })],
    taken: [put({ ...M, StorageResolution: 1 }), put({ ...M, StorageResolution: 60 })],
    message: /StorageResolution is invalid/,
  },
  "cloudwatch-period": {
    refused: [alarm({ Period: 15 }), alarm({ Period: 90 }), math("m * 1", metric("m", 5))],
    taken: [alarm({ Period: 10 }), alarm({ Period: 120 }), math("m * 1", metric("m", 30))],
    message: /multiple of 60/,
  },
  "cloudwatch-aws-period": {
    refused: [
      alarm({ Namespace: "AWS/ApplicationELB", Period: 10 }),
      math("m * 1", metric("m", 30, "AWS/SQS")),
    ],
    taken: [alarm({ Namespace: "AWS/ApplicationELB", Period: 60 }), alarm({ Period: 10 })],
    message: /less than 60 seconds/,
  },
  "cloudwatch-day": {
    refused: [
      alarm({ Period: 60, EvaluationPeriods: 1_441 }),
      alarm({ Period: 30, EvaluationPeriods: 2_881 }),
      alarm({ Period: 86_400, EvaluationPeriods: 8 }),
    ],
    taken: [
      alarm({ Period: 60, EvaluationPeriods: 1_440 }),
      alarm({ Period: 30, EvaluationPeriods: 2_880 }),
      alarm({ Period: 10, EvaluationPeriods: 2_000 }),
      alarm({ Period: 86_400, EvaluationPeriods: 7 }),
    ],
    message: /across more than/,
  },
  "cloudwatch-periods": {
    refused: [
      alarm({ EvaluationPeriods: undefined }),
      alarm({ EvaluationPeriods: 0 }),
      alarm({ DatapointsToAlarm: 0 }),
    ],
    taken: [alarm({ EvaluationPeriods: 1, DatapointsToAlarm: 1 })],
    message: /greater than or equal to 1/,
  },
  "cloudwatch-threshold": {
    refused: [alarm({ Threshold: undefined })],
    taken: [alarm({ Threshold: 0 })],
    message: /Threshold/,
  },
  "cloudwatch-one-or-metrics": {
    refused: [
      alarm({ MetricName: undefined }),
      alarm({ Metrics: [{ ...metric("m"), ReturnData: true }], MetricName: "M", Namespace: "App" }),
    ],
    taken: [alarm({}), alarm({ Metrics: [{ ...metric("m"), ReturnData: true }] })],
    message: /MetricName/,
  },
  "cloudwatch-one-statistic": {
    refused: [
      alarm({ ExtendedStatistic: "p95" }),
      alarm({ Statistic: undefined }),
      alarm({ Statistic: "p95" as never }),
      alarm({ Statistic: undefined, ExtendedStatistic: "Sum" }),
    ],
    taken: [alarm({ Statistic: "Sum" }), alarm({ Statistic: undefined, ExtendedStatistic: "p95" })],
    message: /Statistic/,
  },
  "cloudwatch-few-samples": {
    refused: [alarm({ EvaluateLowSampleCountPercentile: "sometimes" })],
    taken: [alarm({ EvaluateLowSampleCountPercentile: "ignore" })],
    message: /EvaluateLowSampleCountPercentile/,
  },
  "cloudwatch-actions": {
    refused: [alarm({ AlarmActions: Array<string>(6).fill(TOPIC) }), alarm({ OKActions: ["on-call"] })],
    taken: [alarm({ AlarmActions: Array<string>(5).fill(TOPIC) })],
    message: /AlarmActions|Invalid ARN/,
  },
  "cloudwatch-ids": {
    refused: [math("m * 1", metric("m"), metric("Upper")), math("m * 1", metric("m"), metric("m"))],
    taken: [math("m * 1", metric("m"), metric("mUpper_1"))],
    message: /Metrics.Id is invalid/,
  },
  "cloudwatch-circle": {
    refused: [
      alarm({
        Metrics: [
          { Id: "f", Expression: "e + 1", ReturnData: false },
          { Id: "e", Expression: "f + 1" },
        ],
      }),
    ],
    taken: [
      alarm({
        Metrics: [
          metric("m"),
          { Id: "f", Expression: "m + 1", ReturnData: false },
          { Id: "e", Expression: "f + f" },
        ],
      }),
    ],
    message: /refers to itself/,
  },
  "cloudwatch-scalar": {
    refused: [math("SUM(m)", metric("m")), math("5", metric("m"))],
    taken: [math("m / SUM(m)", metric("m")), math("SUM([m, m])", metric("m")), math("m > 5", metric("m"))],
    message: /must return a time series/,
  },
  "cloudwatch-m-of-n": {
    refused: [alarm({ EvaluationPeriods: 3, DatapointsToAlarm: 4 })],
    taken: [alarm({ EvaluationPeriods: 3, DatapointsToAlarm: 3 })],
    message: /less than or equal to EvaluationPeriods/,
  },
  "cloudwatch-missing": {
    refused: [alarm({ TreatMissingData: "good" })],
    taken: [alarm({ TreatMissingData: "ignore" })],
    message: /not supported for TreatMissingData/,
  },
  "cloudwatch-statistic": {
    refused: [
      alarm({ Statistic: undefined, ExtendedStatistic: "p101" }),
      math("m * 1", metric("m", 60, "App", "Mean")),
    ],
    taken: [
      alarm({ Statistic: undefined, ExtendedStatistic: "p99.9" }),
      math("m * 1", metric("m", 60, "App", "PR(:500)")),
    ],
    message: /for parameter Stat is invalid/,
  },
  "cloudwatch-one-result": {
    refused: [
      alarm({ Metrics: [metric("m")] }),
      alarm({
        Metrics: [
          { ...metric("m"), ReturnData: true },
          { Id: "e", Expression: "m * 2" },
        ],
      }),
    ],
    taken: [math("m * 2", metric("m"))],
    message: /Exactly one element/,
  },
  "cloudwatch-one-period": {
    refused: [math("a + b", metric("a", 60), metric("b", 120))],
    taken: [math("a + b", metric("a", 60), metric("b", 60))],
    message: /same period/,
  },
  "cloudwatch-ten-metrics": {
    refused: [math("m0 * 1", ...Array.from({ length: 11 }, (_, index) => metric(`m${index}`)))],
    taken: [math("m0 * 1", ...Array.from({ length: 10 }, (_, index) => metric(`m${index}`)))],
    message: /more than 10/,
  },
  "cloudwatch-search": {
    refused: [math("SUM(SEARCH('{App} M', 'Sum'))")],
    taken: [math("SUM(METRICS())", metric("m"))],
    message: /SEARCH is not supported/,
  },
  "cloudwatch-expression": {
    refused: [math("m +", metric("m")), math("other * 2", metric("m")), math("NOPE(m)", metric("m"))],
    taken: [math("IF(m >= 20, m / 100, 0)", metric("m"))],
    message: /Error in expression 'e'/,
  },
  "cloudwatch-data-expression": {
    refused: [data("m0 +")],
    taken: [data("m0 + 1")],
    message: /Error in expression/,
  },
  "cloudwatch-data-period": {
    refused: [data(undefined, 7)],
    taken: [data(undefined, 5)],
    message: /multiple of 60/,
  },
  "cloudwatch-data-statistic": {
    refused: [data(undefined, 60, "Mean")],
    taken: [data(undefined, 60, "p95")],
    message: /Stat is invalid/,
  },
  "cloudwatch-data-many": {
    refused: [data(undefined, 60, "Sum", 501)],
    taken: [data(undefined, 60, "Sum", 500)],
    message: /greater than 500/,
  },
  "cloudwatch-1440": {
    refused: [statistics(25)],
    taken: [statistics(24)],
    message: /exceeds the limit of 1,440/,
  },
};
