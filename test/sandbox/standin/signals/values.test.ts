import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { goodValues, type Published, seenOf } from "../../../../sandbox/standin/signals/values";
import {
  isBad,
  isGood,
  metricsRead,
  type Watched,
  watchedBy,
} from "../../../../sandbox/standin/signals/watched";
import { type Way, waysOf } from "../../../../sandbox/standin/signals/ways";
import { metricKey } from "../../../../src/aws/metricId";
import { loadRollout } from "../../../../src/rollout/load";
import { metric, row } from "./rows";

it("a heartbeat that stands for an expression until the flip is published beside each of its metrics", () => {
  const rows = watchedBy(loadRollout("rollouts/examples/load-balancer"));
  const read = rows.filter(({ id }) => id === "p1.XA1").flatMap(metricsRead);
  const alive = read.filter(({ name }) => name === "HealthyHostCount");
  expect(alive.map(({ dimensions }) => dimensions?.TargetGroup)).toEqual([
    expect.stringContaining("/new/"),
    expect.stringContaining("/old/"),
  ]);
});

const valuesOf = (published: readonly Published[]) =>
  new Map(published.map(({ metric, value }) => [metricKey(metric), value]));

function judged(one: Watched, published: readonly Published[], seconds: number, before = published): number {
  const values = valuesOf(published);
  const samples = new Map(published.map((each) => [metricKey(each.metric), each.samples]));
  return seenOf(one.source, values, samples, seconds, valuesOf(before));
}

/** What is published once a row is made to come out badly. */
function withBad({ metrics, published }: Way, good: readonly Published[]): Published[] {
  const replaced = new Set(metrics.map((one) => metricKey(one)));
  return [...good.filter(({ metric }) => !replaced.has(metricKey(metric))), ...published];
}

function holds(rows: readonly Watched[]): void {
  const good = goodValues(rows);
  if (!good.ok) throw new Error(`no values for ${good.rows.map(({ id }) => id).join(", ")}`);
  for (const one of rows)
    for (const seconds of [1, 60, 3_600])
      expect(isGood(one, judged(one, good.value, seconds)), `${one.id} over ${seconds} s`).toBe(true);
  for (const one of rows) {
    const ways = waysOf(one, rows, good.value);
    expect(ways, `${one.id} can come out badly`).not.toEqual([]);
    for (const way of ways.filter(({ kind }) => kind !== "silence")) {
      const bad = withBad(way, good.value);
      for (const seconds of way.kind === "burst" ? [1] : [1, 60, 3_600])
        expect(
          isBad(one, judged(one, bad, seconds, way.always ? bad : good.value)),
          `${one.id} by a ${way.kind}`,
        ).toBe(true);
    }
  }
}

describe("values of made-up metrics", () => {
  for (const folder of [".", "rollouts/v2-pipeline"])
    it(`content every row of ${folder}, and turn each`, () => holds(watchedBy(loadRollout(folder))));

  const cases: Record<string, Watched[]> = {
    "no error, and enough requests": [
      row("E1", {
        source: metric("Errors"),
        samples: metric("Requests"),
        minSamples: 100,
        limit: { good: { eq: 0 } },
      }),
    ],
    "at least so much throughput": [row("T", { source: metric("Done"), limit: { good: { gte: 1_000 } } })],
    "a success rate": [
      row("S", { source: metric("Success", "Average"), limit: { good: { gte: 99.5, quantity: "percent" } } }),
    ],
    "a ratio": [
      row("R", {
        source: { metrics: { e: metric("Errors"), r: metric("Requests") }, expression: "100 * e / r" },
        limit: { bad: { gt: 1 } },
      }),
    ],
    "a ratio beside its own parts": [
      row("R", {
        source: { metrics: { e: metric("Errors"), r: metric("Requests") }, expression: "100 * e / r" },
        limit: { bad: { gt: 1 } },
      }),
      row("E", {
        source: metric("Errors"),
        samples: metric("Requests"),
        minSamples: 50,
        limit: { good: { eq: 0 } },
      }),
      row("D", { source: metric("Requests"), limit: { bad: { lt: 1 } } }),
    ],
    "latency from both sides": [
      row("P", { source: metric("Latency", "p95"), limit: { good: { gt: 1, lt: 500 } } }),
      row("X", { source: metric("Latency", "p99"), limit: { bad: { gte: 2_000 } } }),
    ],
    "growth over a window": [
      row("G", {
        source: {
          metrics: {
            last: { ...metric("Memory", "Average"), part: "last quarter" },
            first: { ...metric("Memory", "Average"), part: "first quarter" },
          },
          expression: "last / first",
        },
        limit: { good: { lte: 1.2 } },
      }),
    ],
  };
  for (const [name, rows] of Object.entries(cases)) it(name, () => holds(rows));

  it("name the rows that no values content together", () => {
    const rows = [
      row("A", { source: metric("Queue", "Average"), limit: { good: { lt: 10 } } }),
      row("B", { source: metric("Queue", "Average"), limit: { good: { gt: 20 } } }),
    ];
    expect(goodValues(rows)).toEqual({ ok: false, rows: [rows[1]] });
  });

  it("hold for whatever limits a plan has", () => {
    const limit = fc.integer({ min: 1, max: 5_000 });
    const operator = fc.constantFrom("gt", "gte", "lt", "lte");
    const statistic = fc.constantFrom("Sum", "Average", "Maximum", "Minimum", "p95");
    const one = fc.tuple(operator, limit, statistic, fc.boolean(), fc.integer({ min: 1, max: 500 }));
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 6 }), (given) => {
        const rows = given.map(([sign, value, stat, gate, minSamples], index) => {
          // A sum grows with its window: nothing but none is below a number over each.
          const asked = { [sign]: value };
          return row(`R${index}`, {
            source: metric(`M${index}`, stat),
            samples: metric(`N${index}`),
            minSamples,
            limit: gate ? { good: asked } : { bad: asked },
          });
        });
        holds(rows);
        for (const watched of rows) expect(metricsRead(watched)).toHaveLength(2);
      }),
      { numRuns: 60 },
    );
  });
});
