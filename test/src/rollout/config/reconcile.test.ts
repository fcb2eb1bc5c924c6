import { describe, expect, test } from "vitest";
import { asQuery, reconciliation, rowReconcile } from "../../../../src/rollout/config/reconcile";

const ITEMS = {
  title: "Old and new items",
  key: "id",
  changed: "updated_at",
  lag: "30s",
  first: { name: "old", query: "select id, status, updated_at from old_items" },
  second: { name: "new", query: "select id, status, updated_at from new_items" },
};
const said = (changes: object) => {
  const { error } = reconciliation.safeParse({ ...ITEMS, ...changes });
  return error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
};

test("two queries over one key are a reconciliation", () => {
  expect(reconciliation.parse(ITEMS)).toMatchObject({
    rowsPerMinute: { first: 1_000_000, later: 60_000 },
    timeout: "5s",
  });
  expect(
    said({ changed: undefined, first: { name: "old", query: "select * from old_items" } }),
  ).toBeUndefined();
});

describe("is refused", () => {
  test.each<[string, object, RegExp]>([
    [
      "a query without the key",
      { first: { name: "old", query: "select status, updated_at from x" } },
      /^first\.query: a query that yields the column id, as `key` says$/,
    ],
    [
      "a query without what says when",
      { second: { name: "new", query: "select id from x" } },
      /^second\.query: a query that yields the column updated_at, as `changed` says$/,
    ],
    ["a lag of no length", { lag: "0s" }, /^lag: longer than nothing$/],
    ["a lag that is no lag", { lag: "2h" }, /^lag: at most 1h$/],
    ["a lag that is no time", { lag: "soon" }, /^lag: a duration/],
    [
      "one source twice",
      { second: { name: "new", query: "SELECT id,  status, updated_at FROM old_items;" } },
      /^second\.query: another query than the first source's/,
    ],
    ["one name twice", { second: { ...ITEMS.second, name: "old" } }, /^second\.name: another name/],
    ["a key that changes", { changed: "id" }, /^changed: another column than the key/],
    ["too few rows a minute to get on", { rowsPerMinute: { later: 100 } }, /^rowsPerMinute\.later: .*10000/],
    [
      "a sweep that is faster than the first walk",
      { rowsPerMinute: { first: 10_000, later: 20_000 } },
      /^rowsPerMinute\.later: no more than `first`/,
    ],
  ])("%s", (_, changes, message) => {
    expect(said(changes)?.join("\n")).toMatch(message);
  });

  test("a count that is named twice, or none", () => {
    for (const count of [["missing", "missing"], [], ["matched"]])
      expect(rowReconcile.safeParse({ of: "items", count }).success).toBe(false);
  });
});

test("a name is taken letter by letter, and a semicolon ends no part of a statement", () => {
  const of = reconciliation.parse({
    ...ITEMS,
    key: 'the "Key"',
    changed: undefined,
    first: { name: "old", query: 'select 1 as "the ""Key""" ;' },
    second: { name: "new", query: 'select 2 as "the ""Key""" -- that is all' },
  });
  expect(asQuery(of, { of: "items", count: ["missing"] }).query).toBe(
    'select count(*) from (select 1 as "the ""Key""") a full join (select 2 as "the ""Key""" -- that is all\n) b on a."the ""Key""" = b."the ""Key""" where a."the ""Key""" is not null and b."the ""Key""" is null',
  );
});
