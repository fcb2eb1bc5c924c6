import { describe, expect, test } from "vitest";
import { Reconciler } from "../../../../src/probe/reconcile/reconciler";
import type { ReconcileSettings } from "../../../../src/probe/reconcile/settings";
import {
  asQuery,
  COUNTS,
  type Count,
  reconciliation,
  rowsToMend,
} from "../../../../src/rollout/config/reconcile";

import { found, I, NONE, openAnew, pool, round, settings, settled, tables, useTwoTables } from "./twoTables";

useTwoTables();

/** What a person counts who asks by hand. */
async function byHand({ first, second, key, changed }: ReconcileSettings) {
  const of = reconciliation.parse({ title: "Items", first, second, key, changed, lag: "1s" });
  const count = async (one: Count) => {
    const { rows } = await pool.query(asQuery(of, { of: "items", count: [one] }).query);
    return [one, Number(rows[0].count)] as const;
  };
  const { rows } = await pool.query(rowsToMend(of));
  const listed = new Set(rows.map((row) => row.key)).size;
  return { ...Object.fromEntries(await Promise.all(COUNTS.map(count))), listed };
}

/** What each source holds, and what of it differs. Whoever looks by hand has to see what the probe counts. */
describe("a person counts what the probe counts, of", () => {
  const of = (id: string, value = "1") => `select ${id} as id, ${value} as value`;
  test.each<[string, string, string, Partial<typeof NONE>]>([
    ["a number with other digits behind the point", of("1", "1.0"), of("1", "1.00"), { different: 1 }],
    ["the same number", of("1", "1.00"), of("1", "1.00"), {}],
    ["no number at all", of("1", "'NaN'::float8"), of("1", "'NaN'::float8"), {}],
    ["a number beside none", of("1", "'NaN'::numeric"), of("1", "1::numeric"), { different: 1 }],
    ["jsonb in another order", of("1", `'{"a":1,"b":2}'::jsonb`), of("1", `'{"b":2,"a":1}'::jsonb`), {}],
    ["json in another order", of("1", `'{"a":1,"b":2}'::json`), of("1", `'{"b": 2,"a":1}'::json`), {}],
    ["jsonb with another value", of("1", `'{"a":1}'::jsonb`), of("1", `'{"a":2}'::jsonb`), { different: 1 }],
    ["json beside jsonb", of("1", `'{"a":1, "b":2}'::json`), of("1", `'{"b":2, "a":1}'::jsonb`), {}],
    ["nothing, and an empty text", of("1", "null::text"), of("1", "''::text"), { different: 1 }],
    ["nothing twice", of("1", "null::text"), of("1", "null::text"), {}],
    ["an integer, and a bigint", of("1", "7::int"), of("1", "7::bigint"), {}],
    [
      "a moment with other digits",
      of("1", "timestamptz '2026-01-01 10:00:00.1234Z'"),
      of("1", "timestamptz '2026-01-01 10:00:00.123Z'"),
      { different: 1 },
    ],
    [
      "a moment in another zone",
      of("1", "timestamptz '2026-01-01 10:00Z'"),
      of("1", "timestamptz '2026-01-01 11:00+01'"),
      {},
    ],
    ["no key", `${of("null::int")} union all ${of("1")}`, of("1"), {}],
    ["a key that one side has twice", of("1"), `${of("1")} union all ${of("1")}`, { different: 1 }],
    ["a key that both have twice", `${of("1")} union all ${of("1")}`, `${of("1")} union all ${of("1")}`, {}],
    ["keys that are numbers", of("1.50::numeric"), of("1.5::numeric"), { different: 1 }],
    [
      "keys that are moments",
      of("timestamptz '2026-01-01 10:00Z'"),
      of("timestamptz '2026-01-01 11:00+01'"),
      {},
    ],
    ["keys of two values", of("row(1, 2)::text"), of("'(1,2)'"), {}],
    ["keys with quotes", of(`'"it''s" \\ $1'`), of(`'"it''s" \\ $1'`, "2"), { different: 1 }],
    ["an empty key", of("''"), of("'a'"), { missing: 1, extra: 1 }],
    [
      "columns that are called as sides are",
      "select 1 as id, 2 as a, 3 as b, 4 as q",
      "select 1 as id, 2 as a, 3 as b, 5 as q",
      { different: 1 },
    ],
    [
      "columns with odd names",
      `select 1 as id, 2 as "select", 3 as "the ""Best"""`,
      `select 1 as id, 2 as "select", 3 as "the ""Best"""`,
      {},
    ],
  ])("%s", async (what, old, now, differs) => {
    await tables(old, now);
    expect(await settled(new Reconciler(settings()))).toMatchObject({ ...NONE, ...differs });
    const listed = Object.values(differs).reduce((sum, one) => sum + one, 0);
    // A join counts rows, and each of these finds its own: the list alone says how many there are.
    const counted = what.startsWith("a key that one side has twice") ? {} : differs;
    expect(await byHand(settings())).toEqual({ ...NONE, ...counted, listed });
  });
});

test("keys of any order are walked by the database's own", async () => {
  const key = `((array['ä', 'Z', 'a', 'É', '-', '_'])[1 + n % 6] || n) collate "de-x-icu"`;
  await tables(I(40_000, key), `${I(40_000, key)} where n not in (7, 20000)`);
  expect(await settled(new Reconciler(settings()))).toMatchObject({ ...NONE, missing: 2, matched: 39_998 });
});

test("keys of two orders are not compared: a walk through them would go in circles", async () => {
  await tables(I(10, `(n::text) collate "de-x-icu"`), I(10, `(n::text) collate "C"`));
  expect(await round(new Reconciler(settings()))).toEqual({
    failure: expect.stringMatching(
      /^bad-answer: id is sorted by "C" in new, and by "de-x-icu" in old: .*collate/,
    ),
  });
});

test("keys that are equal, though they are written in two ways, are one", async () => {
  await pool.query(
    "create collation if not exists anycase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
  );
  const key = (text: string) => `(${text} collate anycase)`;
  await tables(of(key("'Ab'")), of(key("'aB'")));
  function of(id: string) {
    return `select ${id} as id, 1 as value`;
  }
  expect(await settled(new Reconciler(settings()))).toMatchObject({ ...NONE, different: 1 });
  expect(await byHand(settings())).toMatchObject({ ...NONE, different: 1 });
});

test.each([
  ["a number beside a text", "1", "'1'::text"],
  ["a moment beside one without a zone", "timestamptz '2026-01-01Z'", "timestamp '2026-01-01'"],
  ["true beside 1", "true", "1"],
])("%s is no difference, but a mistake", async (_, old, now) => {
  await tables(`select 1 as id, ${old} as value`, `select 1 as id, ${now} as value`);
  expect(await round(new Reconciler(settings()))).toEqual({
    failure: expect.stringMatching(/^bad-answer: value is \S.* in old, and \S.* in new: cast one of them/),
  });
});

test("a row of the future hides no change", async () => {
  for (const future of ["'infinity'", "now() + interval '1 year'"]) {
    const at = `, case n when 5 then ${future} else now() - interval '1 day' end::timestamptz as at`;
    await tables(I(100, "n", at), I(100, "n", at));
    const reconciler = new Reconciler(settings({ changed: "at" }));
    await settled(reconciler);
    await pool.query("update old_items set value = -1, at = clock_timestamp() where id = 7");
    expect(await found(reconciler)).toMatchObject({ written: 1 });
    expect(await settled(reconciler)).toMatchObject({ ...NONE, different: 1 });
  }
});

test("what the login has set for how moments and numbers are written changes nothing", async () => {
  await pool.query(
    "alter role gates set datestyle = 'SQL, DMY'; alter role gates set timezone = 'Asia/Kolkata'; alter role gates set extra_float_digits = -10",
  );
  await openAnew();
  try {
    await tables(
      I(
        40_000,
        "timestamptz '2026-01-01' + n * interval '1 hour 1 microsecond'",
        ", now() - interval '1 day' as at",
      ),
      I(
        40_000,
        "timestamptz '2026-01-01' + n * interval '1 hour 1 microsecond'",
        ", now() - interval '1 day' as at",
      ),
    );
    const reconciler = new Reconciler(settings({ changed: "at" }));
    expect(await settled(reconciler)).toMatchObject({ ...NONE, matched: 40_000 });
    await pool.query("update new_items set value = -1, at = clock_timestamp() where value = 7");
    expect(await found(reconciler)).toMatchObject({ written: 1 });
    expect(await settled(reconciler)).toMatchObject({ ...NONE, different: 1 });
  } finally {
    await pool.query("alter role gates reset all");
  }
});
