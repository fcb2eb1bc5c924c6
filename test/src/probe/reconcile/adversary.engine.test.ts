import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { seenByGates } from "../../../../cli/doctor/look/database";
import { databaseUrl } from "../../../../sandbox/appEnv";
import { gatePlace } from "../../../../sandbox/postgres/reach";
import { openSqlSource } from "../../../../src/gates/database";
import { Reconciler } from "../../../../src/probe/reconcile/reconciler";
import type { ReconcileSettings } from "../../../../src/probe/reconcile/settings";
import { warnOfSlow } from "../../../../src/promotion/warnOfSlow";
import { toReconcile } from "../../../../src/rollout/byHand";
import {
  asQuery,
  COUNTS,
  type Count,
  reconciliation,
  rowsToMend,
} from "../../../../src/rollout/config/reconcile";
import { startTestServer, type TestServer } from "../../../support/postgres";

let server: TestServer;
let source: ReturnType<typeof openSqlSource>;
let pool: pg.Pool;

beforeAll(async () => {
  server = await startTestServer();
  pool = server.admin;
  await pool.query("create role gates login password 'gates'");
  await pool.query("alter default privileges in schema public grant select on tables to gates");
  const login = { user: "gates", password: "gates" };
  source = openSqlSource({ ...gatePlace(server.connection), schema: "public", ...login });
});
afterAll(async () => {
  await source?.close();
  await server?.stop();
});

const settings = (changes: Partial<ReconcileSettings> = {}): ReconcileSettings => ({
  first: { name: "old", query: "select * from old_items" },
  second: { name: "new", query: "select * from new_items" },
  key: "id",
  lagMs: 1,
  rowsPerMinute: { first: 60_000_000, later: 60_000 },
  timeoutMs: 5_000,
  ...changes,
});

async function tables(old: string, now: string): Promise<void> {
  await pool.query("drop table if exists old_items, new_items cascade");
  await pool.query(`create table old_items as ${old}`);
  await pool.query(`create table new_items as ${now}`);
}

const round = (reconciler: Reconciler) => reconciler.round(source, performance.now() + 15_000);
async function found(reconciler: Reconciler) {
  const read = await round(reconciler);
  if ("failure" in read) throw new Error(read.failure);
  return read.done;
}
/** Two rounds, further apart than the lag. */
async function settled(reconciler: Reconciler) {
  await found(reconciler);
  await pool.query("select pg_sleep(0.01)");
  return found(reconciler);
}

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

const NONE = { missing: 0, extra: 0, different: 0 };

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

const I = (n: number, key: string, more = "") =>
  `select ${key} as id, n as value${more} from generate_series(1, ${n}) n`;

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
  await source.close();
  const login = { user: "gates", password: "gates" };
  source = openSqlSource({ ...gatePlace(server.connection), schema: "public", ...login });
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

test("rows that take long are walked in shorter steps", async () => {
  await tables(I(3_000, "n"), I(3_000, "n"));
  await pool.query("create index on old_items (id); create index on new_items (id)");
  await pool.query(
    "create or replace function wide(int) returns int language plpgsql immutable as 'begin perform pg_sleep(0.0001); return $1; end'",
  );
  await pool.query("delete from new_items where id = 2500");
  const wide = (table: string) => `select id, wide(value) as value from ${table}`;
  const reconciler = new Reconciler(
    settings({
      first: { name: "old", query: wide("old_items") },
      second: { name: "new", query: wide("new_items") },
      timeoutMs: 200,
    }),
  );
  let failed = 0;
  // Whatever else keeps this machine busy: a round may be cut off, and the next one goes on where it was.
  for (let missing = 0; missing === 0; ) {
    const read = await round(reconciler);
    if ("failure" in read) failed++;
    else missing = read.done.missing;
  }
  expect(failed).toBeGreaterThan(0);
});

test("more differences than are kept are told as more, and are gone once they are mended", async () => {
  await tables(I(10_001, "n"), "select 1 as id, 1 as value where false");
  const reconciler = new Reconciler(settings());
  const first = await found(reconciler);
  expect(first).toMatchObject({ more: true, pending: 10_000 });
  await pool.query("insert into new_items select * from old_items");
  for (let rounds = 0; rounds < 11; rounds++) await found(reconciler);
  expect(await settled(reconciler)).toMatchObject({ ...NONE, pending: 0 });
});

test.each([
  ["a view", "create view old_view as select * from old_items", "select * from old_view"],
  [
    "a function",
    "create function old_rows() returns setof old_items language sql stable as 'select * from old_items'",
    "select * from old_rows()",
  ],
])("%s is a source as a table is", async (_, statement, query) => {
  await tables(I(1_000, "n"), `${I(1_000, "n")} where n <> 500`);
  await pool.query(statement);
  await pool.query("grant select on all tables in schema public to gates");
  const reconciler = new Reconciler(settings({ first: { name: "old", query } }));
  expect(await settled(reconciler)).toMatchObject({ ...NONE, missing: 1, matched: 999 });
  await pool.query("drop function if exists old_rows()");
});

test("a key of two columns is written as one, and walked by an index over that", async () => {
  const two = "select n / 10 as a, n % 10 as b, n as value from generate_series(1, 30000) n";
  await tables(two, `${two} where n <> 12345`);
  for (const table of ["old_items", "new_items"])
    await pool.query(`create index on ${table} ((a || '/' || b)); analyze ${table}`);
  const query = (table: string) => `select a || '/' || b as id, value from ${table}`;
  const reconciler = new Reconciler(
    settings({
      first: { name: "old", query: query("old_items") },
      second: { name: "new", query: query("new_items") },
    }),
  );
  expect(await settled(reconciler)).toMatchObject({
    ...NONE,
    missing: 1,
    slow: [],
    samples: { missing: ["1234/5"] },
  });
});

describe("an index that is lacking", () => {
  const { first, second, key } = settings();
  const items = () => reconciliation.parse({ title: "Items", first, second, key, changed: "At", lag: "1s" });

  /** What a promotion says of it. */
  async function warned(): Promise<string[]> {
    const said: string[] = [];
    const warn = vi.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void said.push(text));
    await warnOfSlow(source, { reconcile: { items: items() } });
    warn.mockRestore();
    return said;
  }

  test("is said at a promotion and by doctor, with what makes it, and is quiet once that was typed", async () => {
    const rows = `select n as id, n as value, now() - n * interval '1 s' as "At" from generate_series(1, 50000) n`;
    await tables(rows, rows);
    await pool.query('create index on old_items (id); create index on old_items ("At")');
    await pool.query("analyze old_items; analyze new_items");
    const typed = (columns: string) => `create index concurrently on "public"."new_items" (${columns})`;
    const owner = "so each step reads new_items as a whole. As the table's owner:";
    expect(await warned()).toEqual([
      `reconcile.items, new: no index leads through id, ${owner} ${typed("id")}.`,
      `reconcile.items, new: no index leads through At, ${owner.replace("step", "round")} ${typed('"At", id')}.`,
    ]);
    const place = { ...gatePlace(server.connection), schema: "public", user: "gates", password: "gates" };
    const stages = [{ name: "stageB", reconcile: { items: items() } }] as never;
    const doctor = async () => {
      const seen = await seenByGates({ stages }, place, [], 5_000);
      return seen.ok ? seen.value.slow.map(({ stage, of, what }) => `${stage} ${of}: ${what}`) : seen;
    };
    expect(await doctor()).toEqual([
      `stageB items: new: no index leads through id, ${owner} ${typed("id")}`,
      `stageB items: new: no index leads through At, ${owner.replace("step", "round")} ${typed('"At", id')}`,
    ]);
    await pool.query(typed("id"));
    await pool.query(typed('"At", id'));
    expect([await warned(), await doctor()]).toEqual([[], []]);
  });

  test("keeps nothing from going up where it cannot be asked", async () => {
    await pool.query("drop table new_items");
    expect(await warned()).toEqual([]);
  });
});

test("rows that lie on another server are compared by a foreign table", async () => {
  await tables(I(2_000, "n"), `${I(2_000, "n")} where n <> 5`);
  const { host, port, user, password } = server.connection;
  await pool.query(`
    create extension if not exists postgres_fdw;
    create server elsewhere foreign data wrapper postgres_fdw options (host '${host}', port '${port}', dbname 'ops', sslmode 'require');
    create user mapping for gates server elsewhere options (user '${user}', password '${password}', sslcert '/none', sslkey '/none');
    create foreign table old_there (id int, value int) server elsewhere options (table_name 'old_items')`);
  const there = settings({ first: { name: "old", query: "select * from old_there" } });
  expect(await settled(new Reconciler(there))).toMatchObject({
    ...NONE,
    missing: 1,
    matched: 1_999,
    slow: [],
  });
  await pool.query("drop server elsewhere cascade");
});

test("a server that goes away in the middle of a walk costs one round", async () => {
  await tables(I(60_000, "n"), `${I(60_000, "n")} where n <> 59999`);
  const reconciler = new Reconciler(settings({ rowsPerMinute: { first: 120_000, later: 60_000 } }));
  expect(await found(reconciler)).toMatchObject({ passes: 0 });
  await pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cutover-gates'",
  );
  let broke = 0;
  for (let missing = 0; missing === 0; ) {
    await pool.query("select pg_sleep(0.5)");
    const read = await round(reconciler);
    if ("failure" in read) broke++;
    else missing = read.done.missing;
  }
  expect(broke).toBeLessThanOrEqual(1);
});

test("what on-call is sent works as it is printed, however columns and sources are called", async () => {
  const key = 'The "Key" of $HOME `id`';
  const named = `"${key.replaceAll('"', '""')}"`;
  const rows = (n: number) =>
    `select n as ${named}, 'it''s' as "select", now() as "At!" from generate_series(1, ${n}) n`;
  await tables(rows(3), rows(2));
  const items = reconciliation.parse({
    title: "Items",
    ...{ key, changed: "At!", lag: "1s" },
    first: {
      name: `old "items" of '25`,
      query: `select ${named}, "select", "At!" from old_items -- all of them`,
    },
    second: { name: "order", query: "select * from new_items;" },
  });
  const lines = toReconcile(
    { database: { schema: "public" } as never },
    { reconcile: { items }, abort: { X1: { reconcile: { of: "items", count: ["missing"] } } } as never },
  );
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl(server.connection),
    LIVE_SINCE: "2026-01-01T00:00:00Z",
  };
  const typed = async (line = "") => (await promisify(execFile)("sh", ["-c", line], { env })).stdout.trim();
  expect(await typed(lines[0]?.differing)).toMatch(/^3\|\{.*"select": "it's".*\}\|$/);
  expect(await typed(lines[0]?.written)).toBe("2");
});
