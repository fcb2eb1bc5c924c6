import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { headerError, httpDate, structuredDate } from "../../../../src/gates/kinds/requests.headers";

const deprecationDate = (value: string) => structuredDate("Deprecation", value);
const sunsetDate = (value: string) => httpDate("Sunset", value);

const at = (iso: string) => ({ ok: true, at: Date.parse(iso) });

describe("Deprecation", () => {
  test.each([
    ["@1688169599", "2023-06-30T23:59:59Z"],
    [" @1688169599 ", "2023-06-30T23:59:59Z"],
    ["@0", "1970-01-01T00:00:00Z"],
    ["@-1", "1969-12-31T23:59:59Z"],
    ['@1688169599; by="v2"', "2023-06-30T23:59:59Z"],
  ])("%j is %s", (value, iso) => {
    expect(deprecationDate(value)).toEqual(at(iso));
  });

  test.each([
    ["", 'Deprecation is "", not a structured date'],
    // As the drafts before the RFC had it.
    ["true", 'Deprecation is "true", not a structured date'],
    ["Sun, 06 Nov 1994 08:49:37 GMT", "not a structured date such as @1735689600 (RFC 9745)"],
    ["1688169599", "not a structured date"],
    ["@1688169599.5", "not a structured date"],
    ["@1688169599, @1688169600", "not a structured date"],
    ["@", "not a structured date"],
    ["@1e9", "not a structured date"],
    ["@1688169599000000", "not a structured date"],
    ["@1688169599000", "milliseconds where seconds belong?"],
    ["@253402300800", "milliseconds where seconds belong?"],
    [`@${"9".repeat(200)}`, "…"],
  ])("%j is none", (value, said) => {
    expect(deprecationDate(value)).toEqual({ ok: false, problem: expect.stringContaining(said) });
  });

  test("is read back as the second that was written", () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800, max: 253_402_300_799 }), (seconds) => {
        expect(deprecationDate(`@${seconds}`)).toEqual({ ok: true, at: seconds * 1_000 });
      }),
    );
  });
});

describe("Sunset", () => {
  test.each([
    ["Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"],
    [" Mon, 01 Mar 2027 00:00:00 GMT ", "2027-03-01T00:00:00Z"],
    ["Thu, 29 Feb 2024 23:59:59 GMT", "2024-02-29T23:59:59Z"],
  ])("%j is %s", (value, iso) => {
    expect(sunsetDate(value)).toEqual(at(iso));
  });

  test.each([
    ["", 'Sunset is "", not an HTTP-date'],
    ["2027-03-01T00:00:00Z", "not an HTTP-date"],
    ["@1803859200", "not an HTTP-date"],
    // Obsolete forms, which nobody may write any more.
    ["Sunday, 06-Nov-94 08:49:37 GMT", "not an HTTP-date"],
    ["Sun Nov  6 08:49:37 1994", "not an HTTP-date"],
    ["Sat, 06 Nov 1994 08:49:37 GMT", "not an HTTP-date"],
    ["Sun, 6 Nov 1994 08:49:37 GMT", "not an HTTP-date"],
    ["Sun, 06 Nov 1994 08:49:37 UTC", "not an HTTP-date"],
    ["Sun, 06 Nov 1994 09:49:37 +0100", "not an HTTP-date"],
    ["sun, 06 nov 1994 08:49:37 gmt", "not an HTTP-date"],
    ["Tue, 30 Feb 2027 00:00:00 GMT", "not an HTTP-date"],
    ["Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT", "not an HTTP-date"],
  ])("%j is none", (value, said) => {
    expect(sunsetDate(value)).toEqual({ ok: false, problem: expect.stringContaining(said) });
  });

  test("is read back as the second that was written", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
        const value = new Date(seconds * 1_000).toUTCString();
        expect(sunsetDate(value)).toEqual({ ok: true, at: seconds * 1_000 });
      }),
    );
  });
});

test("whatever a server sends, the answer is a date or a sentence", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (value) => {
      for (const date of [deprecationDate(value), sunsetDate(value)])
        expect(date.ok ? Number.isFinite(date.at) : date.problem.length < 200).toBe(true);
    }),
  );
});

describe("what a header must be", () => {
  const now = Date.parse("2027-02-01T00:00:00Z");
  const sunset = "Mon, 01 Mar 2027 00:00:00 GMT";
  const at = "2027-03-01T00:00:00.400Z";
  test.each<[string, Parameters<typeof headerError>[1], string | undefined, string | undefined, number?]>([
    ["a text", { is: "v1" }, " v1 ", undefined],
    ["another text", { is: "v1" }, "v2", 'H is "v2", not v1'],
    ["absent", { is: "v1" }, undefined, "there is no H header"],
    ["an absent date", { date: "http" }, undefined, "there is no H header"],
    ["a date", { date: "http" }, sunset, undefined],
    ["the date that is declared, to the second", { date: "http", at }, sunset, undefined],
    [
      "another date than is declared",
      { date: "http", at: "2027-03-02T00:00:00Z" },
      sunset,
      "H says 2027-03-01 00:00:00Z, not 2027-03-02 00:00:00Z",
    ],
    [
      "held against no time",
      { date: "http", at: "soon" },
      sunset,
      "soon, which H is held against, is no time",
    ],
    ["a date that has passed", { date: "structured", passed: true }, "@1", undefined],
    ["as old as clocks differ", { date: "structured", passed: true }, `@${now / 1_000 + 5}`, undefined],
    [
      "still ahead",
      { date: "structured", passed: true },
      `@${now / 1_000 + 6}`,
      "H says 2027-02-01 00:00:06Z, which is still ahead",
    ],
    ["far enough ahead", { date: "http", ahead: "28d" }, sunset, undefined],
    [
      "not far enough ahead",
      { date: "http", ahead: "29d" },
      sunset,
      "H says 2027-03-01 00:00:00Z, which is only 28 d ahead",
    ],
    ["as far ahead as scaled time is long", { date: "http", ahead: "56d" }, sunset, undefined, 2],
    [
      "over",
      { date: "http", ahead: "1d" },
      "Mon, 01 Feb 2027 00:00:00 GMT",
      "H says 2027-02-01 00:00:00Z, which has passed",
    ],
    [
      "no date",
      { date: "http" },
      "@1",
      'H is "@1", not an HTTP-date such as "Mon, 01 Mar 2027 00:00:00 GMT" (RFC 8594)',
    ],
  ])("%s", (_, expected, value, error, timeScale = 1) => {
    expect(headerError("H", expected, value, { now, timeScale })).toBe(error);
  });
});
