import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { duration, milliseconds, showDuration, someTime } from "../../../src/text/duration";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const NOT_DURATIONS = [
  "",
  " ",
  "24",
  "h",
  "24 h",
  " 24h",
  "24h ",
  "24H",
  "1.5h",
  "-1h",
  "+1h",
  "1e3s",
  "24hours",
  "1h30m",
  "NaNs",
  "Infinityd",
  "1234567890s",
  "24h\n",
  "٢٤h",
  "0x10s",
];

describe("milliseconds", () => {
  test.each([
    ["0s", 0],
    ["500ms", 500],
    ["30s", 30_000],
    ["15m", 900_000],
    ["24h", DAY],
    ["7d", 7 * DAY],
    ["007d", 7 * DAY],
    ["999999999ms", 999_999_999],
  ])("of %s is %d", (text, expected) => {
    expect(milliseconds(text)).toBe(expected);
  });

  test.each(NOT_DURATIONS)("throws on %j", (text) => {
    expect(() => milliseconds(text)).toThrow(RangeError);
  });

  it("is exact for every duration, and config takes those of ten years at most", () => {
    const unit = { ms: 1, s: 1_000, m: 60_000, h: HOUR, d: DAY };
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999_999_999 }),
        fc.constantFrom(...(Object.keys(unit) as (keyof typeof unit)[])),
        (count, which) => {
          const text = `${count}${which}`;
          expect(duration.safeParse(text).success).toBe(count * unit[which] <= 3_650 * DAY);
          expect(BigInt(milliseconds(text))).toBe(BigInt(count) * BigInt(unit[which]));
        },
      ),
    );
  });
});

test.each([...NOT_DURATIONS, 24, null, undefined, true, { hours: 24 }])("config refuses %j", (value) => {
  expect(duration.safeParse(value).success).toBe(false);
});

describe("showDuration", () => {
  test.each([
    [0, "0 ms"],
    [85, "85 ms"],
    [999, "999 ms"],
    [1_000, "1 s"],
    [59_000, "59 s"],
    [60_000, "1 m"],
    [250_000, "4 m 10 s"],
    [HOUR, "1 h"],
    [23 * HOUR + 59 * 60_000, "23 h 59 m"],
    [DAY, "1 d"],
    [27 * HOUR, "1 d 3 h"],
    [7 * DAY + 60_000, "7 d 1 m"],
    [27 * HOUR + 61_000, "1 d 3 h"],
    [-1, "0 ms"],
    [Number.NaN, "an unknown time"],
    [Infinity, "an unknown time"],
  ])("of %d is %s", (ms, expected) => {
    expect(showDuration(ms)).toBe(expected);
  });

  it("never says more than has passed: a soak that is short by a moment does not read as whole", () => {
    expect(showDuration(DAY - 1)).toBe("23 h 59 m");
    expect(showDuration(999.9)).toBe("999 ms");
    fc.assert(
      fc.property(fc.double({ min: 0, max: 400 * DAY, noNaN: true }), (ms) => {
        const unit: Record<string, number> = { d: DAY, h: HOUR, m: 60_000, s: 1_000, ms: 1 };
        const words = showDuration(ms).split(" ");
        let shown = 0;
        for (let at = 0; at < words.length; at += 2)
          shown += Number(words[at]) * (unit[words[at + 1] ?? ""] ?? Number.NaN);
        expect(shown).toBeLessThanOrEqual(ms);
        expect(words.length).toBeLessThanOrEqual(4);
      }),
    );
  });
});

test.each<[string, readonly string[]]>([
  ["1ms", []],
  ["24h", []],
  ["0s", ["longer than nothing"]],
  ["000d", ["longer than nothing"]],
  // Of what is no duration, that alone is said.
  ["soon", ["a duration: a whole number and a unit, such as 30s, 15m, 24h or 7d"]],
])("some time: %s", (text, problems) => {
  expect(someTime.safeParse(text).error?.issues.map(({ message }) => message) ?? []).toEqual(problems);
});
