import fc from "fast-check";
import { expect, test } from "vitest";
import { judge } from "../../../sandbox/aws/front/alarms/judge";
import type { AbortThresholdConfig } from "../../../src/rollout/config/abortRow";
import { periodsNeeded } from "../../../src/rollout/config/filling";
import { withSignals } from "../../../src/rollout/config/signal";
import { fillingOf } from "../../../src/rollout/filling";

const metric = { namespace: "App", name: "Beat", statistic: "Sum", period: "10s" };
const fillingFor = (changes: object) => {
  const given = { title: "It is wrong", datapoints: { of: 3, breaching: 2 }, ...changes };
  const row = withSignals("ops-view", { XB3: given as unknown as AbortThresholdConfig }).XB3;
  if (!row) throw new Error("no XB3");
  return fillingOf(row);
};

test.each([
  [{ of: 1, breaching: 1 }, 1, 0],
  [{ of: 3, breaching: 3 }, 1, 0],
  [{ of: 3, breaching: 2 }, 3, 20_000],
  [{ of: 3, breaching: 1 }, 4, 30_000],
])("a probe of %j needs data in %d periods", (datapoints, needed, takes) => {
  expect(fillingFor({ probe: { query: "select 1" }, datapoints })).toEqual({
    metric: { namespace: "cutover/ops-view", name: "XB3" },
    period: 10,
    needed,
    of: datapoints.of,
    takes,
  });
});

test("so does a log whose silence is a fault, by its own period", () => {
  const logs = { group: "/ecs/ops", pattern: "lost", period: "5m" };
  expect(fillingFor({ logs, missingData: "breaching" })).toMatchObject({
    period: 300,
    needed: 3,
    takes: 600_000,
  });
});

test.each([
  ["a log whose silence is none", { logs: { group: "/ecs/ops", pattern: "lost", period: "1m" } }],
  ["a metric that the app has published all along", { metric, missingData: "breaching" }],
  ["a metric whose silence is none", { metric, missingData: "notBreaching" }],
  ["somebody's alarm", { alarm: "ops-db-lag" }],
])("nothing is waited for of %s", (_, changes) => {
  expect(fillingFor(changes)).toBeUndefined();
});

test("with data in so many of the clock's periods silence does not set an alarm off, wherever its own ones end", () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 0, max: 9_999 }),
      fc.integer({ min: 500, max: 10_000 }),
      (a, b, first, every) => {
        const [of, breaching] = [Math.max(a, b), Math.min(a, b)];
        const alarm = {
          threshold: 0,
          comparison: "GreaterThanThreshold",
          evaluationPeriods: of,
          datapointsToAlarm: breaching,
          treatMissingData: "breaching",
        };
        const data = (now: number) =>
          Array.from({ length: 400 }, (_, at) => first + at * every).filter((at) => at <= now);
        const filled = (now: number) => new Set(data(now).map((at) => Math.floor(at / 10_000))).size;
        let now = first;
        while (filled(now) < periodsNeeded({ of, breaching })) now += 250;
        // Its periods end now, and are as long as the clock's.
        const range = Array.from({ length: of + 2 }, (_, at) => {
          const to = now - (of + 1 - at) * 10_000;
          return data(now).some((one) => one > to - 10_000 && one <= to) ? 0 : undefined;
        });
        expect(judge(alarm, range, "INSUFFICIENT_DATA")).toBe("OK");
      },
    ),
  ));
