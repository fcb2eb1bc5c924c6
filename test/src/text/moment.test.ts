import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { day, fromGoDay, fromGoTime, moment } from "../../../src/text/moment";

describe("a time that stood unquoted, as `pulumi config set` wrote it back:", () => {
  test.each([
    ["2026-11-21 10:00:00 +0000 UTC", "2026-11-21T10:00:00Z"],
    ["2026-11-21 12:00:00 +0200 +0200", "2026-11-21T12:00:00+02:00"],
    ["2026-11-21 12:00:00 +0200 CEST", "2026-11-21T12:00:00+02:00"],
    ["2026-11-21 12:00:00 +0300 +03", "2026-11-21T12:00:00+03:00"],
    ["2026-11-21 12:00:00 +0100 BST", "2026-11-21T12:00:00+01:00"],
    ["2026-11-21 12:00:00 +0000 GMT", "2026-11-21T12:00:00Z"],
    ["2026-11-21 04:30:00 -0330 -0330", "2026-11-21T04:30:00-03:30"],
    ["2026-11-21 12:00:00.123 +0000 UTC", "2026-11-21T12:00:00.123Z"],
    ["2026-11-21 12:00:00.123456789 +0000 UTC", "2026-11-21T12:00:00.123Z"],
    ["2026-02-17 00:00:00 +0000 UTC", "2026-02-17T00:00:00Z"],
  ])("%s", (written, meant) => {
    expect(moment.parse(written)).toBe(meant);
    expect(moment.parse(meant)).toBe(meant);
  });
});

test("a day that stood unquoted is that day again", () => {
  expect(day("2026-12-25").parse("2026-02-17 00:00:00 +0000 UTC")).toBe("2026-02-17");
  expect(day("2026-12-25").parse("2026-02-17")).toBe("2026-02-17");
});

test.each([
  "2026-11-21",
  "2026-13-45 10:00:00 +0000 UTC",
  "2026-11-21 10:00:00",
  "soon",
  // Whether the offset is meant, or the zone, nobody knows.
  "2026-11-21 10:00:00 +0000 CET",
  "2026-11-21 10:00:00 +0000 XYZ",
  "2026-11-21 10:00:00 +0100 CEST",
  "2026-11-21 10:00:00 +0100 UTC",
  "2026-11-21 10:00:00 +0000 +0100",
  "2026-11-21 10:00:00 +0330 +03",
])("%s is no time", (text) => {
  expect(moment.safeParse(text).success).toBe(false);
});

test.each(["2026-02-17 10:00:00 +0000 UTC", "2026-02-17T00:00:00Z", "2026-02-31 00:00:00 +0000 UTC"])(
  "%s is no day",
  (text) => {
    expect(day("2026-12-25").safeParse(text).success).toBe(false);
  },
);

/** As Go's time.Time shows itself, which is what Pulumi writes. */
function goTime(iso: string): string {
  return iso.replace("T", " ").replace(/(?:\.000|(\.\d\d[1-9])|(\.\d)00|(\.\d\d)0)?Z$/, "$1$2$3 +0000 UTC");
}

test("what Pulumi makes of a time is the same moment, and other text stays as it is", () => {
  fc.assert(
    fc.property(
      fc.date({ noInvalidDate: true, min: new Date("1970-01-01"), max: new Date("2999-01-01") }),
      (date) => {
        const iso = date.toISOString();
        expect(Date.parse(moment.parse(goTime(iso)))).toBe(date.getTime());
        expect([fromGoTime(iso), fromGoDay(iso)]).toEqual([iso, iso]);
      },
    ),
  );
});
