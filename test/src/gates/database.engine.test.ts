import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openSandbox, type Sandbox, silentProgress } from "../../../sandbox";
import { gatePlace, openPool } from "../../../sandbox/postgres/reach";
import { openSqlSource, type Question } from "../../../src/gates/database";
import { beginReading, clientOf } from "../../../src/gates/databaseSession";
import { openProxy } from "../probe/proxy";

/** Seven open divergences, of which a policy shows the gate role none. */
const RLS = `
  create role keeper;
  create table hidden (id int, tenant text);
  insert into hidden select n, 'a' from generate_series(1, 7) n;
  alter table hidden owner to keeper;
  alter table hidden enable row level security;
  grant select on hidden to gate;
  create function hidden_open() returns bigint language sql stable security definer
    set search_path = pg_catalog, public as 'select count(*) from hidden';
  alter function hidden_open() owner to keeper;
  create role seer login password 'gate' bypassrls;
  grant select on hidden to seer;
`;

let sandbox: Sandbox;
let admin: pg.Pool;

const ASLEEP =
  "select 1 from pg_stat_activity where application_name = 'cutover-gates' and wait_event = 'PgSleep'";

beforeAll(async () => {
  sandbox = await openSandbox({ progress: silentProgress });
  admin = openPool(sandbox.postgres, 2);
  await admin.query("create table kept (id int)");
  await admin.query("insert into kept values (1)");
  await admin.query("create table secret (id int)");
  await admin.query("create role gate login password 'gate'");
  await admin.query("grant select on kept to gate");
  await admin.query(RLS);
});

afterAll(async () => {
  await admin?.end();
  await sandbox?.stop();
});

function connection(change: object = {}) {
  return { ...gatePlace(sandbox.postgres), user: "gate", password: "gate", ...change };
}

async function observe(question: Partial<Question>, change: object = {}) {
  const source = openSqlSource(connection(change));
  try {
    return await source.observe({ query: "select 1", values: [], timeout: "5s", ...question });
  } finally {
    await source.close();
  }
}

describe("a value", () => {
  it.each([
    ["a count", "select count(*) from kept", 1],
    ["a numeric", "select 0.25::numeric", 0.25],
    ["a boolean", "select true", true],
    ["text", "select 'three'", "three"],
    ["nothing", "select null::int", null],
    ["what a number cannot hold", "select 9007199254740993::int8", "9007199254740993"],
    ["not a number", "select 'NaN'::float8", "NaN"],
  ])("%s", async (_, query, value) => {
    expect(await observe({ query })).toEqual({ kind: "value", value });
  });

  it("of a query with values", async () => {
    expect(await observe({ query: "select count(*) from kept where id = $1", values: [1] })).toEqual({
      kind: "value",
      value: 1,
    });
  });
});

describe("no value", () => {
  it.each([
    ["no row", "select 1 where false", "no-data", /no row/],
    ["two rows", "select generate_series(1, 2)", "bad-answer", /more than one row/],
    ["a hundred million rows", "select generate_series(1, 100000000)", "bad-answer", /more than one row/],
    ["two columns", "select 1, 2", "bad-answer", /2 columns/],
    ["a mistake", "selec 1", "bad-answer", /syntax error/],
    ["two statements", "select 1; select 2", "bad-answer", /multiple commands/],
    ["a write hidden behind a read", "select 1; delete from kept", "bad-answer", /multiple commands/],
    ["a write", "delete from kept", "refused", /read-only|permission denied/],
    [
      "a write in a query",
      "with gone as (delete from kept returning 1) select count(*) from gone",
      "refused",
      /read-only|permission denied/,
    ],
    ["a table that is not granted", "select count(*) from secret", "refused", /permission denied/],
    ["a statement past its timeout", "select 1 from pg_sleep(5)", "timeout", /timeout/],
  ])("%s", async (_, query, failure, message) => {
    const seen = await observe({ query, timeout: "300ms" });
    expect(seen).toMatchObject({ kind: "failure", failure, message: expect.stringMatching(message) });
    expect((await admin.query("select count(*)::int as n from kept")).rows).toEqual([{ n: 1 }]);
  });

  it("a role that may write is refused by the transaction itself", async () => {
    const { user, password } = sandbox.postgres;
    const seen = await observe(
      { query: "with gone as (delete from kept returning 1) select count(*) from gone" },
      { user, password },
    );
    expect(seen).toMatchObject({
      kind: "failure",
      failure: "refused",
      message: expect.stringMatching(/read-only/),
    });
  });

  it.each([
    ["a wrong password", { password: "wrong-and-secret" }, "refused"],
    ["nobody who listens", { port: 1 }, "unreachable"],
    ["a name that does not resolve", { host: "no-such-host.invalid" }, "unreachable"],
  ])("%s, without a word of the password", async (_, change, failure) => {
    const seen = await observe({}, change);
    expect(seen).toMatchObject({ kind: "failure", failure });
    expect(JSON.stringify(seen)).not.toContain("wrong-and-secret");
  });
});

describe("a table under row-level security", () => {
  const query = "select count(*) from hidden";

  it("is an error, never an answer of fewer rows", async () => {
    expect(await observe({ query })).toEqual({
      kind: "failure",
      failure: "filtered",
      message: 'query would be affected by row-level security policy for table "hidden" (SQLSTATE 42501)',
    });
    // What the role itself says of it, or a query, changes nothing.
    await admin.query("alter role gate set row_security = on");
    expect(await observe({ query })).toMatchObject({ failure: "filtered" });
    await admin.query("alter role gate reset row_security");
    const turned = "select count(*) from hidden, (select set_config('row_security', 'on', false)) turned";
    expect(await observe({ query: turned })).toMatchObject({ failure: "filtered" });
  });

  it.each<[string, Partial<Question>, object, number]>([
    ["by a role with BYPASSRLS", { query }, { user: "seer" }, 7],
    ["by a SECURITY DEFINER function of its owner", { query: "select hidden_open()" }, {}, 7],
  ])("is counted %s", async (_, question, change, value) => {
    expect(await observe(question, change)).toEqual({ kind: "value", value });
  });

  it("is what the role may see, where that is intended, and a policy shows it something", async () => {
    const rowSecurity = { intended: "why" };
    const hidden = {
      kind: "failure",
      failure: "filtered",
      message: expect.stringContaining('create policy cutover on "hidden" for select to "gate"'),
    };
    expect(await observe({ query, rowSecurity })).toEqual(hidden);
    expect(await observe({ query: "select 0", samplesFrom: { query, values: [] }, rowSecurity })).toEqual(
      hidden,
    );
    expect(await observe({ query: "select count(*) from kept", rowSecurity })).toMatchObject({ value: 1 });
    await admin.query("create policy others on hidden for select to seer using (true)");
    await admin.query("create policy writes on hidden for update to gate using (true)");
    expect(await observe({ query, rowSecurity })).toEqual(hidden);
    await admin.query("create policy two on hidden for select to gate using (id <= 2)");
    expect(await observe({ query, rowSecurity })).toEqual({ kind: "value", value: 2 });
    expect(await observe({ query })).toMatchObject({ failure: "filtered" });
    await admin.query("drop policy two on hidden; create policy all_may on hidden using (id <= 3)");
    expect(await observe({ query, rowSecurity })).toEqual({ kind: "value", value: 3 });
  });

  it("that binds its owner, too, is an error in the owner's function", async () => {
    await admin.query("alter table hidden force row level security");
    expect(await observe({ query: "select hidden_open()" })).toMatchObject({ failure: "filtered" });
    await admin.query("alter table hidden no force row level security");
  });

  it("leaves nothing of one gate's setting to the next one", async () => {
    const source = openSqlSource(connection());
    const ask = (rowSecurity?: { intended: string }) =>
      source.observe({ query, values: [], timeout: "5s", rowSecurity });
    try {
      expect(await ask({ intended: "why" })).toMatchObject({ value: 3 });
      expect(await ask()).toMatchObject({ failure: "filtered" });
    } finally {
      await source.close();
    }
  });
});

describe("samples", () => {
  it.each<[string, string, object]>([
    ["are counted beside the value", "select count(*) from kept", { kind: "value", value: 0, samples: 1 }],
    ["that are no number", "select 'many'", { failure: "bad-answer", message: /no number of samples/ }],
    ["that are null", "select null::int", { failure: "bad-answer" }],
    [
      "that cannot be counted",
      "select count(*) from secret",
      { failure: "refused", message: /permission denied/ },
    ],
  ])("%s", async (_, counting, expected) => {
    const seen = await observe({ query: "select 0", samplesFrom: { query: counting, values: [] } });
    const { message, ...rest } = expected as { message?: RegExp };
    expect(seen).toMatchObject({ ...rest, ...(message ? { message: expect.stringMatching(message) } : {}) });
  });

  it("are of the same moment as the value", async () => {
    const asked = observe({
      query: "select count(*) from kept, pg_sleep(0.5)",
      samplesFrom: { query: "select count(*) from kept", values: [] },
    });
    await expect.poll(async () => (await admin.query(ASLEEP)).rowCount).toBeGreaterThan(0);
    await admin.query("insert into kept values (2)");
    expect(await asked).toEqual({ kind: "value", value: 1, samples: 1 });
    await admin.query("delete from kept where id = 2");
  });
});

it("a table that somebody has locked is waited for no longer than a lock may take", async () => {
  const holder = await admin.connect();
  try {
    await holder.query("begin; lock table kept in access exclusive mode");
    expect(await observe({ query: "select count(*) from kept", timeout: "30s" })).toMatchObject({
      failure: "timeout",
      message: expect.stringContaining("lock timeout"),
    });
  } finally {
    await holder.query("rollback");
    holder.release();
  }
});

describe("a database that goes away in the middle", () => {
  const ACTIVE = `select pid from pg_stat_activity
    where application_name = 'cutover-gates' and state = 'active' and wait_event = 'PgSleep'`;

  /** Cuts off whoever sleeps, and waits until somebody did. */
  async function cut(not = 0): Promise<number> {
    let pid = 0;
    await expect
      .poll(async () => {
        const { rows } = await admin.query(
          `select pg_terminate_backend(pid), pid from (${ACTIVE}) a where pid <> ${not}`,
        );
        pid = rows[0]?.pid ?? 0;
        return pid;
      })
      .toBeGreaterThan(0);
    return pid;
  }

  it("is asked once more, in the time that is left", async () => {
    const source = openSqlSource(connection());
    try {
      const asked = source.observe({ query: "select 1 from pg_sleep(2)", values: [], timeout: "60s" });
      await cut();
      expect(await asked).toEqual({ kind: "value", value: 1 });
    } finally {
      await source.close();
    }
  });

  it("without a word, as by a failover, is asked once more, and ends nothing else", async () => {
    const way = await openProxy(sandbox.postgres);
    const strays: unknown[] = [];
    const stray = (error: unknown) => strays.push(error);
    process.on("uncaughtException", stray);
    const source = openSqlSource(connection({ host: "127.0.0.1", port: way.port }));
    try {
      const asked = source.observe({ query: "select 1 from pg_sleep(2)", values: [], timeout: "60s" });
      await vi.waitFor(async () => expect((await admin.query(ASLEEP)).rowCount).toBe(1));
      await way.close();
      await way.open();
      expect(await asked).toMatchObject({ kind: "value", value: 1 });
      expect(strays).toEqual([]);
    } finally {
      process.off("uncaughtException", stray);
      await source.close();
      await way.close();
    }
  });

  it("twice is inconclusive, and says so; measured again once it is back", async () => {
    const source = openSqlSource(connection());
    try {
      const asked = source.observe({ query: "select 1 from pg_sleep(30)", values: [], timeout: "60s" });
      await cut(await cut());
      expect(await asked).toEqual({
        kind: "failure",
        failure: "unreachable",
        message: expect.stringMatching(
          /^the connection was lost while the database was asked, and then: .*57P01/,
        ),
      });
      expect(await source.observe({ query: "select 1", values: [], timeout: "5s" })).toMatchObject({
        value: 1,
      });
    } finally {
      await source.close();
    }
  });

  it("while nobody asks is not noticed", async () => {
    const source = openSqlSource(connection());
    try {
      const ask = () => source.observe({ query: "select 1", values: [], timeout: "5s" });
      expect(await ask()).toMatchObject({ value: 1 });
      await admin.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'cutover-gates'",
      );
      expect(await ask()).toMatchObject({ value: 1 });
    } finally {
      await source.close();
    }
  });
});

it("a table that somebody left in the session hides none: a pooler hands sessions on", async () => {
  const client = new pg.Client(clientOf(connection(), "somebody"));
  await client.connect();
  try {
    await client.query("create temp table kept (id int)");
    expect((await client.query("select count(*)::int as n from kept")).rows).toEqual([{ n: 0 }]);
    await beginReading(client, { schema: "public", timeoutMs: 5_000 });
    expect((await client.query("select count(*)::int as n from kept")).rows).toEqual([{ n: 1 }]);
    await client.query("rollback");
  } finally {
    await client.end();
  }
});

it("waiting for a connection does not count against a gate's timeout", async () => {
  const source = openSqlSource(connection());
  try {
    const question = { query: "select 1 from pg_sleep(0.4)", values: [], timeout: "600ms" };
    const seen = await Promise.all(Array.from({ length: 12 }, () => source.observe(question)));
    expect(seen).toEqual(Array.from({ length: 12 }, () => ({ kind: "value", value: 1 })));
  } finally {
    await source.close();
  }
});
