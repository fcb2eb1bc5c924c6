import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { FAILURE_KINDS } from "../../../src/aws/failure";
import { type JudgeContext, judge, requiredOf, showTime } from "../../../src/gates/judge";
import type { Seen } from "../../../src/gates/observation";
import { anything } from "../../support/arbitrary";
import { liveFor, NOW, observe, soakGate, sqlGate, value } from "../../support/build";

const HOUR = 3_600_000;
const context: JudgeContext = { now: NOW, timeScale: 1, attempt: 1 };
const sql = sqlGate("A3", { expect: { gte: 1, lt: 5 } });
const soak = soakGate("B2");
const since = (at: string): Seen => ({ kind: "occupancy", stage: "stageA", since: at, deployment: 2 });

describe("a SQL gate", () => {
  test.each<[string, Seen, string, string]>([
    ["the value is as expected", value(3), "pass", "3"],
    ["the value is too small", value(0), "fail", "0"],
    ["the value is too great", value(5), "fail", "5"],
    [
      "the value is negative",
      value(-1),
      "inconclusive",
      "the value is -1, which no count, rate or length of time can be",
    ],
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
      "the observation is not one of this gate's source",
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

describe("any gate", () => {
  it("without an observation was not run", () => {
    for (const gate of [sql, soak])
      expect(judge(gate, undefined, context)).toMatchObject({ outcome: "not-run", observed: "not measured" });
  });

  it("gives its own remedy where it has one, and none for a pass", () => {
    const own = sqlGate("A1", { expect: { gt: 0 }, remedy: "Apply migrations 012 and 013" });
    expect(judge(own, observe(own, value(0)), context).remedy).toBe("Apply migrations 012 and 013");
    expect(judge(own, observe(own, value(1)), context).remedy).toBe("");
  });

  it("gives another remedy than its own where nothing could be looked at", () => {
    const own = sqlGate("A1", { expect: { gt: 0 }, remedy: "Apply migrations 012 and 013" });
    const remedies = Object.fromEntries(
      FAILURE_KINDS.map((failure) => [
        failure,
        judge(own, observe(own, { kind: "failure", failure, message: "" }), context).remedy,
      ]),
    );
    expect(Object.keys(remedies).filter((failure) => remedies[failure] === own.definition.remedy)).toEqual([
      "no-data",
      "bad-answer",
    ]);
    expect(judge(own, undefined, context).remedy).toContain("Run pulumi up again");
  });

  it("has a remedy for each way in which it does not pass", () => {
    const remedies = FAILURE_KINDS.map(
      (failure) => judge(sql, observe(sql, { kind: "failure", failure, message: "" }), context).remedy,
    );
    expect(new Set(remedies).size).toBe(FAILURE_KINDS.length);
    for (const remedy of remedies) expect(remedy.length).toBeGreaterThan(20);
  });

  it.each<[source: string, remedy: RegExp]>([
    ["signOff", /^Ask for a statement/],
    ["drill", /^Drill the abort path/],
    ["backup", /^Take the backup/],
    ["restored", /^Prove that a backup comes back/],
    ["soak", /^Find out why nothing was measured/],
  ])("of source %s says who has to do what where nothing is there", (source, remedy) => {
    const gate = soakGate("B3", { source } as never);
    const nothing: Seen = { kind: "failure", failure: "no-data", message: "there is none" };
    expect(judge(gate, observe(gate, nothing), context)).toMatchObject({
      outcome: "inconclusive",
      remedy: expect.stringMatching(remedy),
    });
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
            seen.kind === "value" && typeof seen.value === "number" && seen.value >= 1 && seen.value < 5;
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
