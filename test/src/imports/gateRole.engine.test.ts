import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gatePlace } from "../../../sandbox/postgres/reach";
import { openSqlSource } from "../../../src/gates/database";
import { startTestServer, type TestServer } from "../../support/postgres";
import { declareOn } from "./fixtures/declared";
import { mapping, TABLE } from "./fixtures/imports";

/** What the gate role may do on a real server, once the sandbox's plugin has done what the component asks for. */

let server: TestServer;
let login: { user: string; password: string };

beforeAll(async () => {
  server = await startTestServer();
  await server.admin.query(`${TABLE};
    insert into import_jobs values ('a', 'completed', null, now() - interval '1 minute', now(), 'v2', 'private');
    create table patches (id int); insert into patches values (1);
    create table secrets (id int); insert into secrets values (1);
    create sequence counter; create function harmless() returns int language sql as 'select 1'`);
  login = await declareOn(server, { reads: ["patches"], imports: mapping() });
});
afterAll(() => server?.stop());

/** A session of the role as anyone would open it who has the password. */
async function session<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...server.connection, ...login });
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
const refused = (sql: string, before = "") =>
  session(async (client) => {
    if (before !== "") await client.query(before);
    return client.query(sql).then(
      () => "done",
      (error: { code?: string }) => error.code,
    );
  });

describe("the gate role can", () => {
  it("ask all six questions, and what alarms ask", () =>
    session(async (client) => {
      const day = "now() - interval '1 day', now()";
      for (const call of [
        `q1_success_rate(${day})`,
        `q2_stuck_imports(${day}, '2 hours')`,
        `q3_durations(${day})`,
        `q4_error_patterns(${day})`,
        `q5_versions(${day})`,
        `q6_timeline(${day})`,
        `ended_imports(${day})`,
      ])
        expect((await client.query(`select * from cutover.${call}`)).rows.length, call).toBeGreaterThan(0);
      const { rows } = await client.query(`select success_rate from cutover.q1_success_rate(${day})`);
      expect(rows).toEqual([{ success_rate: 100 }]);
    }));

  it("read the declared tables by their bare names", () =>
    session(async (client) => {
      expect((await client.query("select * from patches")).rows).toEqual([{ id: 1 }]);
    }));

  it("still ask them after a function has been replaced", async () => {
    const { rows } = await server.admin.query(
      "select pg_get_functiondef('cutover.q5_versions'::regproc) as text",
    );
    await server.admin.query(`drop function cutover.q5_versions; ${rows[0].text}`);
    expect(await refused("select * from cutover.q5_versions(now(), now())")).toBe("done");
  });
});

const DENIED = "42501";

describe("the gate role cannot", () => {
  it.each([
    ["read another table", "select * from secrets"],
    ["read a column that is not mapped", "select payload from import_jobs"],
    ["read all columns", "select * from import_jobs"],
    ["lock rows for itself", "select id from import_jobs for update"],
    ["insert", "insert into import_jobs (id) values ('x')"],
    ["update", "update import_jobs set status = 'completed'"],
    ["delete", "delete from patches"],
    ["truncate", "truncate patches"],
    ["lock a table against writers", "begin; lock table patches in access exclusive mode"],
    ["use a sequence", "select nextval('counter')"],
    ["create a table", "create table mine (id int)"],
    ["create a function in cutover", "create function cutover.mine() returns int language sql as 'select 1'"],
    [
      "replace a query",
      "create or replace function cutover.q1_success_rate() returns int language sql as 'select 1'",
    ],
    ["create a schema", "create schema mine"],
    ["create a role", "create role mine"],
    ["read passwords", "select * from pg_authid"],
    ["read files of the server", "select pg_read_file('postgresql.conf')"],
    ["run programs on the server", "copy patches to program 'cat'"],
    ["become the administrator", "set role postgres"],
    ["change the server's settings", "alter system set max_connections = 1000"],
    ["change others' settings", "alter role postgres set statement_timeout = 1"],
  ])("%s", async (_, sql) => {
    // The privilege itself is missing: also in a session that somebody has made able to write.
    expect(await refused(sql, "set default_transaction_read_only = off")).toBe(DENIED);
  });

  it.each([
    ["its limit of connections", "alter role current_user connection limit 100"],
    ["its privileges", "alter role current_user superuser"],
    ["its power over roles", "alter role current_user createrole"],
    ["whom it belongs to", "grant postgres to current_user"],
    ["what it may read", "grant select on secrets to current_user"],
    ["its settings in all databases by the server", "alter database ops set statement_timeout = 0"],
  ])("raise %s", async (_, sql) => {
    const code = await refused(sql);
    // A grant of what one does not have is no error, but has no effect.
    if (code === "done") expect(sql).toMatch(/^grant/);
    else expect(code).toBe(DENIED);
    const { rows } = await server.admin.query(
      `select rolconnlimit, rolsuper, rolcreaterole, has_table_privilege(rolname, 'secrets', 'select') as reads,
              pg_has_role(rolname, 'postgres', 'member') as member
         from pg_roles where rolname = $1`,
      [login.user],
    );
    expect(rows).toEqual([
      { rolconnlimit: 12, rolsuper: false, rolcreaterole: false, reads: false, member: false },
    ]);
  });

  it("open more connections than it is allowed", async () => {
    const clients = Array.from({ length: 13 }, () => new pg.Client({ ...server.connection, ...login }));
    for (const client of clients) client.on("error", () => {});
    const codes: unknown[] = [];
    for (const client of clients)
      codes.push(
        await client.connect().then(
          () => "connected",
          (error: { code?: string }) => error.code,
        ),
      );
    await Promise.all(clients.map((client) => client.end().catch(() => {})));
    expect(codes).toEqual([...Array(12).fill("connected"), "53300"]);
  });
});

describe("the gate role's defaults", () => {
  it("bound each session from the start", () =>
    session(async (client) => {
      const { rows } = await client.query(
        `select current_setting('statement_timeout') as statement,
                current_setting('idle_in_transaction_session_timeout') as idle,
                current_setting('search_path') as path`,
      );
      expect(rows).toEqual([{ statement: "1min", idle: "1min", path: "public" }]);
    }));

  it("can be changed by the role itself, as PostgreSQL lets any: cutover's own sessions do not go by them", async () => {
    await session(async (client) => {
      await client.query("alter role current_user set statement_timeout = 0");
      await client.query("alter role current_user set default_transaction_read_only = off");
      await client.query("alter role current_user set search_path = pg_temp, public");
    });
    const source = openSqlSource({ ...gatePlace(server.connection), ...login });
    try {
      const observe = (query: string) => source.observe({ query, values: [], timeout: "300ms" });
      expect(await observe("select 1 from pg_sleep(5)")).toMatchObject({
        kind: "failure",
        failure: "timeout",
      });
      expect(await observe("select current_setting('transaction_read_only')")).toEqual({
        kind: "value",
        value: "on",
      });
      expect(await observe("select current_setting('search_path')")).toEqual({
        kind: "value",
        value: "public, pg_temp",
      });
    } finally {
      await source.close();
      await server.admin.query(`alter role ${login.user} reset all`);
    }
  });
});
