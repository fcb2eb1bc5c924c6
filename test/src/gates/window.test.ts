import { describe, expect, test } from "vitest";
import {
  fillLengths,
  fillWindow,
  lastSpan,
  namesWindow,
  showLength,
  spanOf,
} from "../../../src/gates/window";

const NOW = Date.parse("2026-11-21T12:00:00.000Z");
const HOUR = 3_600_000;

describe("a gate's window", () => {
  test.each([
    ["24h", 30 * HOUR, 24 * HOUR],
    ["24h", HOUR, HOUR],
    ["7d", 2 * HOUR, 2 * HOUR],
    ["24h", -HOUR, 0],
    ["soak", HOUR, HOUR],
  ])("of %s, %d ms after the flip, is cut there", (window, since, expected) => {
    const span = spanOf(window, { liveSince: NOW - since, timeScale: 1 }, NOW);
    expect(span).toEqual({ from: NOW - expected, to: NOW });
  });
});

describe("a window", () => {
  test.each<[string, string, number, number]>([
    ["is as long as declared", "24h", 1, 24 * HOUR],
    ["is scaled", "24h", 3_600, 24_000],
    ["is never shorter than there can be data in", "1h", 3_600, 10_000],
  ])("%s", (_, length, timeScale, expected) => {
    expect(lastSpan(length, timeScale, NOW)).toEqual({ from: NOW - expected, to: NOW });
  });

  test("of a soak begins where the stage went live, to the millisecond, and never in the future", () => {
    const soak = (liveSince: number) => spanOf("soak", { liveSince, timeScale: 3_600 }, NOW);
    expect(soak(NOW - 5)).toEqual({ from: NOW - 5, to: NOW });
    expect(soak(NOW + 5)).toEqual({ from: NOW, to: NOW });
  });
});

test("a query's values get the ends of its window, and lengths of time as intervals", () => {
  const values = ["{from}", "{to}", "{2h}", "{workspace}", "2h", "{2 h}", 3, true];
  expect(namesWindow(values)).toBe(true);
  expect(namesWindow(["{2h}", 3])).toBe(false);
  expect(fillWindow(values, { from: NOW - HOUR, to: NOW }).slice(0, 3)).toEqual([
    "2026-11-21T11:00:00.000Z",
    "2026-11-21T12:00:00.000Z",
    "{2h}",
  ]);
  expect(fillLengths(values, 1)).toEqual([
    "{from}",
    "{to}",
    "7200000 milliseconds",
    "{workspace}",
    "2h",
    "{2 h}",
    3,
    true,
  ]);
});

test.each([
  ["{500ms}", 1, "500 milliseconds"],
  ["{2h}", 60, "120000 milliseconds"],
  ["{2h}", 60_480, "3000 milliseconds"],
])("%s at %d times the pace is %s", (value, timeScale, expected) => {
  expect(fillLengths([value], timeScale)).toEqual([expected]);
});

test.each([
  [1, "24 s"],
  [3_600, "1 d"],
])(
  "a measured window of 24 s is told as durations are declared, %i times as fast as the clock",
  (timeScale, told) => {
    const ends = { from: "2026-11-21T10:00:00.000Z", to: "2026-11-21T10:00:24.000Z" };
    expect(showLength(ends, timeScale)).toBe(told);
  },
);
