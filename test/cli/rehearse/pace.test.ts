import fc from "fast-check";
import { expect, test } from "vitest";
import { busyFor, timeScaleFor } from "../../../cli/rehearse/pace";
import { milliseconds } from "../../../src/text/duration";

const DAY = milliseconds("24h");

test.each([
  ["a run that takes no time: time passes no faster than at most", 0, 3_600],
  ["a quick run", 6_000, 3_600],
  ["a run of 10 s: a day takes four of them", 10_000, 2_160],
  ["a busy machine, where a run takes 50 s", 50_000, 432],
  ["a run that takes a day: time passes as on the clock", DAY, 1],
])("%s", (_, runMs, scale) => {
  expect(timeScaleFor({ notYet: "24h", runMs, atMost: 3_600 })).toBe(scale);
});

test("whatever a run takes, what is not yet over lasts four of them, and time is never slower than the clock", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: DAY / 4 }), (runMs) => {
      const scale = timeScaleFor({ notYet: "24h", runMs, atMost: 3_600 });
      expect(Number.isInteger(scale)).toBe(true);
      expect(scale).toBeGreaterThanOrEqual(1);
      expect(scale).toBeLessThanOrEqual(3_600);
      expect(DAY / scale).toBeGreaterThanOrEqual(4 * runMs);
    }),
  );
});

test.each([
  ["a machine that is not busy", 0, 0],
  ["a run of 20 s: nothing", 20_000, 0],
  ["a run of 56 s", 56_000, 1_800],
  ["a run of an hour: no more than what is late anywhere", 3_600_000, 4_000],
])("an answer takes longer by how busy the machine is: %s", (_, runMs, longer) => {
  expect(busyFor(runMs, 4_000)).toBe(longer);
});
