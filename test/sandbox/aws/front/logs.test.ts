import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { describe, expect, onTestFinished, test } from "vitest";
import { jsonPattern } from "../../../../sandbox/aws/front/services/logs/jsonPattern";
import { openFront, settings } from "./world";

const LINE = {
  version: "v1",
  size: 12,
  ok: true,
  gone: null,
  "a.b": "dotted",
  users: [{ name: "ada" }, { name: "bob" }],
};

describe("a pattern in braces matches", () => {
  test.each<[string, boolean]>([
    ['{ $.version = "v1" }', true],
    ['{$.version="v1"}', true],
    ["{ $.version = v1 }", true],
    ['{ $.version = "v2" }', false],
    ['{ $.version = "V1" }', false],
    ['{ $.version = "v" }', false],
    ['{ $.version = "v*" }', true],
    ['{ $.version = "*1" }', true],
    ['{ $.version = "v.*" }', false],
    ["{ $.version = %^v[0-9]$% }", true],
    ['{ $.version != "v2" }', true],
    ['{ $.version != "v1" }', false],
    // What is not there differs from nothing: only NOT EXISTS asks for it.
    ['{ $.nothing != "v2" }', false],
    ["{ $.nothing NOT EXISTS }", true],
    ["{ $.version NOT EXISTS }", false],
    ['{ $.size = "*" }', true],
    ['{ $.nothing = "*" }', false],
    ["{ $.gone IS NULL }", true],
    ["{ $.ok IS TRUE }", true],
    ["{ $.ok IS FALSE }", false],
    ["{ $.size = 12 }", true],
    ["{ $.size != 12 }", false],
    ["{ $.size > 11.5 }", true],
    ["{ $.size >= 12 && $.size <= 12 }", true],
    ["{ $.size < 12 }", false],
    // A number in quotes is a text.
    ['{ $.size = "12" }', false],
    ['{ $.users[1].name = "bob" }', true],
    ['{ $.users[0].name = "bob" }', false],
    ['{ $.users[*].name = "bob" }', true],
    ["{ $.['a.b'] = dotted }", true],
    ['{ $.version = "v2" || $.size = 12 && $.ok IS TRUE }', true],
    ['{ ($.version = "v1" || $.size = 12) && $.ok IS FALSE }', false],
  ])("%s: %s", (pattern, expected) => {
    expect(jsonPattern(pattern)?.(JSON.stringify(LINE))).toBe(expected);
  });

  test.each(["v1", "", '{"version":', '"v1"'])("no line such as %j, which is no such JSON", (line) => {
    expect(jsonPattern('{ $.version = "v1" }')?.(line)).toBe(false);
  });
});

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
        StartTime: new Date(front.now - 60_000),
        EndTime: new Date(front.now + 60_000),
        Period: 60,
        Statistics: [statistic],
      });
      return Datapoints.map((point) => point[statistic]);
    };
    return { write, counted };
  };

  test("counts the lines that match", async () => {
    const { write, counted } = await open({ metricValue: "1", defaultValue: 0 });
    await write("all is well", "ERROR one", "ERROR two");
    expect(await counted("Sum")).toEqual([2]);
    expect(await counted("SampleCount")).toEqual([2]);
  });

  test("takes its default where lines come and none matches", async () => {
    const { write, counted } = await open({ metricValue: "1", defaultValue: 0 });
    await write("all is well", "still");
    expect([await counted("Sum"), await counted("SampleCount")]).toEqual([[0], [1]]);
  });

  test("says nothing without a default", async () => {
    const { write, counted } = await open({ metricValue: "1" });
    await write("all is well");
    expect(await counted("Sum")).toEqual([]);
  });
});
