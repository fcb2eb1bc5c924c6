import { describe, expect, test } from "vitest";
import { readWhole } from "../../../../src/probe/reconcile/plan";

/** As PostgreSQL 18 has plans, with what is read of them. */
const scan = (more: object = {}) => ({
  ...{ "Node Type": "Seq Scan", "Plan Rows": 50_000 },
  ...{ Schema: "public", "Relation Name": "items", Alias: "i" },
  ...more,
});
const sorted = (keys: string[], ...Plans: object[]) => [
  {
    Plan: {
      "Node Type": "Limit",
      Plans: [{ "Node Type": "Sort", "Sort Key": keys, "Plan Rows": 50_000, Plans }],
    },
  },
];

describe("a plan that reads a table as a whole", () => {
  test.each<[string, unknown, unknown]>([
    [
      "names the index by the table's own columns",
      sorted(["i.id"], scan()),
      [{ name: "items", index: 'create index concurrently on "public"."items" (id)' }],
    ],
    [
      "names all columns, in their order, as they are written in SQL",
      sorted(['i."At" DESC', "i.id DESC"], scan()),
      [{ name: "items", index: 'create index concurrently on "public"."items" ("At", id)' }],
    ],
    [
      "quotes what its owner has named oddly",
      sorted(['"The ""i""".id'], scan({ Alias: 'The "i"', Schema: "Own", "Relation Name": 'the "items"' })),
      [{ name: 'the "items"', index: 'create index concurrently on "Own"."the ""items""" (id)' }],
    ],
    ["names no index for what is computed", sorted(["((i.a || i.b))"], scan()), [{ name: "items" }]],
    [
      "names the index of the table alone that it is sorted by",
      sorted(["i.id"], {
        "Node Type": "Append",
        Plans: [scan(), scan({ Alias: "j", "Relation Name": "others" })],
      }),
      [{ name: "items", index: 'create index concurrently on "public"."items" (id)' }, { name: "others" }],
    ],
    [
      "is told of one that lies elsewhere",
      sorted(["i.id"], scan({ "Node Type": "Foreign Scan" })),
      [{ name: "items" }],
    ],
    [
      "is told of a function, whose rows no plan knows",
      sorted(["f.id"], { "Node Type": "Function Scan", "Function Name": "f", "Plan Rows": 1_000 }),
      [{ name: "f" }],
    ],
    ["is not told of a small one", sorted(["i.id"], scan({ "Plan Rows": 9_999 })), []],
    ["is not told where an index leads", [{ Plan: { "Node Type": "Index Scan", "Plan Rows": 1e9 } }], []],
    ["is not told of one elsewhere that comes sorted", [{ Plan: scan({ "Node Type": "Foreign Scan" }) }], []],
    ["is not told of no plan", [], []],
  ])("%s", (_, plan, read) => {
    expect(readWhole(plan)).toEqual(read);
  });
});
