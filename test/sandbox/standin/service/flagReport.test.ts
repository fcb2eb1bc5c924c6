import { expect, test } from "vitest";
import { type FlagsPlace, reportIn } from "../../../../sandbox/standin/service/flagReport";
import { tokenPath } from "../../../../src/abort/drillServers";
import { sourceSaid } from "../../../../src/gates/flagSource";
import { at } from "../../../../src/text/dotted";

const FLAGS = { READ: true, SHARE: 10 };

const PLACES: readonly Partial<FlagsPlace>[] = [
  { at: "" },
  { at: "flags" },
  { at: "data.flags" },
  { at: "", source: "meta.source" },
  { at: "data.flags", source: "data.source" },
  { at: "data.flags", source: "data.providers[0].name" },
  { at: "data.flags", source: "data.providers[?kind == 'flags'] | [0].name" },
  { at: "data.flags", source: "data.from", drillAt: "data.tests.drill" },
  { at: "a.b.c", drillAt: "a.drill" },
];

test.each(PLACES)("flags, their source and a drill are told where %j says", (where) => {
  const place = { path: "/flags", at: "", ...where };
  const of = (source: string) =>
    reportIn(place, { flags: FLAGS, source, drill: "t-1", more: { server: "app-1" } });
  const report = of("appconfig");
  expect(at(report, place.at)).toMatchObject(FLAGS);
  expect(at(report, tokenPath(place))).toBe("t-1");
  if (where.source === undefined) return;
  expect(sourceSaid("app-1", { status: 200, json: report }, place).kind).toBe("appconfig");
  expect(sourceSaid("app-1", { status: 200, json: of("code") }, place).kind).toBe("done");
});

test("a source that is no place is not told", () => {
  const place = { path: "/flags", at: "flags", source: "length(flags)" };
  expect(reportIn(place, { flags: FLAGS, source: "appconfig" })).toBeUndefined();
});

test("without flags none are told, at the same place", () => {
  const report = reportIn({ path: "/flags", at: "data.flags" }, { source: "appconfig" });
  expect(report).toEqual({ data: { flags: {} } });
});
