import { DateTime } from "luxon";
import { DAY_MS, milliseconds, safeMilliseconds } from "../text/duration";
import { type Calendar, isOneOf } from "./calendar";

/**
 * The moment at which a soak that began at `since` is over. Milliseconds since the epoch; undefined where the
 * calendar has no such moment. Business cycles are whole windows from open to close that begin at or after
 * `since`, in the calendar's own time zone, so that a change of the clocks neither adds nor takes a cycle.
 */
export function soakEnd(length: string, since: number, calendar: Calendar | undefined): number | undefined {
  let left = cyclesIn(length);
  if (left === undefined) return since + milliseconds(length);
  if (!calendar) return undefined;
  const start = DateTime.fromMillis(since, { zone: calendar.zone });
  if (!start.isValid) return undefined;
  // One working day a week is the least that a calendar has; the first week may have begun already.
  // A holiday may fall on it each time.
  const horizon = 7 * (left + 2 + (calendar.holidays?.length ?? 0));
  for (let day = 0; day < horizon; day++) {
    const window = windowOf(start.startOf("day").plus({ days: day }), calendar);
    if (!window || window.open < since) continue;
    left -= 1;
    if (left === 0) return window.close;
  }
  return undefined;
}

/** How many business cycles a soak is; undefined where it is a length of time. */
function cyclesIn(length: string): number | undefined {
  const cycles = /^(\d+) business cycles?$/.exec(length)?.[1];
  return cycles === undefined ? undefined : Number(cycles);
}

/**
 * The least time, in ms, that a soak takes, whenever it begins; 0 without one. Of business cycles the whole days between
 * the first and the last of them: holidays, and the hours of the last one, only add to these.
 */
export function leastSoak(length = "", calendar?: Pick<Calendar, "days">): number {
  const cycles = cyclesIn(length);
  if (cycles === undefined) return safeMilliseconds(length);
  const further = Math.max(0, cycles - 1);
  const aWeek = new Set(calendar?.days).size || 7;
  return (7 * Math.floor(further / aWeek) + (further % aWeek)) * DAY_MS;
}

/** The working hours of one day, in ms since the epoch; undefined on a day off. */
function windowOf(
  day: DateTime,
  { days, open, close, holidays = [] }: Calendar,
): { open: number; close: number } | undefined {
  if (!isOneOf(days, day.weekday)) return undefined;
  if (holidays.includes(day.toFormat("yyyy-MM-dd"))) return undefined;
  const at = (time: string) => {
    const [hour = 0, minute = 0] = time.split(":").map(Number);
    return day.set({ hour, minute, second: 0, millisecond: 0 }).toMillis();
  };
  return { open: at(open), close: at(close) };
}

/**
 * When the clock will show that a soak is over, where declared durations pass `timeScale` times as fast as the
 * clock. Milliseconds since the epoch.
 */
export function soakEndOnClock(
  length: string,
  since: number,
  calendar: Calendar | undefined,
  timeScale: number,
): number | undefined {
  const end = soakEnd(length, since, calendar);
  return end === undefined ? undefined : Math.ceil(since + (end - since) / timeScale);
}
