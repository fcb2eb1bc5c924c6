import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { Freeze, OpenWindow } from "../../../src/gates/calendar";
import { closedAt, opensAt, type Schedule } from "../../../src/gates/opening";

const MINUTE = 60_000;
const DAY = 86_400_000;
const week: OpenWindow["days"] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const until = (days: OpenWindow["days"], from: string, to: string, zone = "Europe/Berlin"): Schedule => ({
  windows: [{ days, from, to }],
  calendar: { zone },
});
const office: Schedule = {
  windows: [
    { days: ["mon", "tue", "wed", "thu"], from: "09:00", to: "16:00" },
    { days: ["fri"], from: "09:00", to: "12:00" },
  ],
  calendar: { zone: "Europe/Berlin", holidays: ["2026-12-25", "2026-11-18"] },
  freezes: [
    { from: "2026-12-18T12:00:00+01:00", until: "2027-01-04T00:00:00+01:00", reason: "Year-end close" },
  ],
};

function opens(schedule: Schedule, at: string): string | undefined {
  const ms = opensAt(schedule, Date.parse(at));
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

// 2026-11-16 is a Monday; Berlin is one hour ahead of UTC in winter.
test.each<[string, Schedule, string, string]>([
  ["at once, within a window", office, "2026-11-16T09:30:00Z", "2026-11-16T09:30:00.000Z"],
  ["the moment it begins", office, "2026-11-16T07:59:59.999Z", "2026-11-16T08:00:00.000Z"],
  ["its last moment", office, "2026-11-16T14:59:59.999Z", "2026-11-16T14:59:59.999Z"],
  ["the moment it is over: the next day", office, "2026-11-16T15:00:00Z", "2026-11-17T08:00:00.000Z"],
  ["from Friday noon: on Monday", office, "2026-11-20T11:00:00Z", "2026-11-23T08:00:00.000Z"],
  ["on a holiday: the day after", office, "2026-11-18T09:00:00Z", "2026-11-19T08:00:00.000Z"],
  ["in a freeze: the first window after it", office, "2026-12-18T11:00:00Z", "2027-01-04T08:00:00.000Z"],
  [
    "a freeze that ends within a window: then",
    {
      ...office,
      freezes: [{ from: "2026-11-16T00:00:00Z", until: "2026-11-17T10:30:00Z", reason: "a launch" }],
    },
    "2026-11-16T09:00:00Z",
    "2026-11-17T10:30:00.000Z",
  ],
  [
    "freezes that follow on each other: after the last of them, without windows",
    {
      freezes: [
        { from: "2026-11-17T00:00:00Z", until: "2026-11-18T00:00:00Z", reason: "the second" },
        { from: "2026-11-16T00:00:00Z", until: "2026-11-17T00:00:00Z", reason: "the first" },
      ],
    },
    "2026-11-16T12:00:00Z",
    "2026-11-18T00:00:00.000Z",
  ],
  [
    "over midnight: it begins",
    until(["thu"], "22:00", "02:00"),
    "2026-11-19T12:00:00Z",
    "2026-11-19T21:00:00.000Z",
  ],
  [
    "over midnight: still on the next day",
    until(["thu"], "22:00", "02:00"),
    "2026-11-20T00:59:00Z",
    "2026-11-20T00:59:00.000Z",
  ],
  [
    "over midnight: a week later once it is over",
    until(["thu"], "22:00", "02:00"),
    "2026-11-20T01:00:00Z",
    "2026-11-26T21:00:00.000Z",
  ],
  [
    "over midnight into a holiday: not on it",
    { ...until(["thu"], "22:00", "02:00"), calendar: { zone: "Europe/Berlin", holidays: ["2026-11-20"] } },
    "2026-11-19T23:00:00Z",
    "2026-11-26T21:00:00.000Z",
  ],
  [
    "over midnight from a holiday: not after it either",
    { ...until(["thu"], "22:00", "02:00"), calendar: { zone: "Europe/Berlin", holidays: ["2026-11-19"] } },
    "2026-11-19T23:30:00Z",
    "2026-11-26T21:00:00.000Z",
  ],
  // On 2026-03-29 the clocks in Berlin go from 02:00 to 03:00, on 2026-10-25 from 03:00 back to 02:00.
  [
    "within the hour that is not there: a week later",
    until(["sun"], "02:15", "02:45"),
    "2026-03-28T12:00:00Z",
    "2026-04-05T00:15:00.000Z",
  ],
  [
    "from within that hour: as the clocks jump over it",
    until(["sun"], "02:30", "05:00"),
    "2026-03-28T12:00:00Z",
    "2026-03-29T01:00:00.000Z",
  ],
  [
    "the hour that is there twice: the first time",
    until(["sun"], "02:00", "02:30"),
    "2026-10-24T12:00:00Z",
    "2026-10-25T00:00:00.000Z",
  ],
  [
    "the hour that is there twice: once more",
    until(["sun"], "02:00", "02:30"),
    "2026-10-25T00:30:00Z",
    "2026-10-25T01:00:00.000Z",
  ],
  // Kathmandu is 5:45 ahead, and Lord Howe changes by half an hour, on 2026-10-04 from 02:00 to 02:30.
  [
    "a zone with odd minutes",
    until(week, "09:00", "10:00", "Asia/Kathmandu"),
    "2026-11-16T00:00:00Z",
    "2026-11-16T03:15:00.000Z",
  ],
  [
    "a zone that changes by half an hour",
    until(["sun"], "02:10", "04:00", "Australia/Lord_Howe"),
    "2026-10-03T00:00:00Z",
    "2026-10-03T15:30:00.000Z",
  ],
  [
    "a day whose midnight is not there",
    until(["sun"], "00:00", "24:00", "Africa/Cairo"),
    "2026-04-23T00:00:00Z",
    "2026-04-25T21:00:00.000Z",
  ],
])("opens %s", (_, schedule, at, expected) => {
  expect(opens(schedule, at)).toBe(expected);
});

describe("never opens", () => {
  const frozen: Freeze = { from: "2026-01-01T00:00:00Z", until: "2028-01-01T00:00:00Z", reason: "for ever" };
  test.each<[string, Schedule]>([
    ["in a freeze that outlasts a year of windows", { ...until(week, "00:00", "24:00"), freezes: [frozen] }],
    ["in a zone that there is not", until(week, "00:00", "24:00", "Mars/Olympus")],
    ["without a zone", { windows: [{ days: week, from: "00:00", to: "24:00" }] }],
  ])("%s", (_, schedule) => {
    expect(opens(schedule, "2026-02-01T00:00:00Z")).toBeUndefined();
    expect(closedAt(schedule, Date.parse("2026-02-01T00:00:00Z"))).toBeDefined();
  });
});

describe("laws", () => {
  const time = fc.integer({ min: 0, max: 95 }).map((quarter) => {
    const pad = (part: number) => String(part).padStart(2, "0");
    return `${pad(Math.floor(quarter / 4))}:${pad((quarter % 4) * 15)}`;
  });
  const window = fc
    .record({ days: fc.subarray(week, { minLength: 1 }), from: time, to: time })
    .filter(({ from, to }) => from !== to);
  const schedule = fc.record({
    windows: fc.array(window, { minLength: 1, maxLength: 3 }),
    freezes: fc.array(
      fc
        .tuple(fc.integer({ min: 0, max: 20 * 96 }), fc.integer({ min: 1, max: 96 }))
        .map(([from, length]) => ({
          from: new Date(START + from * 15 * MINUTE).toISOString(),
          until: new Date(START + (from + length) * 15 * MINUTE).toISOString(),
          reason: "a freeze",
        })),
      { maxLength: 2 },
    ),
    calendar: fc.record({
      zone: fc.constantFrom("Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "UTC"),
      holidays: fc.subarray(["2026-03-29", "2026-04-03", "2026-04-05"]),
    }),
  });
  const at = fc.integer({ min: 0, max: 12 * 96 }).map((quarter) => START + quarter * 15 * MINUTE);
  // The clocks change within: in Berlin on 2026-03-29, on Lord Howe on 2026-04-05.
  const START = Date.parse("2026-03-26T00:00:00Z");

  it("what is said to be the first open moment is open, and none before it is", () => {
    fc.assert(
      fc.property(schedule, at, (when, from) => {
        const first = opensAt(when, from);
        if (first === undefined) throw new Error("windows come each week");
        expect(first).toBeGreaterThanOrEqual(from);
        expect(closedAt(when, first)).toBeUndefined();
        for (let one = from; one < Math.min(first, from + 8 * DAY); one += 15 * MINUTE)
          expect(closedAt(when, one)).toBeDefined();
      }),
      { numRuns: 60 },
    );
  });
});

it("opens with the day where the clocks skip the hour at midnight in which a window begins", () => {
  // In Beirut 29 March 2026 begins at 01:00, at 22:00 UTC of the day before.
  const schedule = {
    windows: [{ days: ["sun" as const], from: "00:00", to: "02:45" }],
    calendar: { zone: "Asia/Beirut" },
  };
  const opens = Date.parse("2026-03-28T22:00:00Z");
  expect(closedAt(schedule, opens)).toBeUndefined();
  expect(opensAt(schedule, Date.parse("2026-03-28T05:07:10Z"))).toBe(opens);
});
