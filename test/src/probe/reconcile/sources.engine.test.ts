import { execFile } from "node:child_process";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test, vi } from "vitest";
import { seenByGates } from "../../../../cli/doctor/look/database";
import { databaseUrl } from "../../../../sandbox/appEnv";
import { gatePlace } from "../../../../sandbox/postgres/reach";
import { Reconciler } from "../../../../src/probe/reconcile/reconciler";
import { warnOfSlow } from "../../../../src/promotion/warnOfSlow";
import { toReconcile } from "../../../../src/rollout/byHand";
import { reconciliation } from "../../../../src/rollout/config/reconcile";

import {
  found,
  I,
  NONE,
  pool,
  round,
  server,
  settings,
  settled,
  source,
  tables,
  useTwoTables,
} from "./twoTables";

useTwoTables();

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
