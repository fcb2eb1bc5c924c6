import { DateTime, IANAZone } from "luxon";
import type { Problem } from "../text/problem";
import { type Calendar, type Freeze, isOneOf, type OpenWindow } from "./calendar";

/** When something may happen: within a window, on no holiday, and in no freeze. Without windows: at any hour. */
export interface Schedule {
  readonly windows?: readonly OpenWindow[] | undefined;
  readonly freezes?: readonly Freeze[] | undefined;
  /** The zone that windows are read in, and the days that have none. */
  readonly calendar?: Pick<Calendar, "zone" | "holidays"> | undefined;
}

/** Nobody waits longer. Days. */
const HORIZON = 366;
const DAY_MS = 86_400_000;

/** Why a moment (ms since the epoch) is closed; undefined where it is open. Windows go by what the clock on the wall shows. */
export function closedAt({ windows, freezes = [], calendar }: Schedule, at: number): string | undefined {
  const freeze = freezes.find(({ from, until }) => Date.parse(from) <= at && at < Date.parse(until));
  if (freeze) return `in a freeze: ${freeze.reason}`;
  if (!windows) return undefined;
  const { zone = "", holidays = [] } = calendar ?? {};
  const now = DateTime.fromMillis(at, { zone });
  if (!now.isValid) return "no time of the calendar's zone";
  const isHoliday = (day: DateTime) => holidays.includes(day.toFormat("yyyy-MM-dd"));
  if (isHoliday(now)) return "on a holiday";
  const time = now.toFormat("HH:mm");
  const before = now.minus({ days: 1 });
  const open = windows.some(({ days, from, to }) => {
    const today = isOneOf(days, now.weekday) && from <= time;
    if (from < to) return today && time < to;
    // Over midnight: it belongs to the day on which it begins.
    return today || (isOneOf(days, before.weekday) && !isHoliday(before) && time < to);
  });
  return open ? undefined : "outside of its windows";
}

/**
 * The first moment at or after `at` that is open, in ms since the epoch; undefined where none comes within a year. An hour
 * that a change of the clocks leaves out has no window, and one that it brings twice has it twice.
 */
export function opensAt(schedule: Schedule, at: number): number | undefined {
  const { windows, freezes = [], calendar } = schedule;
  const thaws = freezes.map(({ until }) => Date.parse(until));
  if (!windows)
    return [at, ...thaws].sort((a, b) => a - b).find((one) => one >= at && !closedAt(schedule, one));
  const { zone = "" } = calendar ?? {};
  if (!IANAZone.isValidZone(zone)) return undefined;
  const dayAhead = (days: number) => DateTime.fromMillis(at, { zone }).plus({ days }).startOf("day");
  for (let ahead = 0; ahead < HORIZON; ahead++) {
    const [start, end] = [dayAhead(ahead), dayAhead(ahead + 1)];
    // The day itself may begin within a window, where clocks skip midnight.
    const found = [at, start.toMillis(), ...thaws, ...beginsOf(windows, start, end)]
      .filter((one) => one >= Math.max(at, start.toMillis()) && one < end.toMillis())
      .sort((a, b) => a - b)
      .find((one) => closedAt(schedule, one) === undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** When windows may begin on a day; on one on which clocks change, where they show a time twice or never, at any minute. */
function beginsOf(windows: readonly OpenWindow[], start: DateTime, end: DateTime): number[] {
  const day = start.toFormat("yyyy-MM-dd");
  if (start.offset === end.offset)
    return windows.map(({ from }) => Date.parse(`${day}T${from}:00Z`) - start.offset * 60_000);
  const minutes = Math.ceil((end.toMillis() - start.toMillis()) / 60_000);
  return Array.from({ length: minutes }, (_, minute) => start.toMillis() + minute * 60_000);
}

/**
 * The first moment at or after `at` that all of these come to, in ms since the epoch; undefined where none comes within a
 * year.
 *
 * @param opens when each opens at or after a moment
 */
export function togetherAt(
  opens: readonly ((at: number) => number | undefined)[],
  at: number,
): number | undefined {
  for (let now = at; now - at <= HORIZON * DAY_MS; ) {
    const next = Math.max(now, ...opens.map((one) => one(now) ?? Number.NaN));
    if (next === now) return now;
    now = next;
  }
  return undefined;
}

/** The moment (ms since the epoch) from which on no time of a year is open by all of these; undefined where there is none. */
function closedFrom(all: readonly Schedule[]): number | undefined {
  const dates = all.flatMap(({ windows, freezes = [], calendar }) => [
    ...freezes.map(({ from }) => from),
    ...((windows && calendar?.holidays) ?? []),
  ]);
  let open = Number.NEGATIVE_INFINITY;
  // Windows that never meet do not from any day on.
  for (const start of [0, ...dates.map((one) => Date.parse(one))].sort((a, b) => a - b)) {
    if (start < open) continue;
    const next = togetherAt(
      all.map((one) => (at) => opensAt(one, at)),
      start,
    );
    if (next === undefined) return start;
    open = next;
  }
  return undefined;
}

/**
 * What is said of freezes and holidays that leave no time for a year, from when one of them begins, or of windows that are
 * never open while others are; undefined else.
 *
 * @param others what has to be open at the same time, by the name of each; by itself each of them opens
 */
export function closedForAYear(
  when: Schedule,
  others: Readonly<Record<string, Schedule>> = {},
): Omit<Problem, "where"> | undefined {
  const all = [when, ...Object.values(others)];
  // Another error says so.
  if (all.some(({ windows, calendar }) => windows && !IANAZone.isValidZone(calendar?.zone ?? "")))
    return undefined;
  const names = Object.keys(others).join(" and ");
  const start = closedFrom(all);
  if (start === undefined) return undefined;
  const year = start === 0 ? "" : ` in the year after ${new Date(start).toISOString().slice(0, 10)}`;
  return names === ""
    ? {
        what: `leaves no time${year}: freezes and holidays cover all of it`,
        remedy: "End the freeze earlier, or correct calendar.holidays in cutover:rollout",
      }
    : {
        what: `leaves no time that ${names} leaves, too${year}: they are asked for one promotion, and it could never go up`,
        remedy: "Let their windows overlap, or end a freeze earlier",
      };
}
