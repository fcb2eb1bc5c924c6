import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { generate } from "selfsigned";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSandbox, type Sandbox, silentProgress } from "../../../sandbox";
import { top } from "../../../sandbox/plugin/diff";
import type { Props } from "../../../sandbox/plugin/values";
import { postgresql } from "../../../sandbox/postgres/plugin/plugin";
import { Postgres } from "../../../sandbox/postgres/plugin/session";
import { providerSettings } from "../../support/postgres";
import { Driver, live } from "../plugin/lifecycle";

const of = (name: string) => `postgresql:index/${name[0]?.toLowerCase()}${name.slice(1)}:${name}`;

describe("postgresql, on a real server", () => {
  let sandbox: Sandbox;
  let driver: Driver<Postgres>;
  let client: pg.Client;
  const database = "ops";

  beforeAll(async () => {
    sandbox = await openSandbox({ progress: silentProgress });
    const { user, password } = sandbox.postgres;
    driver = new Driver(postgresql, {
      ...reached(),
      username: user,
      password,
      connectTimeout: "5",
      superuser: "true",
    });
    client = new pg.Client({ ...sandbox.postgres });
    await client.connect();
    await client.query(`
      CREATE ROLE "the reader"; CREATE ROLE owner_a; CREATE ROLE member;
      CREATE SCHEMA app; CREATE TABLE app.patches (id int, author text); CREATE TABLE app."Odd ""name" (id int);
      CREATE SEQUENCE app.counter; CREATE FUNCTION app.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';`);
  }, 60_000);
  afterAll(async () => {
    await client?.end();
    await sandbox?.stop();
  });

  const reached = () => ({ ...providerSettings({ connection: sandbox.postgres }), database });

  it("keeps a schema", () =>
    live(driver, of("Schema"), {
      inputs: { name: 'my "schema"', owner: "owner_a" },
      updates: [{ name: "renamed" }, { owner: "postgres" }, { dropCascade: true }],
      replaces: { database: "other" },
    }));

  it("names a schema that has no name", async () => {
    const made = await driver.create(of("Schema"), {});
    expect(made.state.name).toMatch(/^it-[0-9a-f]{7}$/);
    await driver.remove(of("Schema"), made);
  });

  it("keeps a role, and never tells its password", async () => {
    await live(driver, of("Role"), {
      inputs: {
        name: "Gate's reader",
        login: true,
        password: "p'\\w",
        connectionLimit: 5,
        roles: ["member"],
        searchPaths: ["app", "My x"],
        statementTimeout: 5000,
        idleInTransactionSessionTimeout: 1000,
        validUntil: "2030-01-01 00:00:00+00",
      },
      updates: [
        { connectionLimit: 3 },
        { password: "other" },
        { roles: ["owner_a"], statementTimeout: 10 },
        { searchPaths: undefined, idleInTransactionSessionTimeout: undefined },
        { name: "renamed role" },
        { login: false, createDatabase: true, inherit: false },
        { assumeRole: "owner_a" },
      ],
      replaces: {},
      unread: ["password"],
    });
  });

  it("lets the role log in with its password", async () => {
    const role = await driver.create(of("Role"), { name: "gate", login: true, password: "s3cret;--" });
    const own = new pg.Client({ ...sandbox.postgres, user: "gate", password: "s3cret;--" });
    await own.connect();
    await own.end();
    await driver.remove(of("Role"), role);
  });

  it("is deleted by the login that made it, also by one that is no superuser", async () => {
    await client.query("CREATE ROLE maker LOGIN CREATEROLE PASSWORD 'm'");
    const settings = { ...reached(), username: "maker", password: "m", superuser: "false" };
    const maker = new Driver(postgresql, settings);
    const role = await maker.create(of("Role"), { name: "made", login: true });
    await client.query("CREATE SCHEMA made AUTHORIZATION made");
    await client.query("GRANT CREATE ON DATABASE ops TO maker");
    await maker.remove(of("Role"), role);
    const { rows } = await client.query(
      "SELECT nspowner::regrole::text AS owner FROM pg_namespace WHERE nspname = 'made'",
    );
    expect(rows).toEqual([{ owner: "maker" }]);
    await client.query("DROP SCHEMA made; DROP OWNED BY maker; DROP ROLE maker");
  });

  it("is refused to a login that is no superuser, and does not say so, once it is there: as on RDS", async () => {
    await client.query("CREATE ROLE unsaid LOGIN CREATEROLE PASSWORD 'm'");
    const unsaid = new Driver(postgresql, { ...reached(), username: "unsaid", password: "m" });
    const making = unsaid.create(of("Role"), { name: "half_made", login: true });
    await expect(making).rejects.toThrow(/permission denied for view pg_shadow/);
    // Throws where it is not there.
    await client.query("DROP ROLE half_made; DROP ROLE unsaid");
  });

  const grant = { role: "the reader", database, schema: "app" };
  it.each([
    ["a table", { objectType: "table", objects: ["patches", 'Odd "name'], privileges: ["SELECT"] }],
    ["all tables", { objectType: "table", privileges: ["SELECT", "INSERT"] }],
    ["all of everything on tables", { objectType: "table", privileges: ["ALL"], withGrantOption: true }],
    ["columns", { objectType: "column", objects: ["patches"], columns: ["author"], privileges: ["SELECT"] }],
    ["a sequence", { objectType: "sequence", objects: ["counter"], privileges: ["SELECT"] }],
    ["a function", { objectType: "function", objects: ["f(int)"], privileges: ["EXECUTE"] }],
    ["a schema", { objectType: "schema", privileges: ["USAGE"] }],
  ])("keeps a grant on %s", (_, inputs) =>
    live(driver, of("Grant"), {
      inputs: { ...grant, ...inputs },
      // Columns take exactly one.
      updates: inputs.objectType === "column" ? [] : [{ privileges: [] }, { privileges: inputs.privileges }],
      replaces: {
        role: "member",
        schema: "public",
        database: "x",
        objects: ["z"],
        withGrantOption: !("withGrantOption" in inputs),
      },
      stays: true,
      importable: false,
    }),
  );

  it("keeps a grant on the database", () =>
    live(driver, of("Grant"), {
      inputs: { role: "the reader", database, objectType: "database", privileges: ["CONNECT"] },
      updates: [{ privileges: ["CONNECT", "TEMPORARY"] }],
      replaces: { objectType: "schema" },
      stays: true,
      importable: false,
    }));

  it("finds a table that a grant on all tables does not reach", async () => {
    const made = await driver.create(of("Grant"), { ...grant, objectType: "table", privileges: ["SELECT"] });
    await client.query("CREATE TABLE app.later (id int)");
    const found = await driver.read(of("Grant"), made);
    expect(found?.inputs.privileges).toEqual([]);
    await client.query("DROP TABLE app.later");
    await driver.remove(of("Grant"), made);
  });

  it("refuses a privilege that the object does not have", async () => {
    const made = driver.create(of("Grant"), { ...grant, objectType: "schema", privileges: ["SELECT"] });
    await expect(made).rejects.toThrow("SELECT cannot be granted on a schema, only ALL, CREATE, USAGE");
  });

  it("keeps default privileges", () =>
    live(driver, of("DefaultPrivileges"), {
      inputs: { ...grant, owner: "owner_a", objectType: "table", privileges: ["SELECT"] },
      updates: [{ privileges: ["SELECT", "INSERT"] }, { privileges: [] }],
      replaces: {
        role: "x",
        owner: "y",
        schema: "public",
        objectType: "sequence",
        withGrantOption: true,
        database: "z",
      },
      stays: true,
      importable: false,
    }));

  it("keeps a function that returns a set", () =>
    live(driver, of("Function"), {
      inputs: {
        name: "a1",
        schema: "app",
        args: [
          { name: "ws", type: "text" },
          { name: "n", type: "integer", default: "1" },
        ],
        returns: "TABLE(observed bigint, sample integer)",
        language: "sql",
        volatility: "STABLE",
        body: "SELECT count(*), 1 FROM app.patches WHERE author = ws AND '$$' <> $a$'$a$",
      },
      updates: [
        { body: "SELECT 1::bigint, 2" },
        { securityDefiner: true, parallel: "SAFE" },
        { strict: true, volatility: "IMMUTABLE" },
        // A default alone is changed in place.
        {
          args: [
            { name: "ws", type: "text" },
            { name: "n", type: "integer", default: "2" },
          ],
        },
      ],
      replaces: { name: "b", schema: "public", database: "x", language: "plpgsql", returns: "int", args: [] },
    }));

  it("keeps a procedure body that came with its quotes", () =>
    live(driver, of("Function"), {
      inputs: {
        name: "f2",
        args: [{ name: "x", mode: "OUT", type: "integer" }],
        body: "AS $$\nBEGIN x := 1; END\n$$",
      },
      replaces: {},
      unread: ["body"],
    }));

  const fn = { name: "spelled", schema: "app", language: "sql", body: "SELECT 1" };
  it.each<[string, string, Props, Props, string[]]>([
    ["a result by an alias", "Function", { ...fn, returns: "int" }, { returns: "integer" }, ["returns"]],
    ["a result in capitals", "Function", { ...fn, returns: "INTEGER" }, { returns: "integer" }, ["returns"]],
    [
      "an argument by an alias",
      "Function",
      { ...fn, returns: "integer", args: [{ name: "a", type: "int" }] },
      { args: [{ name: "a", mode: "IN", type: "integer" }] },
      ["args"],
    ],
    [
      "a path with a quote",
      "Role",
      { name: "quoted", searchPaths: ['my "x"'] },
      { searchPaths: ['my ""x'] },
      [],
    ],
  ])("differs at each up, as officially: %s", async (_, name, inputs, kept, replaces) => {
    const made = await driver.create(of(name), inputs);
    expect(made.state).toMatchObject(kept);
    const diff = driver.diff(of(name), made, inputs);
    expect([[...diff.changes.keys()].map(top), diff.replaces]).toEqual([Object.keys(kept), replaces]);
    // A refresh makes it neither better nor worse.
    expect((await driver.read(of(name), made))?.inputs).toMatchObject(kept);
    await driver.remove(of(name), made);
  });

  const column = { ...grant, objectType: "column", privileges: ["SELECT"] };
  const [objects, columns] = [["patches"], ["author"]];
  it.each<[string, Props, string]>([
    [
      "two privileges on columns",
      { ...column, objects, columns, privileges: ["SELECT", "UPDATE"] },
      "a grant on columns takes exactly one privilege, not 2: declare one grant for each",
    ],
    [
      "columns of two tables",
      { ...column, objects: ["patches", "other"], columns },
      "a grant on columns takes exactly one table, not 2",
    ],
    ["no column", { ...column, objects }, "'columns' is required for the objectType 'column'"],
    [
      "columns of a table's grant",
      { ...column, objects, columns, objectType: "table" },
      "'columns' cannot be given for the objectType 'table'",
    ],
    [
      "objects in a schema's grant",
      { ...column, objects, objectType: "schema", privileges: ["USAGE"] },
      "'objects' cannot be given for the objectType 'schema'",
    ],
    [
      "two servers",
      {
        role: "the reader",
        database,
        objectType: "foreign_server",
        objects: ["a", "b"],
        privileges: ["USAGE"],
      },
      "a grant on a foreign_server takes exactly one object, not 2",
    ],
    [
      "no schema",
      { role: "the reader", database, objectType: "table", privileges: ["SELECT"] },
      "'schema' is required for the objectType 'table'",
    ],
  ])("refuses a grant that the official plugin refuses: %s", async (_, inputs, message) => {
    await expect(driver.create(of("Grant"), inputs)).rejects.toThrow(message);
  });

  it("refuses a path of two, as the official plugin does", async () => {
    const made = driver.create(of("Role"), { name: "parted", searchPaths: ["a, b"] });
    await expect(made).rejects.toThrow('a path of searchPaths cannot contain ", ": a, b');
  });

  it("keeps an extension", () =>
    live(driver, of("Extension"), {
      inputs: { name: "pgcrypto", schema: "app" },
      updates: [{ schema: "public" }],
      replaces: { name: "citext", database: "x" },
    }));

  describe("speaks to its server as its driver does", () => {
    const asked = (config: object) => {
      const { host, port, user: username, password } = sandbox.postgres;
      const session = new Postgres({ host, port, username, password, database, ...config });
      return session.read(undefined, "select ssl from pg_stat_ssl where pid = pg_backend_pid()").then(
        (rows) => rows[0]?.ssl,
        (error: Error) => error.message,
      );
    };
    const another = join(tmpdir(), `cutover-another-${process.pid}.pem`);
    beforeAll(async () => {
      const own = await generate([{ name: "commonName", value: "Another authority" }], { keyType: "ec" });
      writeFileSync(another, own.cert);
    });
    afterAll(() => rmSync(another, { force: true }));

    const UNKNOWN = /certificate/;
    it.each([
      ["nothing is said: encrypted, to anybody", () => ({}), true],
      ["require: the same", () => ({ sslmode: "require" }), true],
      [
        "require, with its authority",
        () => ({ sslmode: "require", sslrootcert: sandbox.postgres.caFile }),
        true,
      ],
      ["require, with another", () => ({ sslmode: "require", sslrootcert: another }), UNKNOWN],
      [
        "verify-full, with its authority",
        () => ({ sslmode: "verify-full", sslrootcert: sandbox.postgres.caFile }),
        true,
      ],
      ["verify-full, without one", () => ({ sslmode: "verify-full" }), UNKNOWN],
      ["verify-ca, with another", () => ({ sslmode: "verify-ca", sslrootcert: another }), UNKNOWN],
      ["disable: the server lets nobody in", () => ({ sslmode: "disable" }), /no encryption/],
      ["a mode that there is not", () => ({ sslmode: "prefer" }), /^sslmode must be .* not prefer$/],
    ])("%s", async (_, config, expected) => {
      expect(await asked(config())).toEqual(
        typeof expected === "boolean" ? expected : expect.stringMatching(expected),
      );
    });
  });

  it("says so where no server answers", async () => {
    const nobody = new Driver(postgresql, { host: "127.0.0.1", port: "1", sslmode: "disable" });
    await expect(nobody.create(of("Schema"), { name: "x" })).rejects.toThrow(
      'postgresql:index/schema:Schema "it" could not be created: no PostgreSQL server answers at 127.0.0.1:1',
    );
  });
});
