import { DateTime, IANAZone } from "luxon";
import { DAY_MS } from "../text/duration";
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

/** Why a moment (ms since the epoch) is closed; undefined where it is open. Windows go by what the clock on the wall shows. */
export function closedAt({ windows, freezes = [], calendar }: Schedule, at: number): string | undefined {
  const freeze = freezes.find(({ from, until }) => Date.parse(from) <= at && at < Date.parse(until));
  if (freeze) return `in a freeze: ${freeze.reason}`;
  if (!windows) return undefined;
  const shown = calendar && shownAt(calendar, at);
  if (!shown) return "no time of the calendar's zone";
  const { day, time, weekday, before } = shown;
  const isHoliday = (day: string) => calendar.holidays?.includes(day) ?? false;
  if (isHoliday(day)) return "on a holiday";
  const open = windows.some(({ days, from, to }) => {
    const today = isOneOf(days, weekday) && from <= time;
    if (from < to) return today && time < to;
    // Over midnight: it belongs to the day on which it begins.
    return today || (isOneOf(days, before.weekday) && !isHoliday(before.day) && time < to);
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
  let shown = calendar && shownAt(calendar, at);
  for (let ahead = 0; ahead < HORIZON && calendar && shown; ahead++) {
    const { day, start, end } = shown;
    // The day itself may begin within a window, where clocks skip midnight.
    const begins = calendar.holidays?.includes(day) ? [] : [at, start, ...thaws, ...beginsOf(windows, shown)];
    const found = begins
      .filter((one) => one >= Math.max(at, start) && one < end)
      .sort((a, b) => a - b)
      .find((one) => closedAt(schedule, one) === undefined);
    if (found !== undefined) return found;
    shown = shownAt(calendar, end);
  }
  return undefined;
}

/** What clocks show at a moment. */
interface Shown {
  /** `yyyy-MM-dd`, and `HH:mm`. */
  readonly day: string;
  readonly time: string;
  readonly weekday: number;
  readonly before: Pick<Shown, "day" | "weekday">;
  /** When the day begins and when the next one does, ms since the epoch. */
  readonly start: number;
  readonly end: number;
  /** How far ahead of UTC they are all day, in ms; undefined on a day on which they change. */
  readonly offset: number | undefined;
}

/** Every gate of a rollout asks its calendar of the same days, and zones are slow to read. */
const SHOWN = new WeakMap<object, Map<number, Shown | undefined>>();

/** What clocks in the calendar's zone show; undefined where there is no such zone, or no such time. */
function shownAt(calendar: Pick<Calendar, "zone">, at: number): Shown | undefined {
  const known = SHOWN.get(calendar) ?? new Map<number, Shown | undefined>();
  SHOWN.set(calendar, known);
  if (!known.has(at)) known.set(at, readClocks(calendar, at));
  return known.get(at);
}

function readClocks({ zone }: Pick<Calendar, "zone">, at: number): Shown | undefined {
  const now = DateTime.fromMillis(at, { zone });
  if (!now.isValid) return undefined;
  const [start, end, before] = [
    now.startOf("day"),
    now.plus({ days: 1 }).startOf("day"),
    now.minus({ days: 1 }),
  ];
  return {
    day: now.toISODate(),
    time: now.toFormat("HH:mm"),
    weekday: now.weekday,
    before: { day: before.toISODate() ?? "", weekday: before.weekday },
    start: start.toMillis(),
    end: end.toMillis(),
    offset: start.offset === end.offset ? start.offset * 60_000 : undefined,
  };
}

/** When windows may begin on a day; on one on which clocks change, where they show a time twice or never, at any minute. */
function beginsOf(windows: readonly OpenWindow[], { day, start, end, offset }: Shown): number[] {
  if (offset !== undefined) return windows.map(({ from }) => Date.parse(`${day}T${from}:00Z`) - offset);
  const minutes = Math.ceil((end - start) / 60_000);
  return Array.from({ length: minutes }, (_, minute) => start + minute * 60_000);
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
