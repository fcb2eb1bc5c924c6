import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { describe, expect, onTestFinished, test } from "vitest";
import { openFront, settings } from "./world";

describe("the front", () => {
  const events = ["v2", "v1", "v1"].map((version, index) => ({
    timestamp: index + 1,
    message: JSON.stringify({ version }),
    logStreamName: "web",
  }));
  const ask = async (filterPattern: string, limit?: number) => {
    const front = await openFront({ FilterLogEvents: { events, searchedLogStreams: [] } });
    const logs = new CloudWatchLogs(settings(front.endpoint));
    onTestFinished(() => logs.destroy());
    const told = await logs.filterLogEvents({ logGroupName: "g", filterPattern, limit, startTime: 1 });
    return { times: told.events?.map(({ timestamp }) => timestamp), asked: front.asked[0]?.input };
  };

  test("tells the lines that match, at most so many, whatever the emulator takes for one", async () => {
    expect(await ask('{ $.version = "v1" }')).toEqual({
      times: [2, 3],
      asked: { logGroupName: "g", startTime: 1 },
    });
    expect((await ask('{ $.version = "v1" }', 1)).times).toEqual([2]);
    expect((await ask('{ $.version = "v3" }', 1)).times).toEqual([]);
  });

  test("reads patterns of words itself", async () => {
    expect((await ask("v1")).times).toEqual([2, 3]);
    expect((await ask("v1", 1)).times).toEqual([2]);
  });

  test.each([
    [
      "FilterLogEvents",
      (logs: CloudWatchLogs) => logs.filterLogEvents({ logGroupName: "g", filterPattern: "{ $.a }" }),
    ],
    [
      "PutMetricFilter",
      (logs: CloudWatchLogs) =>
        logs.putMetricFilter({
          logGroupName: "g",
          filterName: "f",
          filterPattern: "[a, b =]",
          metricTransformations: [{ metricName: "m", metricNamespace: "n", metricValue: "1" }],
        }),
    ],
  ])("refuses a pattern that cannot be read: %s", async (_, asked) => {
    const front = await openFront();
    const logs = new CloudWatchLogs(settings(front.endpoint));
    onTestFinished(() => logs.destroy());
    await expect(asked(logs)).rejects.toThrow("Invalid filter pattern");
  });
});

describe("a metric filter", () => {
  const open = async (filter: Record<string, unknown>) => {
    const metricFilters = [
      {
        filterName: "f",
        logGroupName: "g",
        metricTransformations: [{ metricNamespace: "N", metricName: "M", ...filter }],
        filterPattern: "ERROR",
      },
    ];
    const front = await openFront({ DescribeMetricFilters: { metricFilters }, PutLogEvents: {} });
    const logs = new CloudWatchLogs(settings(front.endpoint));
    const cloudwatch = new CloudWatch(settings(front.endpoint));
    onTestFinished(() => {
      logs.destroy();
      cloudwatch.destroy();
    });
    const write = (...messages: string[]) =>
      logs.putLogEvents({
        logGroupName: "g",
        logStreamName: "s",
        logEvents: messages.map((message) => ({ timestamp: front.now, message })),
      });
    const counted = async (statistic: "Sum" | "SampleCount") => {
      const { Datapoints = [] } = await cloudwatch.getMetricStatistics({
        Namespace: "N",
        MetricName: "M",
        StartTime: new Date(front.now - 120_000),
        EndTime: new Date(front.now + 60_000),
        Period: 180,
        Statistics: [statistic],
      });
      return Datapoints.map((point) => point[statistic]);
    };
    /** The minute in which something came is over. */
    const minute = async () => {
      front.now += 60_000;
      await front.tick();
    };
    return { write, counted, minute };
  };

  test("counts the lines that match, and tells it once their minute is over", async () => {
    const { write, counted, minute } = await open({ metricValue: "1", defaultValue: 0 });
    await write("all is well", "ERROR one", "ERROR two");
    expect(await counted("Sum")).toEqual([]);
    await minute();
    expect(await counted("Sum")).toEqual([2]);
    expect(await counted("SampleCount")).toEqual([2]);
  });

  test("takes its default where lines come and none matches", async () => {
    const { write, counted, minute } = await open({ metricValue: "1", defaultValue: 0 });
    await write("all is well", "still");
    await minute();
    expect([await counted("Sum"), await counted("SampleCount")]).toEqual([[0], [1]]);
  });

  test("says nothing without a default", async () => {
    const { write, counted, minute } = await open({ metricValue: "1" });
    await write("all is well");
    await minute();
    expect(await counted("Sum")).toEqual([]);
  });
});
