import type pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { gatePlace } from "../../../../sandbox/postgres/reach";
import { openSqlSource } from "../../../../src/gates/database";
import type { Reconciler } from "../../../../src/probe/reconcile/reconciler";
import type { ReconcileSettings } from "../../../../src/probe/reconcile/settings";
import { startTestServer, type TestServer } from "../../../support/postgres";

export let server: TestServer;
export let source: ReturnType<typeof openSqlSource>;
export let pool: pg.Pool;

/** A database of two tables, `old_items` and `new_items`, with a login that may read them. */
export function useTwoTables(): void {
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
}

export const settings = (changes: Partial<ReconcileSettings> = {}): ReconcileSettings => ({
  first: { name: "old", query: "select * from old_items" },
  second: { name: "new", query: "select * from new_items" },
  key: "id",
  lagMs: 1,
  rowsPerMinute: { first: 60_000_000, later: 60_000 },
  timeoutMs: 5_000,
  ...changes,
});

export async function tables(old: string, now: string): Promise<void> {
  await pool.query("drop table if exists old_items, new_items cascade");
  await pool.query(`create table old_items as ${old}`);
  await pool.query(`create table new_items as ${now}`);
}

export const round = (reconciler: Reconciler) => reconciler.round(source, performance.now() + 15_000);
export async function found(reconciler: Reconciler) {
  const read = await round(reconciler);
  if ("failure" in read) throw new Error(read.failure);
  return read.done;
}
/** Two rounds, further apart than the lag. */
export async function settled(reconciler: Reconciler) {
  await found(reconciler);
  await pool.query("select pg_sleep(0.01)");
  return found(reconciler);
}

export const NONE = { missing: 0, extra: 0, different: 0 };

export const I = (n: number, key: string, more = "") =>
  `select ${key} as id, n as value${more} from generate_series(1, ${n}) n`;

/** As the login is by now. */
export async function openAnew(): Promise<void> {
  await source?.close();
  const login = { user: "gates", password: "gates" };
  source = openSqlSource({ ...gatePlace(server.connection), schema: "public", ...login });
}
