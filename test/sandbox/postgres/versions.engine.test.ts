import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { gatePlace } from "../../../sandbox/postgres/reach";
import { callAs } from "../../../src/aws/clients";
import { openSqlSource, type Question } from "../../../src/gates/database";
import type { DatabaseConnection, GateLogin, IamLogin } from "../../../src/gates/databaseConnection";
import { excessOf } from "../../../src/gates/loginReach";
import { askQueries } from "../../../src/imports/ask";
import { QUERY_IDS } from "../../../src/imports/queries/query";
import { createProbe } from "../../../src/probe/probe";
import { declareAs, takeAway } from "../../src/imports/fixtures/declared";
import { mapping, TABLE } from "../../src/imports/fixtures/imports";
import { reachOf, startTestServer, type TestServer } from "../../support/postgres";
import { binariesOf, VERSIONS } from "../../support/postgresVersions";

/** All that a rollout asks of its database, as RDS has it, on each major version: the administrator is no superuser. */

const HOUR_MS = 3_600_000;
const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "not-a-real-one" };

/** By version; undefined where npm does not get it here, and why is printed. */
const binaries = new Map<string, string>();
for (const version of VERSIONS)
  await binariesOf(version).then(
    (bin) => binaries.set(version, bin),
    (error: Error) => console.warn(`PostgreSQL ${version} is not tested: ${error.message}`),
  );

describe.each(VERSIONS)("PostgreSQL %s", (version) => {
  const bin = binaries.get(version);
  if (bin === undefined) return it.skip("cannot be had here", () => {});
  const major = Number(version.split(".")[0]);
  let server: TestServer;
  let port: number;
  let declared: Awaited<ReturnType<typeof declareAs>>;

  beforeAll(async () => {
    server = await startTestServer(bin);
    port = await server.pooler();
    await server.admin.query(`${TABLE}; create table kept (id int); insert into kept values (1), (2), (3);
      create table private (id int);
      create table tenants (id int); insert into tenants values (1), (2); alter table tenants enable row level security`);
    const database = { reads: ["kept", "tenants"], imports: mapping(), login: { name: "Gates" } };
    declared = await declareAs(server, database, server.connection.admin);
  }, 120_000);
  afterAll(() => server?.stop());

  function connection(login: GateLogin = declared.login, through = false): DatabaseConnection {
    return { ...gatePlace(server.connection), ...(through && { port }), ...login };
  }

  async function ask(query: string, more: Partial<Question> = {}, at = connection()) {
    const source = openSqlSource(at);
    try {
      return await source.observe({ query, values: [], timeout: "5s", ...more });
    } finally {
      await source.close();
    }
  }

  it("is what runs, and its administrator is no superuser", async () => {
    const { rows } = await server.admin.query(
      "select current_setting('server_version_num')::int / 10000 as major, rolsuper from pg_roles where rolname = $1",
      [server.connection.admin.user],
    );
    expect(rows).toEqual([{ major, rolsuper: false }]);
  });

  it.each([
    ["directly", false],
    ["through a pooler", true],
  ])("gates read what they are granted, and nothing else: %s", async (_, through) => {
    const at = connection(declared.login, through);
    expect(await ask("select count(*) from kept", {}, at)).toEqual({ kind: "value", value: 3 });
    expect(await ask("select count(*) from private", {}, at)).toMatchObject({ failure: "refused" });
    expect(await ask("delete from kept returning 1", {}, at)).toMatchObject({ failure: "refused" });
  });

  it("a table under row-level security hides no row from a count", async () => {
    const query = "select count(*) from tenants";
    const rowSecurity = { rowSecurity: { intended: "the login sees its own tenants alone" } };
    expect(await ask(query)).toMatchObject({ failure: "filtered" });
    expect(await ask(query, rowSecurity)).toMatchObject({ failure: "filtered" });
    await server.admin.query(`create policy cutover on tenants for select to "Gates" using (id = 1)`);
    expect(await ask(query)).toMatchObject({ failure: "filtered" });
    expect(await ask(query, rowSecurity)).toEqual({ kind: "value", value: 1 });
  });

  it("all questions to imports are answered", async () => {
    const [since, until] = [new Date(Date.now() - HOUR_MS), new Date()].map((at) => at.toISOString());
    const asked = { ids: QUERY_IDS, since: String(since), until: String(until), olderThanMs: HOUR_MS };
    const answers = await askQueries(connection(), mapping(), asked);
    expect(answers.flatMap((one) => ("failure" in one ? [`${one.id}: ${one.failure}`] : []))).toEqual([]);
    expect(answers.map(({ id }) => id)).toEqual(QUERY_IDS);
  });

  it("a probe measures", async () => {
    const probe = createProbe(
      {
        rollout: "v2-pipeline",
        stage: "percent10",
        database: gatePlace(server.connection),
        login: { secretArn: "arn" },
        rows: { XB3: { query: "select count(*) from kept", values: [], timeout: "2s" } },
      },
      {
        readSecret: async () => JSON.stringify({ username: "Gates", password: "gate-password" }),
        open: openSqlSource,
        publish: async () => {},
        log: () => {},
      },
    );
    expect(await probe()).toMatchObject({ values: { XB3: 3 }, failures: {} });
  });

  it("what PUBLIC has beyond reading is found where this version grants it", async () => {
    const found = excessOf(await reachOf(connection())).map(({ what }) => what);
    expect(found).toEqual(
      major < 15 ? [expect.stringMatching(/^Gates may make tables and functions in public/)] : [],
    );
  });

  it("a role that the login may become, and does not inherit, is found", async () => {
    await server.admin.query(`create role writers createrole; grant insert on kept to writers;
      alter role "Gates" noinherit; grant writers to "Gates"`);
    const found = await reachOf(connection());
    expect(found).toMatchObject({ attributes: [], roles: ["writers"], writes: ["public.kept"] });
    await server.admin.query(`drop owned by writers; drop role writers; alter role "Gates" inherit`);
    expect(await reachOf(connection())).toMatchObject({ roles: [], writes: [] });
  });

  it("a login that IAM vouches for is granted, let in by a token, and taken away again", async () => {
    callAs({ credentials: KEYS });
    const wanted = { reads: ["kept"], login: { auth: "iam", name: "gates-by-iam" } };
    const byIam = await declareAs(server, wanted, server.connection.admin);
    const at = connection(byIam.login as IamLogin, true);
    expect(await ask("select count(*) from kept", {}, at)).toEqual({ kind: "value", value: 3 });
    await takeAway(byIam);
    const { rows } = await server.admin.query("select from pg_roles where rolname = 'gates-by-iam'");
    expect(rows).toEqual([]);
  });
});
