import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { scheduleExpression } from "../../../src/aws/schedule";
import { dueAt, occurrenceAt, rateExpression } from "../../../src/messages/timing";
import { milliseconds } from "../../../src/text/duration";

const FLIP = "2026-11-21T12:00:00.250Z";
const iso = (ms: number) => new Date(ms).toISOString();

test.each([
  ["24h", 1, "2026-11-22T12:00:01.000Z"],
  ["48h", 1, "2026-11-23T12:00:01.000Z"],
  // A day in half a minute, as the rehearsal has it.
  ["24h", 2_880, "2026-11-21T12:00:31.000Z"],
])("%s at scale %d are due at %s", (after, scale, at) => {
  expect(iso(dueAt(FLIP, after, scale))).toBe(at);
});

test("what AppConfig does not date is not guessed", () => {
  expect(() => dueAt("soon", "24h", 1)).toThrow(RangeError);
});

describe("law:", () => {
  const flips = fc.date({ min: new Date("2020-01-01"), max: new Date("2040-01-01"), noInvalidDate: true });
  const afters = fc
    .tuple(fc.integer({ min: 1, max: 10_000 }), fc.constantFrom("ms", "s", "m", "h", "d"))
    .map(([count, unit]) => `${count}${unit}`);
  const scales = fc.constantFrom(1, 10, 2_880);

  test("the time of a message never moves, whenever it is asked for before it has come", () => {
    fc.assert(
      fc.property(flips, afters, fc.double({ min: 0, max: 0.999, noNaN: true }), (flip, after, when) => {
        const due = dueAt(flip.toISOString(), after, 1);
        // At the flip, and at any run of `up` until then.
        const now = flip.getTime() + Math.floor(when * (due - flip.getTime()));
        // Nearer than it takes to make a schedule, it is said as soon as one is made.
        fc.pre(now < due - 30_000);
        expect(scheduleExpression(due, now, 30_000)).toBe(`at(${iso(due).slice(0, 19)})`);
      }),
    );
  });

  test("each time of a check is another one, however late within its interval", () => {
    fc.assert(
      fc.property(
        flips,
        fc.constantFrom("1m", "1h", "12h", "1d"),
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        (flip, every, n, late) => {
          const at = flip.getTime() + Math.ceil((n + late) * milliseconds(every));
          expect(occurrenceAt(flip.getTime(), at, every, 1)).toBe(n);
        },
      ),
    );
  });

  test("a message is never early, nor a second late", () => {
    fc.assert(
      fc.property(flips, afters, scales, (flip, after, scale) => {
        const due = dueAt(flip.toISOString(), after, scale);
        const lived = due - flip.getTime();
        expect(lived).toBeGreaterThanOrEqual(Math.floor(milliseconds(after) / scale));
        expect(lived).toBeLessThan(milliseconds(after) / scale + 1_000);
      }),
    );
  });
});

describe("a message that is sent again and again", () => {
  test.each([
    ["1h", 1, "rate(60 minutes)"],
    ["12h", 1, "rate(720 minutes)"],
    ["1d", 1, "rate(1440 minutes)"],
    ["1m", 1, "rate(1 minute)"],
    // The scheduler knows nothing shorter.
    ["1h", 3_600, "rate(1 minute)"],
    ["1h", 20, "rate(3 minutes)"],
  ])("every %s, scaled by %i: %s", (every, scale, expected) => {
    expect(rateExpression(every, scale)).toBe(expected);
  });

  const HOUR = 3_600_000;
  test.each([
    [HOUR - 1, 1, 0],
    [HOUR, 1, 1],
    [HOUR + 59 * 60_000, 1, 1],
    [2 * HOUR, 1, 2],
    [23 * HOUR + 1, 1, 23],
    [-5_000, 1, 0],
    [1_000, 3_600, 1],
  ])("%i ms after the flip, scaled by %i, is number %i", (ms, scale, expected) => {
    expect(occurrenceAt(0, ms, "1h", scale)).toBe(expected);
  });
});
