import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { describe, expect, test } from "vitest";
import { hearing } from "../../../src/aws/hearing";
import { metricKey } from "../../../src/aws/metricId";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-11-29T20:00:00Z");
const METRIC = { namespace: "Search", name: "SearchErrors", dimensions: { Server: "a" } };
const EXPECTED = [{ metric: METRIC, within: 3 * HOUR }];

/** CloudWatch with one metric, which had data at these times (ms since the epoch), under one set of dimensions. */
function cloudWatch(
  at: readonly number[],
  dimensions: Record<string, string>,
  fail?: (call: number) => boolean,
) {
  let calls = 0;
  const send = async (command: { constructor: { name: string }; input: { StartTime: Date } }) => {
    if (command.constructor.name === "ListMetricsCommand")
      return {
        Metrics: [
          {
            MetricName: METRIC.name,
            Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
          },
        ],
      };
    calls += 1;
    if (fail?.(calls)) throw Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
    const told = at.filter((time) => time >= command.input.StartTime.getTime());
    return {
      MetricDataResults: [
        { Id: "m0", Timestamps: told.map((time) => new Date(time)), Values: told.map(() => 1) },
      ],
    };
  };
  return {
    client: Object.assign(new CloudWatchClient({ region: "eu-central-1" }), { send }),
    calls: () => calls,
  };
}

describe("a metric without data in its time", () => {
  test("was heard last when CloudWatch has it, which keeps what it lists for two weeks", async () => {
    const { client } = cloudWatch([NOW - 30 * HOUR, NOW - 26 * HOUR], METRIC.dimensions);
    const { heard } = await hearing(client, EXPECTED, NOW);
    expect(heard).toEqual({ ok: true, value: new Map([[metricKey(METRIC), NOW - 26 * HOUR]]) });
  });

  test("that has other dimensions alone was never heard, and nothing more is asked", async () => {
    const { client, calls } = cloudWatch([], { Server: "b" });
    const { heard, listed } = await hearing(client, EXPECTED, NOW);
    expect(heard).toEqual({ ok: true, value: new Map() });
    expect(listed.get(metricKey(METRIC))).toMatchObject({ value: { dimensions: [{ Server: "b" }] } });
    expect(calls()).toBe(1);
  });

  test("of which only that further look fails, is told without it", async () => {
    const { client } = cloudWatch([NOW - 26 * HOUR], METRIC.dimensions, (call) => call > 1);
    expect((await hearing(client, EXPECTED, NOW)).heard).toEqual({ ok: true, value: new Map() });
  });
});
