import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { gatePlace } from "../../../../sandbox/postgres/reach";
import { openSqlSource } from "../../../../src/gates/database";
import { Reconciler } from "../../../../src/probe/reconcile/reconciler";
import type { ReconcileSettings } from "../../../../src/probe/reconcile/settings";
import { asQuery, reconciliation, rowsToMend, writtenSince } from "../../../../src/rollout/config/reconcile";
import { startTestServer, type TestServer } from "../../../support/postgres";

let server: TestServer;
let source: ReturnType<typeof openSqlSource>;
let pool: pg.Pool;

beforeAll(async () => {
  server = await startTestServer();
  pool = server.admin;
  await pool.query("create role gates login password 'gates'");
  source = openSqlSource({
    ...gatePlace(server.connection),
    schema: "public",
    user: "gates",
    password: "gates",
  });
});
afterAll(async () => {
  await source?.close();
  await server?.stop();
});

/** Two tables of the same rows: `key` by the type that is named. */
async function tables(type: "int" | "text" | "uuid", rows: number): Promise<void> {
  const key = type === "uuid" ? "md5(n::text)::uuid" : type === "text" ? "'Ä-' || n" : "n";
  await pool.query("drop table if exists old_items, new_items");
  for (const table of ["old_items", "new_items"]) {
    await pool.query(
      `create table ${table} (id ${type} primary key, status text, at timestamptz default now() - interval '1 day')`,
    );
    await pool.query(
      `insert into ${table} (id, status) select ${key}, 'open' from generate_series(1, ${rows}) n`,
    );
    await pool.query(`create index on ${table} (at, id)`);
    await pool.query(`grant select on ${table} to gates`);
    await pool.query(`analyze ${table}`);
  }
}

const settings = (changes: Partial<ReconcileSettings> = {}): ReconcileSettings => ({
  first: { name: "old", query: "select id, status, at from old_items" },
  second: { name: "new", query: "select at, id, status from new_items" },
  key: "id",
  changed: "at",
  lagMs: 50,
  rowsPerMinute: { first: 60_000_000, later: 60_000 },
  timeoutMs: 5_000,
  ...changes,
});

const round = (reconciler: Reconciler) => reconciler.round(source, performance.now() + 15_000);
async function found(reconciler: Reconciler) {
  const read = await round(reconciler);
  if ("failure" in read) throw new Error(read.failure);
  return read.done;
}
/** Two rounds, further apart than the lag. */
async function settled(reconciler: Reconciler) {
  await found(reconciler);
  await pool.query("select pg_sleep(0.1)");
  return found(reconciler);
}
const NOTHING = { missing: 0, extra: 0, different: 0, pending: 0, more: false };

describe.each(["int", "text", "uuid"] as const)("sources with keys of type %s", (type) => {
  beforeEach(() => tables(type, 20_000));

  test("that are the same match, row for row", async () => {
    expect(await found(new Reconciler(settings()))).toEqual({
      ...{ ...NOTHING, matched: 20_000, passes: 1, written: 0, samples: {}, slow: [] },
    });
  });

  test("have their differences found, by a walk and by what changed", async () => {
    const reconciler = new Reconciler(settings());
    await pool.query(
      "delete from new_items where id = (select id from new_items order by id offset 7 limit 1)",
    );
    await pool.query(
      "delete from old_items where id = (select id from old_items order by id offset 19000 limit 1)",
    );
    await pool.query(
      "update new_items set status = 'lost' where id in (select id from new_items order by id offset 9000 limit 3)",
    );
    expect(await found(reconciler)).toMatchObject({ ...NOTHING, pending: 5, passes: 1 });
    await pool.query("select pg_sleep(0.1)");
    const first = await found(reconciler);
    expect(first).toMatchObject({ ...NOTHING, missing: 1, extra: 1, different: 3, matched: 19_995 });
    expect(first.samples.different).toHaveLength(3);
    // What changes is seen at once, wherever the walk is.
    await pool.query(
      "update old_items set status = 'closed', at = now() where id = (select max(id::text) from old_items)::text::" +
        type,
    );
    expect(await found(reconciler)).toMatchObject({ pending: 1, different: 3, written: 1 });
    await pool.query("select pg_sleep(0.1)");
    expect(await found(reconciler)).toMatchObject({ pending: 0, different: 4, written: 0 });
    await pool.query("update new_items n set status = o.status from old_items o where o.id = n.id");
    expect(await found(reconciler)).toMatchObject({ different: 0, missing: 1, extra: 1 });
  });
});

describe("a reconciler", () => {
  beforeEach(() => tables("int", 50_000));

  test("counts no row on its way, and none that was deleted a moment ago", async () => {
    const reconciler = new Reconciler(settings({ lagMs: 3_600_000 }));
    await pool.query(
      "delete from old_items where id = 5; update old_items set status = 'x', at = now() where id = 6",
    );
    expect(await settled(reconciler)).toMatchObject({ ...NOTHING, pending: 2 });
    await pool.query(
      "delete from new_items where id = 5; update new_items set status = 'x', at = now() where id = 6",
    );
    expect(await found(reconciler)).toMatchObject(NOTHING);
  });

  test("keeps to the rows that it may read in a minute, and gets through", async () => {
    const reconciler = new Reconciler(settings({ rowsPerMinute: { first: 60_000, later: 10_000 } }));
    await pool.query("update new_items set status = 'lost' where id = 49000");
    const one = await found(reconciler);
    expect(one).toMatchObject({ ...NOTHING, passes: 0, matched: 16_384 });
    // Nothing more is allowed before time has passed.
    expect((await found(reconciler)).matched).toBe(16_384);
  });

  test("finds by changes what no index leads to, and says that its walk is slow", async () => {
    await pool.query("alter table new_items drop constraint new_items_pkey");
    const { slow } = await found(new Reconciler(settings()));
    expect(slow).toEqual([
      `new: no index leads through id, so each step reads new_items as a whole. As the table's owner: create index concurrently on "public"."new_items" (id)`,
    ]);
  });

  test("asks sources as they may be written: with a semicolon, or a comment at the end", async () => {
    const [first, second] = [
      { name: "old", query: "select id, status, at from old_items;\n" },
      { name: "new", query: "select id, status, at from new_items -- the copy" },
    ];
    expect(await found(new Reconciler(settings({ first, second })))).toMatchObject({ ...NOTHING, passes: 1 });
  });

  test("tells a key that one side has twice", async () => {
    await pool.query(
      "alter table new_items drop constraint new_items_pkey; insert into new_items values (3, 'open')",
    );
    expect(await settled(new Reconciler(settings()))).toMatchObject({ ...NOTHING, different: 1 });
  });

  test.each<[string, Partial<ReconcileSettings>, RegExp]>([
    ["a key that is not there", { key: "number" }, /^bad-answer: old yields no number$/],
    ["a source that is no SQL", { second: { name: "new", query: "select from where" } }, /SQLSTATE 42601/],
    [
      "a source that writes",
      { second: { name: "new", query: "delete from new_items returning id" } },
      /SQLSTATE 42601/,
    ],
    [
      "a table that it may not read",
      { second: { name: "new", query: "select * from pg_authid" } },
      /^refused: /,
    ],
    [
      "keys of two types",
      { second: { name: "new", query: "select id::text, status, at from new_items" } },
      /^bad-answer: id is of another type in new than in old: cast one of them$/,
    ],
    [
      "other columns",
      { second: { name: "new", query: "select id, at from new_items" } },
      /^bad-answer: old and new do not yield the same columns: status$/,
    ],
    [
      "a statement that takes too long",
      { timeoutMs: 100, second: { name: "new", query: "select id, status, at from new_items, pg_sleep(1)" } },
      /^timeout: /,
    ],
  ])("says what is wrong with %s", async (_, changes, why) => {
    expect(await round(new Reconciler(settings(changes)))).toEqual({ failure: expect.stringMatching(why) });
  });

  test("is over by its deadline, however many statements there are, and goes on in the next round", async () => {
    const second = { name: "new", query: "select id, status, at from new_items, pg_sleep(0.2)" };
    const reconciler = new Reconciler(settings({ second }));
    expect(await reconciler.round(source, performance.now() + 300)).toEqual({
      failure: "timeout: the run was over before there was an answer",
    });
    expect(await found(reconciler)).toMatchObject(NOTHING);
  });

  test("goes on after a failure where it was", async () => {
    const reconciler = new Reconciler(settings());
    await found(reconciler);
    await pool.query(
      "alter table new_items rename to hidden; update old_items set status = 'x', at = now() where id = 1",
    );
    expect(await round(reconciler)).toHaveProperty("failure");
    await pool.query("alter table hidden rename to new_items");
    expect(await settled(reconciler)).toMatchObject({ ...NOTHING, different: 1 });
  });
});

test("by hand the same is asked in one statement, and the rows are named", async () => {
  await tables("int", 100);
  await pool.query(
    "delete from new_items where id = 3; update new_items set status = 'lost', at = now() where id in (4, 5); insert into new_items values (200, 'open')",
  );
  const { first, second, key, changed } = settings();
  const of = reconciliation.parse({ title: "Items", first, second, key, changed, lag: "1s" });
  const count = async (list: ("missing" | "extra" | "different")[]) =>
    (await pool.query(asQuery(of, { of: "items", count: list }).query)).rows[0].count;
  expect(await count(["missing"])).toBe("1");
  expect(await count(["extra"])).toBe("1");
  expect(await count(["different"])).toBe("2");
  expect(await count(["missing", "extra", "different"])).toBe("4");
  const { rows } = await pool.query(rowsToMend(of));
  expect(rows.map(({ key: id, old, new: now }) => [id, old?.status, now?.status])).toEqual([
    [3, "open", undefined],
    [4, "open", "lost"],
    [5, "open", "lost"],
    [200, undefined, "open"],
  ]);
  const since = writtenSince(of, "now() - interval '1 hour'") ?? "";
  expect((await pool.query(since)).rows).toEqual([{ count: "2" }]);
});
