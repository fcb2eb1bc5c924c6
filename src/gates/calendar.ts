import { z } from "zod";

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
});
export type Calendar = z.infer<typeof calendar>;

/** Said where business cycles are counted by no calendar. */
export const NO_CALENDAR = {
  what: "counts business cycles, and the rollout has no calendar",
  remedy: "Add calendar: { zone, days, open, close } to cutover:rollout",
} as const;
