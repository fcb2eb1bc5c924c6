import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { seenByGates } from "../../../../cli/doctor/look/database";
import { gatePlace } from "../../../../sandbox/postgres/reach";
import { openSqlSource } from "../../../../src/gates/database";
import { askQueries, reading } from "../../../../src/imports/ask";
import { QUERY_IDS } from "../../../../src/imports/queries/query";
import { declareOn } from "../../../src/imports/fixtures/declared";
import { mapping, TABLE } from "../../../src/imports/fixtures/imports";
import { reachOf, startTestServer, type TestServer } from "../../../support/postgres";

let server: TestServer;
let port: number;
let login: { user: string; password: string };

beforeAll(async () => {
  server = await startTestServer();
  port = await server.pooler();
  await server.admin.query(`${TABLE};
    create schema "Odd name"; create table "Odd name".kept (id int); insert into "Odd name".kept values (1);
    create table kept (id int)`);
  login = await declareOn(server, {
    reads: ["kept"],
    imports: mapping(),
    login: { name: 'Gates "of" the pipeline' },
  });
  const role = pg.escapeIdentifier(login.user);
  await server.admin.query(
    `grant usage on schema "Odd name" to ${role}; grant select on "Odd name".kept to ${role}`,
  );
});
afterAll(() => server?.stop());

function settings(more: pg.ClientConfig = {}): pg.ClientConfig {
  return { ...server.connection, port, ...login, ...more };
}

async function connected<T>(work: (client: pg.Client) => Promise<T>, more?: pg.ClientConfig): Promise<T> {
  const client = new pg.Client(settings(more));
  client.on("error", () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
const owner = () => ({ user: server.connection.user, password: server.connection.password });
const refusal = (more: pg.ClientConfig) =>
  connected(async () => "connected", more).catch((error: Error) => error.message);

describe("a pooler refuses", () => {
  it.each([
    ["options", { options: "-c search_path=public" }, "unsupported startup parameter: options"],
    ["a bound on statements", { statement_timeout: 5 }, "unsupported startup parameter: statement_timeout"],
    ["a bound on locks", { lock_timeout: 5 }, "unsupported startup parameter: lock_timeout"],
    ["a client in the clear", { ssl: false }, "SSL required"],
    ["a wrong password", { password: "wrong" }, "SASL authentication failed"],
  ])("%s", async (_, more, said) => {
    expect(await refusal(more)).toEqual(said);
  });
});

describe("a pooler forgets between transactions", () => {
  it.each([
    ["what was set", "set search_path = nowhere", "select current_setting('search_path')", '"$user", public'],
    [
      "who took a lock",
      "select pg_advisory_lock(1)",
      "select count(*)::int from pg_locks where locktype = 'advisory'",
      0,
    ],
    [
      "a prepared statement",
      "prepare one as select 1",
      "select count(*)::int from pg_prepared_statements",
      0,
    ],
  ])("%s", (_, first, then, value) =>
    connected(async (client) => {
      await client.query(first);
      expect((await client.query({ text: then, rowMode: "array" })).rows).toEqual([[value]]);
    }, owner()),
  );

  it("and not within one", () =>
    connected(async (client) => {
      await client.query("begin");
      await client.query("set local statement_timeout = '7s'");
      expect((await client.query("show statement_timeout")).rows).toEqual([{ statement_timeout: "7s" }]);
      await client.query("rollback");
    }));
});

it("a statement is cancelled through it", () =>
  connected(async (client) => {
    const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
    const asleep = client.query("select pg_sleep(60)").catch((error: { code?: string }) => error.code);
    const cancelling = new (pg as unknown as { Connection: new (c: object) => pg.Connection }).Connection({});
    await expect
      .poll(
        async () =>
          (await server.admin.query("select 1 from pg_stat_activity where wait_event = 'PgSleep'")).rowCount,
      )
      .toBe(1);
    const { host } = server.connection;
    const raw = cancelling as unknown as {
      connect(port: number, host: string): void;
      on(event: string, listener: () => void): void;
      cancel(pid: number, key: number): void;
    };
    raw.on("connect", () => raw.cancel(processID, secretKey));
    raw.connect(port, host);
    expect(await asleep).toBe("57014");
  }));

describe("through a pooler", () => {
  function connection(changes: object = {}) {
    return { ...gatePlace(server.connection), port, ...login, ...changes };
  }

  it("gates are bounded, read-only, and find their tables", async () => {
    const source = openSqlSource(connection({ schema: "Odd name" }));
    try {
      const observe = (query: string) => source.observe({ query, values: [], timeout: "300ms" });
      expect(await observe("select count(*) from kept")).toEqual({ kind: "value", value: 1 });
      expect(await observe("select 1 from pg_sleep(5)")).toMatchObject({ failure: "timeout" });
      expect(await observe("delete from kept returning 1")).toMatchObject({ failure: "refused" });
      expect(await observe("select current_setting('transaction_read_only')")).toMatchObject({ value: "on" });
    } finally {
      await source.close();
    }
  });

  it.each([
    ["PGOPTIONS", "-c search_path=nowhere"],
    ["PGREPLICATION", "database"],
    ["PGSSLNEGOTIATION", "direct"],
    ["PGCLIENT_ENCODING", "LATIN1"],
    ["PGSSLMODE", "disable"],
    ["PGDATABASE", "another"],
    ["PGPASSWORD", "another"],
  ])("nothing is said of the user's %s", async (name, value) => {
    vi.stubEnv(name, value);
    try {
      const source = openSqlSource(connection());
      const seen = await source.observe({
        query: "select count(*) from kept where 'ü' <> $1",
        values: ["u"],
        timeout: "5s",
      });
      await source.close();
      expect(seen).toEqual({ kind: "value", value: 0 });
      const encoding = (client: pg.Client) => client.query("show client_encoding");
      const { rows } = await reading(connection(), 5_000, encoding);
      expect(rows).toEqual([{ client_encoding: "UTF8" }]);
      expect(await seenByGates({ stages: [] } as never, connection(), [], 5_000)).toMatchObject({ ok: true });
      expect(await reachOf(connection())).toMatchObject({ user: login.user });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("a wrong password is one, and not a database that cannot be reached", async () => {
    const source = openSqlSource(connection({ password: "wrong" }));
    try {
      expect(await source.observe({ query: "select 1", values: [], timeout: "5s" })).toMatchObject({
        failure: "refused",
      });
    } finally {
      await source.close();
    }
  });

  it("all questions to the imports have an answer", async () => {
    const hour = 3_600_000;
    const now = Date.now();
    const [since, until] = [new Date(now - hour).toISOString(), new Date(now).toISOString()];
    const answers = await askQueries(connection(), mapping(), {
      ids: QUERY_IDS,
      since,
      until,
      olderThanMs: hour,
    });
    expect(answers.map((answer) => ("failure" in answer ? answer.failure : "answered"))).toEqual(
      QUERY_IDS.map(() => "answered"),
    );
  });
});
