import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { coverageOf, gapIn } from "../../../src/gates/coverage";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const by = { partMs: MINUTE, period: 60 };
const minutes = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => (from + index) * MINUTE);
const day = { from: 0, to: 24 * HOUR };
const strict = { atMost: 0, heartbeat: true };

describe("a window is covered", () => {
  test.each<[string, number[], number, number]>([
    ["by data in every minute", minutes(0, 1_440), 1_438, 1_438],
    ["but for what may not be there yet", minutes(0, 1_438), 1_438, 1_438],
    ["not by data that stopped earlier", minutes(0, 1_437), 1_438, 1_437],
    ["not by data that began late", minutes(60, 1_440), 1_438, 1_378],
    ["not by data of an hour", minutes(60, 120), 1_438, 60],
    ["not by data that came twice", [...minutes(0, 700), ...minutes(0, 700)], 1_438, 700],
    ["not by data of another time", [...minutes(-100, 0), ...minutes(1_440, 1_500)], 1_438, 0],
    ["by nothing where there is nothing", [], 1_438, 0],
  ])("%s", (_, times, parts, covered) => {
    expect(coverageOf(day, by, [times])).toMatchObject({ parts, covered });
  });

  test("by all of it where it was over when it was asked for", () => {
    const over = (last: number, later: number) =>
      coverageOf(day, by, [minutes(0, last)], [], day.to + later * MINUTE);
    expect(over(1_440, 2)).toMatchObject({ parts: 1_440, covered: 1_440 });
    expect(over(1_438, 2)).toMatchObject({ parts: 1_440, covered: 1_438 });
    expect(over(1_439, 1)).toMatchObject({ parts: 1_439, covered: 1_439 });
    expect(over(1_437, 1)).toMatchObject({ parts: 1_439, covered: 1_437 });
  });

  test("only where all of its series have data", () => {
    expect(coverageOf(day, by, [minutes(0, 900), minutes(800, 1_440)]).covered).toBe(100);
  });

  test("by a single part where it is shorter than one", () => {
    const short = coverageOf({ from: 0, to: 7_000 }, { partMs: 10_000, period: 1 }, [[6_500]]);
    expect(short).toMatchObject({ parts: 1, covered: 1 });
    expect(gapIn(short, strict, 1)).toBeUndefined();
  });

  test("by nothing where nothing of it is over", () => {
    expect(gapIn(coverageOf({ from: 5, to: 5 }, by, [[5]]), strict, 1)).toBe(
      "nothing of the window is over yet",
    );
  });

  test("alive in gaps where a heartbeat has data", () => {
    const seen = coverageOf(day, by, [minutes(0, 1_400)], minutes(1_390, 1_430));
    expect(seen).toMatchObject({ covered: 1_400, alive: 30 });
    expect(gapIn(seen, { atMost: 0.05, heartbeat: true }, 1)).toMatch(/, 8 of them without a heartbeat$/);
    expect(gapIn(seen, { atMost: 0.05, heartbeat: false }, 1)).toBeUndefined();
  });
});

test("a gap is told as durations are declared, however fast they pass", () => {
  const fast = coverageOf({ from: 0, to: 40_000 }, { partMs: 10_000, period: 1 }, [[500, 12_000]]);
  expect(gapIn(fast, strict, 360)).toBe("1 h without data (2 of 3 periods of 1 h have some)");
});

test("any minute taken out of a window is a gap", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1_437 }), (missing) => {
      const times = minutes(0, 1_440).filter((time) => time !== missing * MINUTE);
      const told = gapIn(coverageOf(day, by, [times]), strict, 1);
      // Of the last part, what has come since is as good.
      if (missing === 1_437) expect(told).toBeUndefined();
      else expect(told).toBe("1 m without data (1437 of 1438 periods of 1 m have some)");
    }),
  );
});
