import { z } from "zod";

/**
 * How Pulumi writes a time that stood unquoted in a stack file, once one of its commands has written the file:
 * `2026-11-21 10:00:00 +0000 UTC`, as Go shows one. Of a day, it is the day's beginning in UTC.
 */
const GO_TIME =
  /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,9})?) ([+-]\d\d)(\d\d) (?:[A-Z]{1,5}|[+-]\d{2,4})$/;

/** Pulumi's form of a time as ISO 8601, to the millisecond. Any other text as it is. */
export function fromGoTime(text: string): string {
  const [, day, time, hours, minutes] = GO_TIME.exec(text) ?? [];
  if (day === undefined || time === undefined) return text;
  const offset = hours === "+00" && minutes === "00" ? "Z" : `${hours}:${minutes}`;
  return `${day}T${time.replace(/(\.\d{3})\d+$/, "$1")}${offset}`;
}

/** Pulumi's form of a day, which is a time, as the day that was written. Any other text as it is. */
export function fromGoDay(text: string): string {
  return GO_TIME.test(text) ? fromGoTime(text).replace(/T00:00:00Z$/, "") : text;
}

/** A time of config, with its offset: as ISO 8601 or as Pulumi writes it back. Yields ISO 8601. */
export const moment = z
  .string()
  .check(
    z.overwrite(fromGoTime),
    z.iso.datetime({ offset: true, message: "a time such as 2026-11-21T10:00:00Z" }),
  );

/** A day of config: as ISO 8601 or as Pulumi writes it back. Yields the former. */
export const day = (example: string) =>
  z.string().check(z.overwrite(fromGoDay), z.iso.date(`a day such as ${example}`));
