import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dueAt, scheduleExpression } from "../../messages/timing";
import { milliseconds } from "../../model/duration";

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
        fc.pre(now < due);
        expect(scheduleExpression(due, now)).toBe(scheduleExpression(due, flip.getTime() - 1));
      }),
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

  test("a schedule is always one of the future, in whole seconds of UTC", () => {
    fc.assert(
      fc.property(flips, flips, (due, now) => {
        const [, at = ""] = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(
          scheduleExpression(Math.ceil(due.getTime() / 1_000) * 1_000, now.getTime()),
        ) ?? ["", ""];
        expect(Date.parse(`${at}Z`)).toBeGreaterThan(now.getTime());
      }),
    );
  });
});

test("what is due already, since its run was interrupted for long, is said in a minute", () => {
  const due = dueAt(FLIP, "24h", 1);
  expect(scheduleExpression(due, due)).toBe("at(2026-11-22T12:01:01)");
  expect(scheduleExpression(due, due + 3_600_500)).toBe("at(2026-11-22T13:01:02)");
});
