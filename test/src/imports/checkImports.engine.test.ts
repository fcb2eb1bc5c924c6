import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { administrator } from "../../../src/imports/administrator";
import { checkImports } from "../../../src/imports/checkImports";
import { readCatalog } from "../../../src/imports/readCatalog";
import { suggestIndex } from "../../../src/imports/suggestIndex";
import type { Rollout } from "../../../src/rollout/rollout";
import { providerSettings, startTestServer, type TestServer } from "../../support/postgres";
import { databaseOf } from "./fixtures/declared";
import { mapping, TABLE } from "./fixtures/imports";

let server: TestServer;
let warnings: string[];

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());
beforeEach(async () => {
  warnings = [];
  vi.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void warnings.push(text));
  await server.admin.query(`drop table if exists import_jobs; drop view if exists seen; ${TABLE}`);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Runs the check with what the provider is configured with. */
async function check(imports: object, config: object = {}): Promise<string> {
  const { user, password } = server.connection;
  const database = databaseOf(server, { imports });
  const settings = { ...providerSettings(server), username: user, password, ...config };
  const keys = Object.entries(settings).map(([key, value]) => [`postgresql:${key}`, value]);
  return checkImports({ name: "v2-pipeline", database } as Rollout, [], Object.fromEntries(keys)).then(
    () => "fits",
    (error: Error) => `${error.name}: ${error.message}`,
  );
}

describe("on a real server", () => {
  it("a mapping that fits goes through, with the index that is missing", async () => {
    expect(await check(mapping())).toBe("fits");
    expect(warnings.join("\n")).toContain(
      'create index concurrently "import_jobs_started_at_cutover" on "public"."import_jobs" ("started_at");',
    );
  });

  it("the suggested DDL works as it is told, and is not suggested again", async () => {
    await check(mapping());
    const ddl = /create index .*;/.exec(warnings.join("\n"))?.[0] ?? "none";
    await server.admin.query(ddl);
    warnings = [];
    expect(await check(mapping())).toBe("fits");
    expect(warnings.join("\n")).not.toContain("create index");
    // Only a start that may be null is worth telling of this table.
    expect(warnings).toHaveLength(1);
  });

  it("changes nothing", async () => {
    await check(mapping());
    const { rows } = await server.admin.query(
      "select count(*)::int as n from pg_indexes where tablename = 'import_jobs'",
    );
    expect(rows).toEqual([{ n: 1 }]);
  });

  it("a wrong mapping is told by name, all of it at once", async () => {
    await server.admin.query(
      "insert into import_jobs (id, status, started_at) values ('a', 'complete', now())",
    );
    const found = await check({
      ...mapping(),
      columns: { ...mapping().columns, finished: "finishd", id: "key", started: "payload" },
    });
    expect(found).toMatch(/^UserError: The mapping of imports does not fit the database ops:/);
    expect(found).toContain("column finishd does not exist in public.import_jobs. Did you mean finished_at?");
    expect(found).toContain("column key does not exist in public.import_jobs");
    expect(found).toContain("column payload is of type text, and not a timestamp with time zone");
    expect(found).toContain(
      "complete occurs in the column status, and is mapped to nothing. Write it instead of completed",
    );
  });

  it.each([
    ["a password that is refused", { password: "wrong-and-secret" }, /password authentication failed/],
    ["nobody who listens", { port: "1" }, /ECONNREFUSED/],
  ])("%s does not stop the stack, and is told without the password", async (_, config, expected) => {
    expect(await check(mapping(), config)).toBe("fits");
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(expected);
    expect(warnings.join("\n")).not.toContain("wrong-and-secret");
  });

  it("the queries of another rollout are told by its role, and its own are none of them", async () => {
    const { admin } = server;
    const role = async (name: string) =>
      admin.query(`create role ${name}; grant execute on function cutover.q1_success_rate() to ${name}`);
    await admin.query(
      "create schema cutover; create function cutover.q1_success_rate() returns int return 1",
    );
    try {
      await role("cutover_gate_v2_pipeline");
      expect(await check(mapping())).toBe("fits");
      await role("cutover_gate_orders");
      // Looks like a gate role only where _ stands for any letter.
      await role("cutoverxgatexorders");
      const found = await check(mapping());
      expect(found).toContain("are another rollout's, whose gates measure as cutover_gate_orders");
      expect(found).not.toContain("cutoverxgatexorders");
      // One that was given a name of its own is known by what it is granted beforehand, as the program grants it.
      await admin.query('alter role cutover_gate_orders rename to "Orders\' gates"');
      expect(await check(mapping())).toBe("fits");
      await admin.query(
        `alter default privileges in schema cutover grant execute on functions to "Orders' gates"`,
      );
      expect(await check(mapping())).toContain("another rollout's, whose gates measure as Orders' gates");
      await admin.query(
        `alter default privileges in schema cutover revoke execute on functions from "Orders' gates"`,
      );
      await admin.query('alter role "Orders\' gates" rename to cutover_gate_orders');
    } finally {
      await admin.query("drop schema cutover cascade");
      await admin.query("drop role cutover_gate_v2_pipeline, cutover_gate_orders, cutoverxgatexorders");
    }
  });

  it("a rollout without imports asks nobody", async () => {
    const database = databaseOf(server, { reads: ["patches"] });
    await checkImports({ name: "v2-pipeline", database } as Rollout, [], { "postgresql:port": "1" });
    expect(warnings).toEqual([]);
  });
});

describe("the catalog", () => {
  it("is read with types, enums, domains, indexes and the values that occur", async () => {
    await server.admin.query(`
      drop type if exists state cascade; drop domain if exists moment cascade;
      create type state as enum ('new', 'done', 'broken'); create domain moment as timestamptz;
      drop table import_jobs;
      create table import_jobs (id int, status state, error json, started_at moment not null, finished_at moment,
        pipeline_version smallint);
      create index by_start on import_jobs (started_at desc, status) include (id);
      create index half on import_jobs (started_at) where status = 'new';
      create index by_expression on import_jobs ((id + 1), id);
      alter table import_jobs enable row level security;
      insert into import_jobs select i, 'done', null, now(), now(), 1 + i % 2 from generate_series(1, 10) i;
      analyze import_jobs`);
    const { table, ...rest } = await readCatalog(
      server.admin,
      mapping({ timeZone: "europe/berlin" }),
      "public",
    );
    expect(rest).toEqual({
      schemas: expect.arrayContaining(["public"]),
      tables: ["import_jobs"],
      timeZoneKnown: true,
      callers: [],
    });
    expect(table).toEqual({
      kind: "r",
      rowSecurity: true,
      rows: 10,
      columns: [
        { name: "id", type: "integer", category: "N", notNull: false },
        { name: "status", type: "state", category: "E", notNull: false, labels: ["new", "done", "broken"] },
        { name: "error", type: "json", category: "U", notNull: false },
        { name: "started_at", type: "timestamp with time zone", category: "D", notNull: true },
        { name: "finished_at", type: "timestamp with time zone", category: "D", notNull: false },
        { name: "pipeline_version", type: "smallint", category: "N", notNull: false },
      ],
      indexes: [
        { name: "by_expression", method: "btree", columns: [null, "id"], valid: true, partial: false },
        { name: "by_start", method: "btree", columns: ["started_at", "status"], valid: true, partial: false },
        { name: "half", method: "btree", columns: ["started_at"], valid: true, partial: true },
      ],
      statuses: ["done"],
      versions: ["1", "2"],
    });
  });

  it("tells of a table, a column and a zone that are not there", async () => {
    const gone = await readCatalog(server.admin, mapping({ table: "jobs", timeZone: "Mars" }), "public");
    expect(gone).toMatchObject({ table: undefined, tables: ["import_jobs"], timeZoneKnown: false });
    const { table } = await readCatalog(server.admin, mapping({ columns: { status: "state" } }), "public");
    expect(table?.statuses).toBeUndefined();
  });

  it("knows a view, on which no index can be made", async () => {
    await server.admin.query("create view seen as select * from import_jobs");
    const given = mapping({ table: "seen" });
    const { table } = await readCatalog(server.admin, given, "public");
    expect(table).toMatchObject({ kind: "v", indexes: [] });
    expect(table && suggestIndex(given, "public", table)?.ddl).toMatch(/^--/);
    await server.admin.query("drop view seen");
  });
});

describe("the administrator's login", () => {
  const CA = { rejectUnauthorized: true, checkServerIdentity: expect.any(Function) };
  const database = { host: "db.internal", port: 5433, name: "ops", ssl: "verify-full" } as const;

  it("is the provider's own, in the database of the gates", () => {
    const config = {
      "postgresql:host": "db",
      "postgresql:port": "6000",
      "postgresql:username": "dba",
      "postgresql:password": "secret",
      "postgresql:sslmode": "verify-full",
      "postgresql:database": "postgres",
    };
    expect(administrator(database, config, {})).toMatchObject({
      host: "db",
      port: 6000,
      user: "dba",
      password: "secret",
      database: "ops",
      ssl: { rejectUnauthorized: true },
    });
  });

  it("falls back to libpq's variables, and then to the gates' server", () => {
    expect(administrator(database, {}, { PGHOST: "other", PGUSER: "me", PGPASSWORD: "p" })).toMatchObject({
      host: "other",
      port: 5433,
      user: "me",
      password: "p",
    });
    expect(administrator(database, {}, {})).toMatchObject({ host: "db.internal", user: "postgres" });
  });

  it.each([
    ["encrypted, to anybody, where nothing is said", {}, {}, { rejectUnauthorized: false }],
    ["in the clear where that is said", { sslmode: "disable" }, {}, false],
    ["as libpq's variable says", {}, { PGSSLMODE: "disable" }, false],
    ["require: encrypted, to anybody", { sslmode: "require" }, {}, { rejectUnauthorized: false }],
    ["require, with an authority: looked at, whatever its name", { sslmode: "require" }, { root: true }, CA],
    ["verify-ca: the same", { sslmode: "verify-ca" }, { root: true }, CA],
  ])(
    "speaks as the provider's driver does: %s",
    (_, config, { root, ...env }: Record<string, unknown>, ssl) => {
      const told = { ...config, ...(root ? { sslrootcert: server.connection.caFile } : {}) };
      const keys = Object.entries(told).map(([key, value]) => [`postgresql:${key}`, value]);
      const seen = administrator(database, Object.fromEntries(keys), env as NodeJS.ProcessEnv).ssl;
      expect(seen).toEqual(ssl === CA ? { ...CA, ca: server.connection.ssl.ca } : ssl);
    },
  );
});
