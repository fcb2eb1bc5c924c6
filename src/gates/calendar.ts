import { z } from "zod";
import { day, moment } from "../text/moment";

/** A time of day, as clocks of the calendar's zone show it. */
const timeOfDay = (example: string) =>
  z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, `a time of day such as ${example}`)
    .meta({ examples: [example] });

const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** Days of the week. */
export const weekdays = z.array(z.enum(WEEKDAYS)).min(1);

/** Whether an ISO weekday, which counts from Monday as 1, is one of these. */
export function isOneOf(days: z.infer<typeof weekdays>, weekday: number): boolean {
  return days.some((name) => WEEKDAYS.indexOf(name) === weekday - 1);
}

/** When an office is open; a business cycle is one full window from open to close. */
export const calendar = z.strictObject({
  zone: z.string().meta({ description: "IANA time zone.", examples: ["Europe/Berlin"] }),
  days: weekdays.meta({ description: "Working days.", examples: [["mon", "tue", "wed", "thu", "fri"]] }),
  open: timeOfDay("09:00"),
  close: timeOfDay("17:30"),
  holidays: z
    .array(day("2026-12-25"))
    .max(366)
    .optional()
    .meta({
      description:
        "Days off beside the days of the week that are none of `days`: no business cycle is on them, and no window of a gate of source `calendar`.",
      examples: [["2026-12-25", "2027-01-01"]],
    }),
});
export type Calendar = z.infer<typeof calendar>;

/** Hours of days on which something may happen, in the calendar's zone. */
export const openWindow = z
  .strictObject({
    days: weekdays.meta({
      description: "The days on which it begins.",
      examples: [["mon", "tue", "wed", "thu"]],
    }),
    from: timeOfDay("09:00"),
    to: z
      .string()
      .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, "a time of day such as 16:00, or 24:00")
      .meta({
        description: "When it is over; on the next day, where that is earlier than `from`.",
        examples: ["16:00"],
      }),
  })
  .refine(({ from, to }) => from !== to, {
    path: ["to"],
    message: "another time than from: a window of no length never opens (a whole day is 00:00 to 24:00)",
  });
export type OpenWindow = z.infer<typeof openWindow>;

/** A time in which nothing is raised. */
export const freeze = z
  .strictObject({
    from: moment.meta({ description: "When it begins.", examples: ["2026-12-18T12:00:00+01:00"] }),
    until: moment.meta({
      description: "When it is over. It has to end by itself: what has no end is a hold (`cutover hold`).",
      examples: ["2027-01-04T08:00:00+01:00"],
    }),
    reason: z.string().trim().min(3).max(300).meta({ description: "Why, for whoever is held up by it." }),
  })
  .refine(({ from, until }) => !(Date.parse(until) <= Date.parse(from)), {
    path: ["until"],
    message: "later than from: it would be over before it began",
  });
export type Freeze = z.infer<typeof freeze>;

/** A calendar in words: `09:00 to 17:30 in Europe/Berlin, mon to fri, holidays left out`. */
export function showCalendar({ zone, days, open, close, holidays = [] }: Calendar): string {
  const off = holidays.length > 0 ? ", holidays left out" : "";
  return `${open} to ${close} in ${zone}, ${days.join(", ")}${off}`;
}

/** Said where business cycles are counted by no calendar. */
export const NO_CALENDAR = {
  what: "counts business cycles, and the rollout has no calendar",
  remedy: "Add calendar: { zone, days, open, close } to cutover:rollout",
} as const;
