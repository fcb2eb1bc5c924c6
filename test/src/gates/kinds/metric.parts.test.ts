import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mathMetrics } from "../../../../src/aws/metricSource";
import { compare } from "../../../../src/gates/expectation";
import { gateDefinition } from "../../../../src/gates/gate";
import { type MetricGate, readingOf } from "../../../../src/gates/kinds/metric";
import { observeMetric } from "../../../../src/gates/kinds/metric.look";
import { partOf, type Series } from "../../../../src/gates/kinds/metric.series";
import { loadRollout } from "../../../../src/rollout/load";
import { fakeAws } from "../../../support/standIn";

/** A metric over a part of a gate's window: what grows over a soak. */

const MINUTE = 60_000;
const MINUTES = 1_440;

test("a quarter holds the periods that begin in it, and the last one nothing of the others", () => {
  const series: Series = new Map(Array.from({ length: 8 }, (_, index) => [index * 10, index]));
  const told = { main: series, sum: series, count: series };
  const of = (part: "first quarter" | "last quarter" | undefined) => [
    ...partOf(told, part, { from: 0, to: 80 }).main.values(),
  ];
  expect([of("first quarter"), of("last quarter"), of(undefined)]).toEqual([
    [0, 1],
    [6, 7],
    [0, 1, 2, 3, 4, 5, 6, 7],
  ]);
});

test.each([
  ["Average", true],
  ["Maximum", true],
  ["p95", false],
])("of %s a part can be told: %s", (statistic, fine) => {
  const metric = { namespace: "A", name: "B", statistic, part: "last quarter" };
  const gate = {
    ...{ source: "metric", title: "It is stable", window: "soak", minSamples: 1, samplesFrom: "late" },
    ...{ metrics: { late: metric }, expression: "late", expect: { lt: 1 } },
  };
  expect(gateDefinition.safeParse(gate).success).toBe(fine);
  // An alarm looks at one period after the other.
  expect(mathMetrics.safeParse({ late: metric }).success).toBe(false);
});

describe.each([
  ["G5c", "CpuPercent"],
  ["G5g", "MemoryPercent"],
])("%s over a day", (id, name) => {
  const rollout = loadRollout(join(__dirname, "..", "..", "..", "..", "rollouts", "v2-pipeline"));
  const gate = rollout.stages[1]?.exit[id] as MetricGate;

  /** What the gate makes of an average that follows the minute. */
  async function seenOf(at: (minute: number) => number) {
    await fakeAws({
      GetMetricData: ({ MetricDataQueries, StartTime }) => ({
        MetricDataResults: (
          MetricDataQueries as { Id: string; MetricStat: { Metric: { MetricName: string }; Stat: string } }[]
        ).map(({ Id, MetricStat: { Metric, Stat } }) => {
          const minutes =
            Metric.MetricName === name ? Array.from({ length: MINUTES }, (_, minute) => minute) : [];
          const value = (minute: number) =>
            Stat === "SampleCount" ? 6 : Stat === "Sum" ? 6 * at(minute) : at(minute);
          return {
            Id,
            Timestamps: minutes.map((minute) => Number(StartTime) + minute * 60),
            Values: minutes.map(value),
            StatusCode: "Complete",
          };
        }),
      }),
    });
    const reading = readingOf(gate);
    if (!reading) throw new Error("reads nothing");
    const liveSince = Date.now() - MINUTES * MINUTE;
    return observeMetric(reading, { region: "eu-central-1", liveSince, timeScale: 1 });
  }

  test.each<[string, (minute: number) => number, string]>([
    ["the same all day", () => 60, "met"],
    ["higher in the middle of the day", (minute) => (minute > 600 && minute < 840 ? 75 : 30), "met"],
    ["lower in the end", (minute) => (minute > 1_080 ? 5 : 60), "met"],
    ["growing all the while, and below every ceiling", (minute) => 10 + (minute / MINUTES) * 40, "missed"],
    ["higher since a few hours", (minute) => (minute > 1_100 ? 70 : 40), "missed"],
  ])("%s", async (_, at, expected) => {
    const seen = await seenOf(at);
    if (seen.kind !== "metric" || seen.value === null) throw new Error(JSON.stringify(seen));
    const met = compare(gate.expect, seen.value).kind === "met";
    expect(met ? "met" : "missed").toBe(expected);
    expect(Math.abs(seen.samples - 6 * 360)).toBeLessThan(13);
  });
});
