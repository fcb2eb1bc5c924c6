import { z } from "zod";

/**
 * How Pulumi writes a time that stood unquoted in a stack file, once one of its commands has written the file:
 * `2026-11-21 10:00:00 +0000 UTC`, as Go shows one. Of a day, it is the day's beginning in UTC.
 */
const GO_TIME =
  /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,9})?) ([+-]\d\d)(\d\d) ([A-Z]{1,5}|[+-]\d{2,4})$/;

/** What Go calls an offset where it is that of the machine's own zone, and the letters stand for no other one. */
const ZONES: Readonly<Record<string, string>> = {
  ...{ UTC: "+0000", GMT: "+0000", WET: "+0000", WEST: "+0100", CET: "+0100", CEST: "+0200" },
  ...{ EET: "+0200", EEST: "+0300", MSK: "+0300", WAT: "+0100", CAT: "+0200", SAST: "+0200", EAT: "+0300" },
  ...{ EST: "-0500", EDT: "-0400", MST: "-0700", MDT: "-0600", PDT: "-0700", AKST: "-0900", AKDT: "-0800" },
  ...{ HST: "-1000", JST: "+0900", KST: "+0900", AWST: "+0800", AEST: "+1000", AEDT: "+1100" },
  ...{ ACST: "+0930", ACDT: "+1030", NZST: "+1200", NZDT: "+1300" },
};

/** Whether an offset and the zone's name beside it mean one moment: of two that differ, either may be the one meant. */
function agree(offset: string, zone: string): boolean {
  const named = /^[+-]/.test(zone)
    ? zone.padEnd(5, "0")
    : Object.hasOwn(ZONES, zone)
      ? ZONES[zone]
      : undefined;
  return named === undefined ? offset !== "+0000" : named === offset;
}

/** Pulumi's form of a time as ISO 8601, to the millisecond. Any other text as it is. */
export function fromGoTime(text: string): string {
  const [, day, time, hours = "", minutes = "", zone = ""] = GO_TIME.exec(text) ?? [];
  if (day === undefined || time === undefined || !agree(`${hours}${minutes}`, zone)) return text;
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
