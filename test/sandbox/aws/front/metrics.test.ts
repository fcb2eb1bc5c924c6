import { CloudWatch, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { expect, it, onTestFinished } from "vitest";
import { openFront, settings } from "./world";

const AT = (seconds: number) => new Date(Date.parse("2026-01-01T12:00:00Z") + seconds * 1_000);

async function published() {
  const front = await openFront();
  const client = new CloudWatch(settings(front.endpoint));
  onTestFinished(() => client.destroy());
  const put = (MetricName: string, seconds: number, Value: number, route?: string) =>
    client.putMetricData({
      Namespace: "App",
      MetricData: [
        {
          MetricName,
          Value,
          Timestamp: AT(seconds),
          StorageResolution: 1,
          ...(route !== undefined && { Dimensions: [{ Name: "route", Value: route }] }),
        },
      ],
    });
  for (const [seconds, all, bad] of [
    [-65, 10, 1],
    [-25, 20, 4],
    [-15, 40, 0],
    [0, 99, 99],
  ] as const) {
    await put("All", seconds, all);
    await put("Bad", seconds, bad);
  }
  await put("All", -25, 7, "/queue");
  return { front, client };
}

const stat = (
  Id: string,
  MetricName: string,
  Period: number,
  Stat = "Sum",
  route?: string,
): MetricDataQuery => ({
  Id,
  ReturnData: false,
  MetricStat: {
    Metric: {
      Namespace: "App",
      MetricName,
      ...(route !== undefined && { Dimensions: [{ Name: "route", Value: route }] }),
    },
    Period,
    Stat,
  },
});

/** Queries over 12:00 and the two minutes before it: the values, oldest first, by seconds from noon. */
const CASES: readonly [string, MetricDataQuery[], Record<number, number>][] = [
  ["a metric without dimensions is one of its own", [stat("m", "All", 60)], { [-120]: 10, [-60]: 60 }],
  ["a metric with dimensions", [stat("m", "All", 60, "Sum", "/queue")], { [-60]: 7 }],
  ["short periods", [stat("m", "All", 10)], { [-70]: 10, [-30]: 20, [-20]: 40 }],
  ["one period for the whole window", [stat("m", "All", 3_600)], { [-120]: 70 }],
  [
    "a ratio",
    [stat("a", "All", 60), stat("b", "Bad", 60), { Id: "m", Expression: "b / a" }],
    { [-120]: 0.1, [-60]: 4 / 60 },
  ],
  [
    "an expression of an expression",
    [
      stat("a", "All", 60),
      { Id: "h", Expression: "a / 2", ReturnData: false },
      { Id: "m", Expression: "h + 1" },
    ],
    { [-120]: 6, [-60]: 31 },
  ],
  [
    "a floor of samples",
    [stat("a", "All", 60), stat("b", "Bad", 60), { Id: "m", Expression: "IF(a >= 20, b / a, 0)" }],
    { [-120]: 0, [-60]: 4 / 60 },
  ],
  [
    "what is missing is filled",
    [stat("a", "All", 60, "Sum", "/queue"), { Id: "m", Expression: "FILL(a, 0)" }],
    { [-120]: 0, [-60]: 7 },
  ],
  [
    "a division by zero is nothing",
    [stat("a", "All", 10), stat("b", "Bad", 10), { Id: "m", Expression: "a / b" }],
    { [-70]: 10, [-30]: 5 },
  ],
  [
    "the greatest of several",
    [stat("a", "All", 60), stat("b", "Bad", 60), { Id: "m", Expression: "MAX(METRICS())" }],
    { [-120]: 10, [-60]: 60 },
  ],
  [
    "a sum over all periods",
    [stat("a", "All", 60), { Id: "m", Expression: "SUM(a)" }],
    { [-120]: 70, [-60]: 70 },
  ],
  ["the share at or below a bound", [stat("m", "All", 60, "PR(:20)")], { [-120]: 100, [-60]: 50 }],
  [
    "precedence",
    [stat("a", "All", 60), { Id: "m", Expression: "1 + a * 2 ^ 2 > 41" }],
    { [-120]: 0, [-60]: 1 },
  ],
];

it.each(CASES)("%s", async (_what, queries, expected) => {
  const { client } = await published();
  const { MetricDataResults: [found] = [] } = await client.getMetricData({
    StartTime: AT(-120),
    EndTime: AT(0),
    ScanBy: "TimestampAscending",
    MetricDataQueries: queries.map((query) => (query.Id === "m" ? { ...query, ReturnData: true } : query)),
  });
  const values = found?.Timestamps?.map((time, index) => [
    (time.getTime() - AT(0).getTime()) / 1_000,
    found.Values?.[index],
  ]);
  expect(Object.fromEntries(values ?? [])).toEqual(expected);
});

it("answers newest first unless it is asked otherwise", async () => {
  const { client } = await published();
  const { MetricDataResults: [found] = [] } = await client.getMetricData({
    StartTime: AT(-120),
    EndTime: AT(0),
    MetricDataQueries: [{ ...stat("m", "All", 60), ReturnData: true }],
  });
  expect(found?.Values).toEqual([60, 10]);
});

it("answers statistics of a metric", async () => {
  const { client } = await published();
  const { Datapoints = [], Label } = await client.getMetricStatistics({
    Namespace: "App",
    MetricName: "All",
    StartTime: AT(-60),
    EndTime: AT(0),
    Period: 60,
    Statistics: ["Average", "SampleCount", "Maximum"],
    ExtendedStatistics: ["p50"],
  });
  expect(Label).toBe("All");
  expect(Datapoints).toEqual([
    {
      Timestamp: AT(-60),
      Unit: "None",
      Average: 30,
      SampleCount: 2,
      Maximum: 40,
      ExtendedStatistics: { p50: 30 },
    },
  ]);
});

it("lists metrics, those of the emulator among them", async () => {
  const { client, front } = await published();
  const theirs = { Namespace: "AWS/Lambda", MetricName: "Errors", Dimensions: [] };
  front.says.ListMetrics = { Metrics: [theirs] };
  const queue = [{ Name: "route", Value: "/queue" }];
  const { Metrics } = await client.listMetrics({ MetricName: "All" });
  expect(Metrics).toEqual([
    theirs,
    { Namespace: "App", MetricName: "All", Dimensions: [] },
    { Namespace: "App", MetricName: "All", Dimensions: queue },
  ]);
  const { Metrics: found } = await client.listMetrics({ Namespace: "App", Dimensions: queue });
  expect(found?.slice(1)).toEqual([{ Namespace: "App", MetricName: "All", Dimensions: queue }]);
});

it("hears a function that signs with the account itself, and keeps other accounts apart", async () => {
  const { client, front } = await published();
  const as = async (accessKeyId: string) => {
    const other = new CloudWatch({
      ...settings(front.endpoint),
      credentials: { accessKeyId, secretAccessKey: "test" },
    });
    onTestFinished(() => other.destroy());
    await other.putMetricData({ Namespace: "Own", MetricData: [{ MetricName: accessKeyId, Value: 1 }] });
  };
  await as("000000000000");
  await as("123456789012");
  const { Metrics } = await client.listMetrics({ Namespace: "Own" });
  expect(Metrics?.map(({ MetricName }) => MetricName)).toEqual(["000000000000"]);
});

it("asks the emulator for metrics that it publishes itself", async () => {
  const { client, front } = await published();
  front.says.GetMetricStatistics = {
    Datapoints: [
      { Timestamp: AT(-5).getTime() / 1_000, SampleCount: 2, Sum: 3, Minimum: 1, Maximum: 2, Unit: "Count" },
    ],
  };
  const query = stat("m", "Errors", 60);
  const metric = {
    Namespace: "AWS/Lambda",
    MetricName: "Errors",
    Dimensions: [{ Name: "FunctionName", Value: "f" }],
  };
  const { MetricDataResults: [found] = [] } = await client.getMetricData({
    StartTime: AT(-60),
    EndTime: AT(0),
    MetricDataQueries: [
      {
        ...query,
        ReturnData: true,
        MetricStat: { ...query.MetricStat, Metric: metric, Period: 60, Stat: "Sum" },
      },
    ],
  });
  expect(found?.Values).toEqual([3]);
});
