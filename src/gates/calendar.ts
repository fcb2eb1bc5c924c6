import { z } from "zod";
import { day } from "../text/moment";

const timeOfDay = (example: string) =>
  z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, `a time of day such as ${example}`)
    .meta({ examples: [example] });

/** When an office is open; a business cycle is one full window from open to close. */
export const calendar = z.strictObject({
  zone: z.string().meta({ description: "IANA time zone.", examples: ["Europe/Berlin"] }),
  days: z
    .array(z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]))
    .min(1)
    .meta({ description: "Working days.", examples: [["mon", "tue", "wed", "thu", "fri"]] }),
  open: timeOfDay("09:00"),
  close: timeOfDay("17:30"),
  holidays: z
    .array(day("2026-12-25"))
    .max(366)
    .optional()
    .meta({
      description:
        "Days off beside the days of the week that are none of `days`: no business cycle is on them.",
      examples: [["2026-12-25", "2027-01-01"]],
    }),
});
export type Calendar = z.infer<typeof calendar>;

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
