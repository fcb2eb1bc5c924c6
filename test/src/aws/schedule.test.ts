import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AT_ONCE_MS, declaredAhead, scheduleExpression, scheduleTime } from "../../../src/aws/schedule";

const NOW = Date.parse("2026-11-22T12:00:00.250Z");
const SECOND = 1_000;

test.each<[string, number, string]>([
  ["was due long ago", NOW - 3_600 * SECOND, "2026-11-22T12:00:31Z"],
  ["is due now", NOW, "2026-11-22T12:00:31Z"],
  // It would be past once the scheduler reads it, and that refuses it.
  ["is due before its schedule is made", NOW + 29 * SECOND, "2026-11-22T12:00:31Z"],
  ["is due just after that", NOW + 31 * SECOND, "2026-11-22T12:00:32Z"],
  ["is due tomorrow", Date.parse("2026-11-23T12:00:01.000Z"), "2026-11-23T12:00:01Z"],
])("what %s is scheduled for then, or as soon as a schedule can be made", (_, due, expected) => {
  expect(scheduleTime(due, NOW, 30 * SECOND)).toBe(expected);
  expect(scheduleExpression(due, NOW, 30 * SECOND)).toBe(`at(${expected.slice(0, -1)})`);
});

test("who makes it at once need not leave it much time", () => {
  expect(scheduleExpression(NOW - SECOND, NOW, AT_ONCE_MS)).toBe("at(2026-11-22T12:00:06)");
  expect(scheduleExpression(NOW + 5 * SECOND, NOW, AT_ONCE_MS)).toBe("at(2026-11-22T12:00:06)");
});

test.each([
  [1, 120],
  [2, 60],
  [2_880, 30],
])("one that an up declares at %s times the pace is at least %i s ahead", (timeScale, seconds) => {
  expect(declaredAhead(timeScale)).toBe(seconds * SECOND);
});

describe("law:", () => {
  const times = fc.date({ min: new Date("2020-01-01"), max: new Date("2040-01-01"), noInvalidDate: true });

  test("a schedule is one of the future, never early, in whole seconds of UTC, and later for what is later", () => {
    fc.assert(
      fc.property(
        times,
        times,
        fc.nat(100_000),
        fc.constantFrom(AT_ONCE_MS, declaredAhead(1)),
        (due, now, more, ahead) => {
          const time = scheduleTime(due.getTime(), now.getTime(), ahead);
          expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
          expect(Date.parse(time)).toBeGreaterThan(now.getTime());
          expect(Date.parse(time)).toBeGreaterThanOrEqual(due.getTime());
          const later = scheduleTime(due.getTime() + more, now.getTime(), ahead);
          expect(Date.parse(later)).toBeGreaterThanOrEqual(Date.parse(time));
        },
      ),
    );
  });
});
