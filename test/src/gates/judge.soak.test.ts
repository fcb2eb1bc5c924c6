import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { Calendar } from "../../../src/gates/calendar";
import { type JudgeContext, judge } from "../../../src/gates/judge";
import type { Seen } from "../../../src/gates/observation";
import { ago, liveFor, NOW, observe, soakGate, value } from "../../support/build";

const HOUR = 3_600_000;
const context: JudgeContext = { now: NOW, timeScale: 1, attempt: 1 };
const soak = soakGate("B2");
const since = (at: string): Seen => ({ kind: "occupancy", stage: "stageA", since: at, deployment: 2 });

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
      "the observation is not one of this gate's source",
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
          const gate = soakGate("B2", {}, { soaks: [`${seconds}s`] });
          const observation = observe(gate, liveFor(elapsed));
          const first = judge(gate, observation, { now: NOW, timeScale, attempt: 1 });
          if (first.outcome === "pass") {
            expect(elapsed * timeScale).toBeGreaterThanOrEqual(seconds * 1_000);
            return;
          }
          const earliest = Date.parse(first.earliest ?? "");
          expect(judge(gate, observation, { now: earliest, timeScale, attempt: 1 }).outcome).toBe("pass");
          expect(judge(gate, observation, { now: earliest - 1, timeScale, attempt: 1 }).outcome).toBe("fail");
        },
      ),
    );
  });

  test.each([Number.NaN, Infinity, -1, 0, -Infinity])("never passes with time scaled by %d", (timeScale) => {
    for (const elapsed of [0, 1, 24 * HOUR, 10_000 * HOUR])
      expect(
        judge(soak, observe(soak, liveFor(elapsed)), { now: NOW, timeScale, attempt: 1 }).outcome,
      ).not.toBe("pass");
  });

  it("never passes on a clock that shows no time", () => {
    expect(
      judge(soak, observe(soak, liveFor(100 * HOUR)), { now: Number.NaN, timeScale: 1, attempt: 1 }).outcome,
    ).toBe("inconclusive");
  });

  test.each([
    ["no soak at all", undefined],
    ["an empty list of soaks", []],
    ["no time", ["0s"]],
    ["no time, twice", ["0s", "0d"]],
  ])("that demands %s is no gate: inconclusive", (_, soaks) => {
    const gate = soakGate("B2", {}, { soaks });
    expect(judge(gate, observe(gate, liveFor(HOUR)), context)).toMatchObject({
      outcome: "inconclusive",
      observed: "the gate demands no time at all",
    });
  });

  it("of more days than the calendar has is not over, and has no earliest time", () => {
    const forever = soakGate("B2", {}, { soaks: ["999999999d"] });
    const verdict = judge(forever, observe(forever, liveFor(HOUR)), context);
    expect(verdict.outcome).toBe("fail");
    expect(verdict).not.toHaveProperty("earliest");
  });
});

describe("a soak gate with several lengths", () => {
  const calendar: Calendar = {
    zone: "Europe/Berlin",
    days: ["mon", "tue", "wed", "thu", "fri"],
    open: "09:00",
    close: "17:30",
  };
  const both = soakGate("B2", {}, { soaks: ["24h", "1 business cycle"], calendar });
  // Live since Friday, 10 in the morning: the next whole working day is Monday.
  const friday = observe(both, since("2026-11-20T09:00:00.000Z"));
  const at = (iso: string) => judge(both, friday, { ...context, now: Date.parse(iso) });

  it("waits for each of them", () => {
    expect(at("2026-11-21T12:00:00.000Z")).toMatchObject({
      outcome: "fail",
      earliest: "2026-11-23T16:30:00.000Z",
    });
    expect(at("2026-11-23T16:29:59.999Z").outcome).toBe("fail");
    expect(at("2026-11-23T16:30:00.000Z")).toMatchObject({
      outcome: "pass",
      required: "≥ 24h and 1 business cycle without a break",
    });
  });

  it.each([
    ["there is no calendar", undefined],
    ["the calendar has no such zone", { ...calendar, zone: "Europe/Nowhere" }],
    ["the calendar has no working day", { ...calendar, days: [] }],
  ])("is inconclusive where %s", (_, broken) => {
    const gate = soakGate(
      "B2",
      {},
      { soaks: ["24h", "1 business cycle"], ...(broken ? { calendar: broken } : {}) },
    );
    const verdict = judge(gate, observe(gate, liveFor(10_000 * HOUR)), context);
    expect(verdict.outcome).toBe("inconclusive");
    expect(verdict.observed).toContain("the calendar never completes 24h and 1 business cycle");
  });
});
