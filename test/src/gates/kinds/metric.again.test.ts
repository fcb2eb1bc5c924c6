import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { Expectation } from "../../../../src/gates/expectation";
import { judge, judgeInScope } from "../../../../src/gates/judge";
import { type MetricGate, metric, readingOf } from "../../../../src/gates/kinds/metric";
import { againErrors, otherSpans } from "../../../../src/gates/kinds/metric.again";
import { look } from "../../../../src/gates/kinds/metric.look";
import type { Sources } from "../../../../src/gates/look";
import { expected } from "../../../../src/gates/strength";
import { COVERED, gateOf, observe } from "../../../support/build";
import { fakeAws } from "../../../support/standIn";

const MINUTE = 60_000;
const NOW = Date.parse("2026-11-21T12:00:00Z");
const iso = (at: number) => new Date(at).toISOString();
const context = { now: NOW, timeScale: 1, attempt: 1 };

const gateWith = (expectation: Expectation, more: object = {}) =>
  gateOf("E1", {
    source: "metric",
    namespace: "N",
    name: "Latency",
    statistic: "Average",
    window: "10m",
    minSamples: 5,
    expect: expectation,
    ...more,
  });

/** One window of ten minutes that ended so many minutes ago. */
const part = (value: unknown, ago = 0, more: object = {}) => ({
  value,
  samples: 9,
  window: { from: iso(NOW - (ago + 10) * MINUTE), to: iso(NOW - ago * MINUTE) },
  coverage: COVERED,
  ...more,
});
const seenOf = (value: unknown, more: object = {}) => ({ kind: "metric" as const, ...part(value), ...more });
const outcome = (expectation: Expectation, seen: object) => {
  const gate = gateWith(expectation);
  return judge(gate, observe(gate, metric.sees.parse(seen)), context).outcome;
};

describe("three windows in a row", () => {
  const three = { lt: 5, inARow: 3 };
  const row = (...values: unknown[]) =>
    seenOf(values[0], { others: values.slice(1).map((value, index) => part(value, (index + 1) * 10)) });

  it.each([
    ["all of them", row(1, 2, 3), "pass"],
    ["all but the last", row(6, 2, 3), "fail"],
    ["all but the one before", row(1, 6, 3), "fail"],
    ["all but the first", row(1, 2, 6), "fail"],
    ["two of two", row(1, 2), "inconclusive"],
    ["one of one", row(1), "inconclusive"],
    ["four", row(1, 2, 3, 4), "inconclusive"],
    ["one without a value", row(1, null, 3), "inconclusive"],
    ["one that is text", row(1, "2", 3), "inconclusive"],
    ["one below nothing", row(1, -2, 3), "inconclusive"],
  ])("hold where they meet it: %s", (_, seen, found) => {
    expect(outcome(three, seen)).toBe(found);
  });

  it.each([
    ["too few samples", { samples: 4 }],
    ["a gap", { coverage: { ...COVERED, covered: 0 } }],
    ["no coverage told", { coverage: { ...COVERED, parts: 0, covered: 0 } }],
  ])("do not where an earlier one has %s", (_, more) => {
    expect(outcome(three, seenOf(1, { others: [part(1, 10, more), part(1, 20)] }))).toBe("inconclusive");
  });

  test.each([
    ["live for so long", 30, [10, 20], undefined],
    ["live for less", 29, [10, 20], "2026-11-21T12:01:00.000Z"],
    ["an older window twice", 60, [10, 10], "not each"],
    ["a window that is not there", 60, [10], "not each"],
  ])("begin after the flip, one behind the other: %s", (_, live, ends, lacks) => {
    const gate = gateWith(three);
    const seen = seenOf(1, { others: ends.map((ago) => part(1, ago)) });
    const since = { liveSince: iso(NOW - live * MINUTE), liveDeployment: 2 };
    const observation = { ...observe(gate, metric.sees.parse(seen)), at: iso(NOW) };
    const found = judgeInScope(gate, observation, since, context);
    if (lacks === undefined) expect(found.outcome).toBe("pass");
    else expect(`${found.outcome} ${found.earliest ?? found.observed}`).toContain(`inconclusive ${lacks}`);
  });
});

describe("no worse than at first", () => {
  const noWorse = { lt: 100, noWorseThan: { first: "10m", by: "25%" } };
  const then = (value: unknown, more: object = {}) => ({ others: [part(value, 50, more)] });

  it.each([
    ["as it was", seenOf(4, then(4)), "pass"],
    ["a quarter more", seenOf(5, then(4)), "pass"],
    ["more than that", seenOf(5.01, then(4)), "fail"],
    ["over its limit, as at first", seenOf(101, then(101)), "fail"],
    ["nothing at first, and nothing now", seenOf(0, then(0)), "pass"],
    ["nothing at first", seenOf(0.1, then(0)), "fail"],
    ["nothing seen at first", seenOf(4), "inconclusive"],
    ["no value at first", seenOf(4, then(null)), "inconclusive"],
    ["text at first", seenOf(4, then("4")), "inconclusive"],
    ["too few at first", seenOf(4, then(4, { samples: 4 })), "inconclusive"],
    ["a gap at first", seenOf(4, then(4, { coverage: { ...COVERED, covered: 0 } })), "inconclusive"],
    [
      "a range at first, which is not exactly known",
      seenOf(5, then(null, { between: { low: 4, high: 9 } })),
      "inconclusive",
    ],
    ["two first times", seenOf(4, { others: [part(4, 50), part(4, 50)] }), "inconclusive"],
  ])("is judged by both: %s", (_, seen, found) => {
    expect(outcome(noWorse, seen)).toBe(found);
  });

  test.each([
    ["by the minute", 60, "inconclusive"],
    ["by five minutes", 300, "pass"],
  ])("begins with the first whole period after the flip: %s", (_, period, found) => {
    const gate = gateWith(noWorse);
    const since = { liveSince: iso(NOW - 64 * MINUTE), liveDeployment: 2 };
    const first = {
      ...part(4, 54),
      window: { from: iso(NOW - 60 * MINUTE), to: iso(NOW - 54 * MINUTE) },
      coverage: { ...COVERED, period },
    };
    const seen = metric.sees.parse(seenOf(4, { others: [first] }));
    expect(judgeInScope(gate, { ...observe(gate, seen), at: iso(NOW) }, since, context).outcome).toBe(found);
  });

  it("says what helps where the first time is not known: nothing mends that of this attempt", () => {
    const remedyOf = (seen: object) => {
      const gate = gateWith(noWorse);
      return judge(gate, observe(gate, metric.sees.parse(seen)), context).remedy;
    };
    expect(remedyOf(seenOf(4, then(4, { samples: 4 })))).toMatch(/^Raise the attempt, whose first 10m/);
    expect(remedyOf(seenOf(null, then(4)))).not.toMatch(/attempt/);
  });

  it.each([
    ["a soak within memory", "1m", 14, []],
    ["a soak of which the first time is forgotten", "1m", 21, ["noWorseThan"]],
    ["the same with longer periods", "5m", 21, []],
  ])("is known for as long as the soak takes: %s", (_, every, days, wrong) => {
    const gate = gateWith(noWorse, { every }).definition as MetricGate;
    const around = { line: [{ soak: `${days}d` }], rollout: {} } as never;
    const found = metric.fieldErrors?.(gate, around, gate);
    expect((found ?? []).map(({ path }) => path.at(-1))).toEqual(wrong);
  });

  it.each([
    ["a quarter less", 3, "pass"],
    ["less than that", 2.9, "fail"],
    ["more", 9, "pass"],
  ])("is less where a lower limit says so: %s", (_, value, found) => {
    expect(outcome({ gt: 1, noWorseThan: { first: "10m", by: "25%" } }, seenOf(value, then(4)))).toBe(found);
  });
});

test("windows lie one behind the other, and the first one begins with the flip", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 50 }), fc.integer({ min: 1, max: 1_000 }), (inARow, scale) => {
      const at = { liveSince: NOW - 1e9, timeScale: scale };
      const lasting = Math.max(10_000, 600_000 / scale);
      const spans = otherSpans({ lt: 1, inARow, noWorseThan: { first: "1h", by: "1%" } }, "10m", at, NOW);
      const first = spans.pop();
      expect(spans).toHaveLength(inARow - 1);
      // A fraction of a millisecond is what rounding leaves.
      for (const [index, { to }] of spans.entries())
        expect(
          Math.abs(to - (index === 0 ? NOW - lasting : (spans[index - 1]?.from ?? Number.NaN))),
        ).toBeLessThan(1);
      expect(first?.from).toBe(at.liveSince);
    }),
  );
});

it("asks for each window as finely as CloudWatch remembers it today", async () => {
  const aws = await fakeAws({ GetMetricData: () => ({ MetricDataResults: [] }) });
  const gate = gateWith(
    { lt: 5, inARow: 3, noWorseThan: { first: "1h", by: "25%" } },
    { window: "2h", every: "10s" },
  );
  const completedAt = iso(Date.now() - 20 * 24 * 60 * MINUTE);
  await look(
    gate as never as Parameters<typeof look>[0] & { definition: MetricGate },
    {
      region: "eu-central-1",
      timeScale: 1,
      ledger: { live: { completedAt } },
    } as unknown as Sources,
  );
  const periods = aws.calls.map(({ input }) => {
    const [query] = input.MetricDataQueries as { MetricStat: { Period: number } }[];
    return query?.MetricStat.Period;
  });
  // Two hours ago seconds are kept, and six hours ago minutes. Of twenty days ago five minutes are.
  expect(periods).toEqual([10, 60, 60, 300]);
});

const EXPRESSION = {
  metrics: {
    errors: { namespace: "N", name: "E", statistic: "Sum" },
    requests: { namespace: "N", name: "R", statistic: "Sum" },
  },
  ...{ namespace: undefined, name: undefined, statistic: undefined },
};

/** @param word the one that is refused; undefined where none is */
function holdsAtLoad(
  word: string | undefined,
  expectation: Expectation,
  more: Parameters<typeof gateWith>[1],
  what: RegExp,
): void {
  const { definition } = gateWith(expectation, more);
  const reading = readingOf(definition as never);
  if (!reading) throw new Error("reads nothing");
  const errors = againErrors(expectation, reading);
  expect(errors.map(({ what: one }) => one).join()).toMatch(what);
  expect(errors.map(({ path }) => path[1])).toEqual(word === undefined ? [] : [word]);
}

test.each([
  ["inARow", { lt: 1, inARow: 2 }, { window: "soak" }, /whole soak/],
  ["inARow", { lt: 1, inARow: 50 }, { window: "30d" }, /longer than CloudWatch remembers/],
  ["noWorseThan", { lt: 1, noWorseThan: { first: "1h", by: "5%" } }, { window: "soak" }, /whole soak/],
  ["noWorseThan", { eq: 1, noWorseThan: { first: "1h", by: "5%" } }, {}, /one side/],
  [
    "noWorseThan",
    { lt: 1, noWorseThan: { first: "2d", by: "5%" } },
    { statistic: "p95", window: "1h" },
    /a percentile of more than a day/,
  ],
  ["noWorseThan", { gt: 0, lt: 1, noWorseThan: { first: "1h", by: "5%" } }, {}, /one side/],
  [
    "noWorseThan",
    { lt: 1, quantity: "signed", noWorseThan: { first: "1h", by: "5%" } },
    {},
    /never less than 0/,
  ],
  [
    "noWorseThan",
    { lt: 1, noWorseThan: { first: "1h", by: "5%" } },
    { statistic: "Sum" },
    /grows with the time/,
  ],
  [
    "noWorseThan",
    { lt: 1, noWorseThan: { first: "1h", by: "5%" } },
    { ...EXPRESSION, expression: "errors + requests", samplesFrom: "requests" },
    /grows with the time/,
  ],
  [
    undefined,
    { lt: 1, noWorseThan: { first: "1h", by: "5%" } },
    { ...EXPRESSION, expression: "errors / requests", samplesFrom: "requests" },
    /^$/,
  ],
  [undefined, { lt: 1, inARow: 3, noWorseThan: { first: "10m", by: "5%" } }, { statistic: "Sum" }, /^$/],
])("what can never be compared is refused at load: %s %j %j", (word, expectation, more, what) => {
  holdsAtLoad(word, expectation as Expectation, more, what);
});

test.each([
  ["inARow", { lt: 1, inARow: 3 }, { window: "7d", every: "1m" }, /^times 7d is longer than CloudWatch/],
  ["inARow", { lt: 1, inARow: 2 }, { window: "10d", statistic: "worst minute p95" }, /^times 10d is longer/],
  ["noWorseThan", { gt: 1, noWorseThan: { first: "1h", by: "100%" } }, {}, /^means nothing/],
  ["noWorseThan", { gte: 1, noWorseThan: { first: "1h", by: "150%" } }, {}, /^means nothing/],
  [undefined, { gte: 1, noWorseThan: { first: "1h", by: "99.99%" } }, {}, /^$/],
  [undefined, { lt: 1, noWorseThan: { first: "1h", by: "150%" } }, {}, /^$/],
  [undefined, { lt: 1, inARow: 2 }, { window: "7d", every: "1m" }, /^$/],
])("what no look could ever decide is refused, too: %s %j %j", (word, expectation, more, what) => {
  holdsAtLoad(word, expectation as Expectation, more, what);
});

test("fewer in a row, or more room, is never called the same or stronger", () => {
  const words = fc.record(
    {
      inARow: fc.integer({ min: 2, max: 5 }),
      noWorseThan: fc.record({
        first: fc.constantFrom("1h", "2h"),
        by: fc.constantFrom("5%", "10%", "25.5%"),
      }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(words, words, (was, now) => {
      const change = expected({ lt: 1, ...was }, { lt: 1, ...now }, { was: {}, now: {} });
      const eased =
        (now.inARow ?? 1) < (was.inARow ?? 1) ||
        (was.noWorseThan !== undefined &&
          (now.noWorseThan?.first !== was.noWorseThan.first ||
            Number.parseFloat(now.noWorseThan.by) > Number.parseFloat(was.noWorseThan.by)));
      if (eased) expect(["weaker", "incomparable"]).toContain(change?.strength);
      if (JSON.stringify(was) === JSON.stringify(now)) expect(change).toBeUndefined();
      const back = expected({ lt: 1, ...now }, { lt: 1, ...was }, { was: {}, now: {} });
      if (change?.strength === "stronger") expect(back?.strength).toBe("weaker");
    }),
  );
});
