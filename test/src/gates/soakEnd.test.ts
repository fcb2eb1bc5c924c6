import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { Calendar } from "../../../src/gates/calendar";
import { leastSoak, soakEnd, soakEndOnClock } from "../../../src/gates/soakEnd";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const berlin: Calendar = {
  zone: "Europe/Berlin",
  days: ["mon", "tue", "wed", "thu", "fri"],
  open: "09:00",
  close: "17:30",
};
const every: Calendar["days"] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

function end(length: string, since: string, calendar?: Calendar): string | undefined {
  const ms = soakEnd(length, Date.parse(since), calendar);
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

test("a length of time ends by the clock, whatever the calendar", () => {
  expect(end("24h", "2026-03-28T12:00:00Z")).toBe("2026-03-29T12:00:00.000Z");
  expect(end("24h", "2026-03-28T12:00:00Z", berlin)).toBe("2026-03-29T12:00:00.000Z");
  expect(end("0s", "2026-03-28T12:00:00Z")).toBe("2026-03-28T12:00:00.000Z");
});

describe("a business cycle is a whole window from open to close", () => {
  // 2026-11-16 is a Monday; Berlin is one hour ahead of UTC in winter.
  test.each<[string, string, string, string]>([
    [
      "on the same day, before it opens",
      "1 business cycle",
      "2026-11-16T07:00:00Z",
      "2026-11-16T16:30:00.000Z",
    ],
    ["the moment it opens", "1 business cycle", "2026-11-16T08:00:00Z", "2026-11-16T16:30:00.000Z"],
    [
      "a moment after it opened: the next day",
      "1 business cycle",
      "2026-11-16T08:00:00.001Z",
      "2026-11-17T16:30:00.000Z",
    ],
    ["in the evening", "1 business cycle", "2026-11-16T20:00:00Z", "2026-11-17T16:30:00.000Z"],
    [
      "after midnight there, before midnight in UTC",
      "1 business cycle",
      "2026-11-16T23:30:00Z",
      "2026-11-17T16:30:00.000Z",
    ],
    ["over the weekend", "1 business cycle", "2026-11-20T12:00:00Z", "2026-11-23T16:30:00.000Z"],
    ["two of them", "2 business cycles", "2026-11-19T12:00:00Z", "2026-11-23T16:30:00.000Z"],
    ["five of them: a week", "5 business cycles", "2026-11-13T18:00:00Z", "2026-11-20T16:30:00.000Z"],
    [
      "over the change to summer time",
      "1 business cycle",
      "2026-03-27T12:00:00Z",
      "2026-03-30T15:30:00.000Z",
    ],
    [
      "over the change to winter time",
      "1 business cycle",
      "2026-10-23T12:00:00Z",
      "2026-10-26T16:30:00.000Z",
    ],
    ["over the turn of the year", "1 business cycle", "2026-12-31T12:00:00Z", "2027-01-01T16:30:00.000Z"],
  ])("%s", (_, length, since, expected) => {
    expect(end(length, since, berlin)).toBe(expected);
  });

  test.each<[string, Calendar, string, string]>([
    [
      "that is an hour short on the night of the change to summer time",
      { ...berlin, days: every, open: "01:00", close: "04:00" },
      "2026-03-28T12:00:00Z",
      "2026-03-29T02:00:00.000Z",
    ],
    [
      "that is an hour long on the night of the change to winter time",
      { ...berlin, days: every, open: "01:00", close: "04:00" },
      "2026-10-24T12:00:00Z",
      "2026-10-25T03:00:00.000Z",
    ],
    [
      "west of Greenwich",
      { ...berlin, zone: "America/Los_Angeles" },
      "2026-11-16T07:00:00Z",
      "2026-11-17T01:30:00.000Z",
    ],
    [
      "beyond the date line",
      { ...berlin, zone: "Pacific/Kiritimati" },
      "2026-11-16T00:00:00Z",
      "2026-11-17T03:30:00.000Z",
    ],
    ["once a week", { ...berlin, days: ["wed"] }, "2026-11-18T12:00:00Z", "2026-11-25T16:30:00.000Z"],
  ])("%s", (_, calendar, since, expected) => {
    expect(end("1 business cycle", since, calendar)).toBe(expected);
  });

  // New York: winter time, the change of 8 March 2026, summer time, the change of 1 November 2026.
  const york: Calendar = { ...berlin, zone: "America/New_York" };
  test.each<[string, Calendar, string, string, string]>([
    ["in winter there", york, "1 business cycle", "2026-03-06T13:59:00Z", "2026-03-06T22:30:00.000Z"],
    [
      "over the change to summer time there",
      york,
      "1 business cycle",
      "2026-03-06T14:01:00Z",
      "2026-03-09T21:30:00.000Z",
    ],
    [
      "over the change to winter time there",
      york,
      "1 business cycle",
      "2026-10-30T14:00:00Z",
      "2026-11-02T22:30:00.000Z",
    ],
    [
      "the moment it opens on the first day of summer time there",
      { ...york, days: every },
      "1 business cycle",
      "2026-03-08T13:00:00Z",
      "2026-03-08T21:30:00.000Z",
    ],
    [
      "a moment after it opened on the first day of summer time there",
      { ...york, days: every },
      "1 business cycle",
      "2026-03-08T13:00:00.001Z",
      "2026-03-09T21:30:00.000Z",
    ],
    [
      "between the two changes, when the zones are not as far apart",
      york,
      "2 business cycles",
      "2026-03-13T12:00:00Z",
      "2026-03-16T21:30:00.000Z",
    ],
    [
      "in the middle of a window, which does not count",
      york,
      "3 business cycles",
      "2026-11-18T18:00:00Z",
      "2026-11-23T22:30:00.000Z",
    ],
    [
      "that opens at an hour which the night of the change leaves out",
      { ...york, days: every, open: "02:30", close: "08:00" },
      "1 business cycle",
      "2026-03-08T05:00:00Z",
      "2026-03-08T12:00:00.000Z",
    ],
    [
      "that opens at an hour which the night of the change has twice: the first one",
      { ...york, days: every, open: "01:30", close: "08:00" },
      "1 business cycle",
      "2026-11-01T05:30:00Z",
      "2026-11-01T13:00:00.000Z",
    ],
    [
      "that opened at the first of two such hours: the second one does not count",
      { ...york, days: every, open: "01:30", close: "08:00" },
      "1 business cycle",
      "2026-11-01T05:31:00Z",
      "2026-11-02T13:00:00.000Z",
    ],
  ])("%s: in New York", (_, calendar, length, since, expected) => {
    expect(end(length, since, calendar)).toBe(expected);
  });

  it("has no end without a calendar, without working days, or in no known zone", () => {
    expect(end("1 business cycle", "2026-11-16T07:00:00Z")).toBeUndefined();
    expect(end("1 business cycle", "2026-11-16T07:00:00Z", { ...berlin, days: [] })).toBeUndefined();
    expect(
      end("1 business cycle", "2026-11-16T07:00:00Z", { ...berlin, zone: "Europe/Nowhere" }),
    ).toBeUndefined();
    expect(soakEnd("1 business cycle", Number.NaN, berlin)).toBeUndefined();
  });

  it("ends also where config asks for as many as it can, on one day a week", () => {
    const ms = soakEnd("99 business cycles", Date.parse("2026-11-16T00:00:00Z"), {
      ...berlin,
      days: ["mon"],
      zone: "UTC",
    });
    expect(ms).toBe(Date.parse("2026-11-16T17:30:00Z") + 98 * 7 * DAY);
  });

  const calendars: fc.Arbitrary<Calendar> = fc.record({
    zone: fc.constantFrom(
      "UTC",
      "Europe/Berlin",
      "America/New_York",
      "Australia/Lord_Howe",
      "Asia/Kathmandu",
    ),
    days: fc.subarray([...every], { minLength: 1 }),
    open: fc.constantFrom("00:00", "06:15", "09:00"),
    close: fc.constantFrom("12:00", "17:30", "23:59"),
  });
  const moment = fc.integer({
    min: Date.parse("2026-01-01T00:00:00Z"),
    max: Date.parse("2027-12-31T00:00:00Z"),
  });

  it("ends at closing time of a working day, that opened when the stage was live already", () => {
    fc.assert(
      fc.property(calendars, moment, fc.integer({ min: 1, max: 5 }), (calendar, since, cycles) => {
        const ms = soakEnd(`${cycles} business cycles`, since, calendar) as number;
        const parts = new Intl.DateTimeFormat("en-GB", {
          timeZone: calendar.zone,
          weekday: "short",
          hour: "2-digit",
          minute: "2-digit",
          hourCycle: "h23",
        }).formatToParts(ms);
        const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
        expect(`${part("hour")}:${part("minute")}`).toBe(calendar.close);
        expect(calendar.days).toContain(part("weekday").toLowerCase());
        // The shortest window there is, less an hour for a change of the clocks.
        expect(ms - since).toBeGreaterThanOrEqual(2 * HOUR);
        expect(ms - since).toBeGreaterThanOrEqual((cycles - 1) * (DAY - HOUR));
        expect(ms - since).toBeGreaterThan(leastSoak(`${cycles} business cycles`, calendar));
        expect(ms - since).toBeLessThanOrEqual((cycles + 1) * 7 * DAY);
      }),
    );
  });

  it("never ends earlier for a stage that went live later, or that has to wait for more", () => {
    fc.assert(
      fc.property(
        calendars,
        moment,
        fc.integer({ min: 0, max: 10 * DAY }),
        fc.integer({ min: 1, max: 5 }),
        (calendar, since, later, cycles) => {
          const of = (count: number, from: number) =>
            soakEnd(`${count} business cycles`, from, calendar) as number;
          expect(of(cycles, since + later)).toBeGreaterThanOrEqual(of(cycles, since));
          expect(of(cycles + 1, since)).toBeGreaterThan(of(cycles, since));
        },
      ),
    );
  });
});

test.each<[string | undefined, Calendar["days"], number]>([
  [undefined, every, 0],
  ["36h", every, 1.5],
  ["1 business cycle", berlin.days, 0],
  ["5 business cycles", berlin.days, 4],
  ["6 business cycles", berlin.days, 7],
  ["25 business cycles", berlin.days, 32],
  ["9 business cycles", ["mon"], 56],
  ["9 business cycles", ["mon", "mon"], 56],
  ["9 business cycles", every, 8],
])("%s on %j take no less than %d days", (length, days, least) => {
  expect(leastSoak(length, { days })).toBe(least * DAY);
});

describe("on a clock by which declared time passes faster", () => {
  it.each([
    ["24h", 1, DAY],
    ["24h", 1_440, 60_000],
    ["1s", 7, 143],
  ])("%s at %d times the speed are over after %d ms", (length, scale, expected) => {
    expect(soakEndOnClock(length, 1_000, undefined, scale)).toBe(1_000 + expected);
  });

  it("is a business cycle, too, that ends as much sooner", () => {
    const since = Date.parse("2026-11-16T07:00:00Z");
    const whole = (soakEnd("1 business cycle", since, berlin) as number) - since;
    expect(whole).toBe(9.5 * HOUR);
    expect(soakEndOnClock("1 business cycle", since, berlin, 1)).toBe(since + whole);
    expect(soakEndOnClock("1 business cycle", since, berlin, 60)).toBe(since + whole / 60);
  });

  it("has no end where there is none", () => {
    expect(soakEndOnClock("1 business cycle", 1_000, undefined, 60)).toBeUndefined();
  });
});

describe("a holiday is no business cycle", () => {
  const off = (...holidays: string[]): Calendar => ({ ...berlin, holidays });
  test.each<[string, Calendar, string, string]>([
    ["of a day in the week", off("2026-11-17"), "2026-11-16T12:00:00Z", "2026-11-18T16:30:00.000Z"],
    [
      "of several in a row",
      off("2026-12-24", "2026-12-25"),
      "2026-12-23T12:00:00Z",
      "2026-12-28T16:30:00.000Z",
    ],
    [
      "that falls on a weekend takes nothing",
      off("2026-11-21"),
      "2026-11-20T12:00:00Z",
      "2026-11-23T16:30:00.000Z",
    ],
    ["that is over takes nothing", off("2026-11-16"), "2026-11-16T17:00:00Z", "2026-11-17T16:30:00.000Z"],
    ["by the calendar's own zone", off("2026-11-17"), "2026-11-16T23:30:00Z", "2026-11-18T16:30:00.000Z"],
    [
      "on the one working day of the week, week after week",
      { ...off("2026-11-18", "2026-11-25", "2026-12-02"), days: ["wed"] },
      "2026-11-16T12:00:00Z",
      "2026-12-09T16:30:00.000Z",
    ],
  ])("%s", (_, calendar, since, expected) => {
    expect(end("1 business cycle", since, calendar)).toBe(expected);
  });

  test("and never makes one come sooner", () => {
    const days = fc
      .integer({ min: 0, max: 40 })
      .map((day) => new Date(Date.UTC(2026, 10, 1 + day)).toISOString().slice(0, 10));
    fc.assert(
      fc.property(
        fc.array(days),
        fc.integer({ min: 0, max: 30 * 24 }),
        fc.integer({ min: 1, max: 5 }),
        (holidays, hour, cycles) => {
          const since = Date.UTC(2026, 10, 1) + hour * HOUR;
          const plain = soakEnd(`${cycles} business cycles`, since, berlin) ?? Number.NaN;
          const later = soakEnd(`${cycles} business cycles`, since, { ...berlin, holidays }) ?? Number.NaN;
          expect(later).toBeGreaterThanOrEqual(plain);
          // Never shorter than a working day.
          expect(later - since).toBeGreaterThanOrEqual(8.5 * HOUR);
        },
      ),
    );
  });
});
