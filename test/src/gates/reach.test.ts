import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compare, type Expectation } from "../../../src/gates/expectation";
import { extentOfQuery, extentOfStatistic, reachError, statedExtent } from "../../../src/gates/reach";

const COUNT = extentOfQuery("select count(*) from t");

describe("what a query yields is known", () => {
  test.each([
    "select count(*) from patches",
    "SELECT COUNT(*) FROM patches;",
    "\n  select count( distinct a.id )\n from a",
    "select count(*)::int as n from a where b in (select c from d)",
    "select count(*)",
    "select count(*) from (select *, row_number() over (order by x) from t where x >= $1) t",
  ])("of %s", (query) => expect(extentOfQuery(query)).toMatchObject({ least: 0, whole: true }));

  test.each([
    "select count(*) - 5 from t",
    "select 100.0 * count(*) / 7 from t",
    "select count(*) > 0 from t",
    "select count(*)::numeric / 2 from t",
    "select count(*) from t union all select -1",
    "select count(*) filter (where x) - 1 from t",
    "select sum(x) from t",
    "select max(count) from t",
    "with n as (select count(*) from t) select -1",
    "select count(*), 1 from t",
    "select (select count(*) from a) - (select count(*) from b)",
  ])("not of %s", (query) => expect(extentOfQuery(query)).toBeUndefined());
});

test.each<[string, Expectation, boolean]>([
  ["SampleCount", { gte: 0 }, true],
  ["worst minute SampleCount", { gte: 0 }, true],
  ["Sum", { gte: 0 }, true],
  ["Sum", { gte: 0, quantity: "signed" }, false],
  ["Average", { gte: 0 }, false],
  ["p95", { gte: 0 }, false],
])("what %s can be, expected to be %j: known %s", (statistic, given, known) => {
  expect(extentOfStatistic(statistic, given) !== undefined).toBe(known);
});

describe("an expectation of a count", () => {
  test.each<[Expectation, string]>([
    [{ gte: 0 }, "fail"],
    [{ gt: -1 }, "fail"],
    [{ ne: -1 }, "fail"],
    [{ ne: 0.5 }, "fail"],
    [{ lt: 0 }, "hold"],
    [{ eq: 1.5 }, "hold"],
    [{ eq: -1 }, "hold"],
    [{ eq: "2" }, "hold"],
    [{ eq: true }, "hold"],
    [{ ne: "none" }, "hold"],
    [{ gt: 3, lt: 4 }, "hold"],
    [{ gte: 3.1, lte: 3.9 }, "hold"],
    [{ lt: 1, ne: 0 }, "hold"],
  ])("%j can never %s", (given, how) => {
    expect(reachError(given, COUNT ? [COUNT] : [])?.what).toBe(
      `can never ${how}: a count is a whole number, 0 or more`,
    );
  });

  test.each<Expectation>([
    { eq: 0 },
    { ne: 0 },
    { gt: 0 },
    { gte: 1 },
    { lt: 1 },
    { lte: 0 },
    { gt: 0.5 },
    { gt: 3, lt: 5 },
    { lte: 5, ne: 0.5 },
  ])("%j decides", (given) => expect(reachError(given, COUNT ? [COUNT] : [])).toBeUndefined());

  test("is refused only where every count, or none, meets it", () => {
    const bound = fc.option(
      fc.integer({ min: -6, max: 12 }).map((half) => half / 2),
      { nil: undefined },
    );
    const expectation = fc.record({ eq: bound, ne: bound, gt: bound, gte: bound, lt: bound, lte: bound });
    fc.assert(
      fc.property(expectation, (given) => {
        if (Object.values(given).every((one) => one === undefined)) return;
        const met = Array.from({ length: 40 }, (_, n) => compare(given, n).kind === "met");
        const said = reachError(given, COUNT ? [COUNT] : [])?.what.slice(10, 14);
        const [some, all] = [met.includes(true), !met.includes(false)];
        expect(said).toBe(all ? "fail" : some ? undefined : "hold");
      }),
    );
  });
});

test.each<[Expectation, string | undefined]>([
  [{ lte: 100, quantity: "percent" }, "can never fail: a percent is from 0 to 100"],
  [{ lt: 150, quantity: "percent" }, "can never fail: a percent is from 0 to 100"],
  [{ gte: 0, quantity: "share" }, "can never fail: a share is from 0 to 1"],
  [{ gte: 0, quantity: "count" }, "can never fail: a count is 0 or more"],
  [{ lt: 5, quantity: "percent" }, undefined],
  [{ eq: 1.5, quantity: "count" }, undefined],
  [{ gte: 0, quantity: "signed" }, undefined],
  [{ gte: 0 }, undefined],
])("what config calls %j", (given, what) => {
  const stated = statedExtent(given);
  expect(reachError(given, stated ? [stated] : [])?.what).toBe(what);
});
