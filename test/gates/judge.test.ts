import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { type JudgeContext, judge, requiredOf, showTime } from "../../gates/judge";
import { FAILURE_KINDS, type Seen } from "../../gates/observation";
import { anything } from "../support/arbitrary";
import { ago, liveFor, NOW, observe, soakGate, sqlGate, value } from "../support/build";

const HOUR = 3_600_000;
const context: JudgeContext = { now: NOW, timeScale: 1 };
const sql = sqlGate("A3", { expect: { gte: 1, lt: 5 } });
const soak = soakGate("B2", { atLeast: "24h" });
const since = (at: string): Seen => ({ kind: "occupancy", stage: "stageA", since: at, deployment: 2 });

describe("a SQL gate", () => {
  test.each<[string, Seen, string, string]>([
    ["the value is as expected", value(3), "pass", "3"],
    ["the value is too small", value(0), "fail", "0"],
    ["the value is too great", value(5), "fail", "5"],
    ["the value is negative", value(-1), "fail", "-1"],
    ["the value is huge", value(1e308), "fail", "1e+308"],
    ["there is no value", value(null), "inconclusive", "there is no value"],
    ["the value is left out", value(undefined), "inconclusive", "there is no value"],
    ["the value is text", value("3"), "inconclusive", "the value is text, not a number"],
    ["the value is empty text", value(""), "inconclusive", "the value is text, not a number"],
    ["the value is a boolean", value(true), "inconclusive", "the value is a boolean, not a number"],
    ["the value is NaN", value(Number.NaN), "inconclusive", "the value is NaN"],
    ["the value is infinite", value(Infinity), "inconclusive", "the value is Infinity"],
    ["the value is a list", value([3]), "inconclusive", "the value is a list, not a number"],
    ["the value is an object", value({ count: 3 }), "inconclusive", "the value is an object, not a number"],
    [
      "the observation is one of a soak",
      liveFor(100 * HOUR),
      "inconclusive",
      "the observation is not one of a value",
    ],
    ...FAILURE_KINDS.map((failure): [string, Seen, string, string] => [
      `its source says ${failure}`,
      { kind: "failure", failure, message: "in its own words" },
      "inconclusive",
      `${failure}: in its own words`,
    ]),
  ])("when %s", (_, seen, outcome, observed) => {
    const verdict = judge(sql, observe(sql, seen), context);
    expect(verdict).toMatchObject({
      gate: "A3",
      title: "What A3 demands",
      outcome,
      observed,
      required: "≥ 1 and < 5",
    });
    expect(verdict.remedy === "").toBe(outcome === "pass");
    expect(verdict).not.toHaveProperty("earliest");
  });

  it("shows a long text short, and on one line", () => {
    const text = sqlGate("A3", { expect: { eq: "ok" } });
    const { observed } = judge(text, observe(text, value(`${"long\n".repeat(50)}`)), context);
    expect(observed.length).toBeLessThanOrEqual(60);
    expect(observed).not.toContain("\n");
  });
});

describe("a soak gate", () => {
  test.each<[string, Seen, string, string, string | undefined]>([
    [
      "is over to the millisecond",
      liveFor(24 * HOUR),
      "pass",
      "stageA live for 1 d, since 2026-11-20 12:00:00Z",
      undefined,
    ],
    [
      "is long over",
      liveFor(100 * HOUR),
      "pass",
      "stageA live for 4 d 4 h, since 2026-11-17 08:00:00Z",
      undefined,
    ],
    [
      "is short by a millisecond",
      liveFor(24 * HOUR - 1),
      "fail",
      "stageA live for 23 h 59 m, since 2026-11-20 12:00:00Z",
      "2026-11-21T12:00:00.001Z",
    ],
    [
      "has begun only now",
      liveFor(0),
      "fail",
      "stageA live for 0 ms, since 2026-11-21 12:00:00Z",
      "2026-11-22T12:00:00.000Z",
    ],
    [
      "begins in the future",
      liveFor(-1),
      "inconclusive",
      `stageA went live in the future (${ago(-1)})`,
      undefined,
    ],
    [
      "began at no time",
      since("lately"),
      "inconclusive",
      "it is not known since when the flags are live",
      undefined,
    ],
    [
      "was observed as a value",
      value(100 * HOUR),
      "inconclusive",
      "the observation is not one of a soak",
      undefined,
    ],
    [
      "could not be observed",
      { kind: "failure", failure: "no-data", message: "no flags are live" },
      "inconclusive",
      "no-data: no flags are live",
      undefined,
    ],
  ])("that %s", (_, seen, outcome, observed, earliest) => {
    const verdict = judge(soak, observe(soak, seen), context);
    expect(verdict).toMatchObject({ outcome, observed, required: "≥ 24h without a break" });
    expect(verdict.earliest).toBe(earliest);
  });

  it("passes at the earliest time that it names, and not a millisecond before", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 48 * HOUR }),
        fc.integer({ min: 1, max: 90_000 }),
        fc.constantFrom(1, 3, 7, 60, 1_440),
        (elapsed, seconds, timeScale) => {
          const gate = soakGate("B2", { atLeast: `${seconds}s` });
          const observation = observe(gate, liveFor(elapsed));
          const first = judge(gate, observation, { now: NOW, timeScale });
          if (first.outcome === "pass") {
            expect(elapsed * timeScale).toBeGreaterThanOrEqual(seconds * 1_000);
            return;
          }
          const earliest = Date.parse(first.earliest ?? "");
          expect(judge(gate, observation, { now: earliest, timeScale }).outcome).toBe("pass");
          expect(judge(gate, observation, { now: earliest - 1, timeScale }).outcome).toBe("fail");
        },
      ),
    );
  });

  test.each([Number.NaN, Infinity, -1, 0, -Infinity])("never passes with time scaled by %d", (timeScale) => {
    for (const elapsed of [0, 1, 24 * HOUR, 10_000 * HOUR])
      expect(judge(soak, observe(soak, liveFor(elapsed)), { now: NOW, timeScale }).outcome).not.toBe("pass");
  });

  it("never passes on a clock that shows no time", () => {
    expect(judge(soak, observe(soak, liveFor(100 * HOUR)), { now: Number.NaN, timeScale: 1 }).outcome).toBe(
      "inconclusive",
    );
  });

  test.each([undefined, "0s", "0d"])("that demands nothing (%s) is no gate: inconclusive", (atLeast) => {
    const gate = soakGate("B2");
    const empty = { ...gate, definition: { ...gate.definition, atLeast } } as typeof gate;
    expect(judge(empty, observe(empty, liveFor(HOUR)), context)).toMatchObject({
      outcome: "inconclusive",
      observed: "the gate demands no time at all",
    });
  });

  it("of more days than the calendar has is not over, and has no earliest time", () => {
    const forever = soakGate("B2", { atLeast: "999999999d" });
    const verdict = judge(forever, observe(forever, liveFor(HOUR)), context);
    expect(verdict.outcome).toBe("fail");
    expect(verdict).not.toHaveProperty("earliest");
  });
});

describe("any gate", () => {
  it("without an observation was not run", () => {
    for (const gate of [sql, soak])
      expect(judge(gate, undefined, context)).toMatchObject({ outcome: "not-run", observed: "not measured" });
  });

  it("gives its own remedy where it has one, and none for a pass", () => {
    const own = sqlGate("A1", { expect: { gt: 0 }, remedy: "Apply migrations 012 and 013" });
    expect(judge(own, observe(own, value(0)), context).remedy).toBe("Apply migrations 012 and 013");
    expect(judge(own, undefined, context).remedy).toBe("Apply migrations 012 and 013");
    expect(judge(own, observe(own, value(1)), context).remedy).toBe("");
  });

  it("has a remedy for each way in which it does not pass", () => {
    const remedies = FAILURE_KINDS.map(
      (failure) => judge(sql, observe(sql, { kind: "failure", failure, message: "" }), context).remedy,
    );
    expect(new Set(remedies).size).toBe(FAILURE_KINDS.length);
    for (const remedy of remedies) expect(remedy.length).toBeGreaterThan(20);
  });

  it("is judged without an exception, and passes only where the rule is met, whatever was seen", () => {
    let passed = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          anything.map(value),
          fc.integer({ min: -1, max: 6 }).map(value),
          fc.record({
            kind: fc.constantFrom("occupancy", "value", "verdict", ""),
            since: fc.string(),
            value: fc.nat(9),
          }),
          fc.date({ noInvalidDate: true }).map((at) => since(at.toISOString())),
        ) as fc.Arbitrary<Seen>,
        (seen) => {
          const bySql = judge(sql, observe(sql, seen), context).outcome;
          const bySoak = judge(soak, observe(soak, seen), context).outcome;
          const met =
            seen.kind === "value" &&
            [1, 2, 3, 4].some((low) => (seen.value as number) >= low) &&
            typeof seen.value === "number" &&
            seen.value < 5;
          const soaked = seen.kind === "occupancy" && NOW - Date.parse(seen.since) >= 24 * HOUR;
          expect(bySql === "pass").toBe(met);
          expect(bySoak === "pass").toBe(soaked);
          if (met || soaked) passed++;
        },
      ),
      { numRuns: 2_000 },
    );
    expect(passed).toBeGreaterThan(20);
  });
});

test("requiredOf says what a gate demands", () => {
  expect(requiredOf(sql)).toBe("≥ 1 and < 5");
  expect(requiredOf(soak)).toBe("≥ 24h without a break");
});

test.each([
  ["2026-11-21T21:40:05.999Z", "2026-11-21 21:40:05Z"],
  ["2026-11-21T21:40:05+02:00", "2026-11-21 19:40:05Z"],
  ["yesterday", "an unknown time"],
  ["", "an unknown time"],
])("showTime of %j is %s", (iso, expected) => {
  expect(showTime(iso)).toBe(expected);
});
