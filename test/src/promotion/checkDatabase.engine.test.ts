import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { checkDatabase } from "../../../src/promotion/checkDatabase";
import type { Rollout } from "../../../src/rollout/rollout";
import { providerSettings, startTestServer, type TestServer } from "../../support/postgres";
import { databaseOf } from "../imports/fixtures/declared";

let server: TestServer;
let warnings: string[];

beforeAll(async () => {
  server = await startTestServer();
  await server.admin.query("create table patches (id int); create view seen as select * from patches");
});
afterAll(() => server?.stop());
beforeEach(() => {
  warnings = [];
  vi.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void warnings.push(text));
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function check(
  reads: string[],
  more: object = {},
  login?: object,
  made: string[] = [],
): Promise<string> {
  const { user, password } = server.connection;
  const F3 = { source: "sql", query: "select count(*) from custody_transitions" };
  const stage = { name: "stageB", entry: {}, smoke: {}, exit: { F3 }, abort: {} };
  const database = { ...databaseOf(server, { reads: ["patches"] }), reads, login };
  const rollout = { name: "ops-view", database, stages: [stage] } as unknown as Rollout;
  const settings = { ...providerSettings(server), username: user, password, ...more };
  const keys = Object.entries(settings).map(([key, value]) => [`postgresql:${key}`, value]);
  return checkDatabase(rollout, made, Object.fromEntries(keys)).then(
    () => "fits",
    (error: Error) => error.message,
  );
}

it("finds tables and views", async () => {
  expect(await check(["patches", "seen"])).toBe("fits");
  expect(warnings).toEqual([]);
});

it("names the table that is missing, the row that reads it, and what to do", async () => {
  const said = await check(["patches", "custody_transitions"]);
  expect(said).toContain("reads, custody_transitions: there is no such table");
  expect(said).toContain("F3 of stageB asks it");
  expect(said).toContain("Name your own table");
  expect(said).not.toContain("reads, patches");
});

it("goes on where the database cannot be asked from here, and says so", async () => {
  expect(await check(["patches"], { port: "1" })).toBe("fits");
  expect(warnings).toEqual([expect.stringMatching(/^It was not looked whether .*ECONNREFUSED/)]);
});

it.each([
  ["PGOPTIONS", "-c search_path=nowhere -c default_transaction_read_only=maybe"],
  ["PGREPLICATION", "database"],
])("says nothing of the user's %s", async (name, value) => {
  vi.stubEnv(name, value);
  expect(await check(["patches"])).toBe("fits");
  expect(warnings).toEqual([]);
  vi.unstubAllEnvs();
});

it("asks nobody where nobody can log in", async () => {
  vi.stubEnv("PGPASSWORD", undefined);
  expect(await check(["patches"], { port: "1", password: undefined })).toBe("fits");
  expect(warnings).toEqual([]);
  vi.unstubAllEnvs();
});

it("names a login that is no superuser and is taken for one: on RDS nothing else says it before the role is made", async () => {
  const { user: username, password } = server.connection.admin;
  const said = await check(["patches"], { username, password });
  expect(said).toContain("postgresql:superuser: is not false, and ops_admin is no superuser");
  expect(said).toContain("pulumi config set postgresql:superuser false");
  expect(await check(["patches"], { username, password, superuser: "false" })).toBe("fits");
});

it("takes a login that IAM vouches for where the server has the role that says so, and names it where it has none", async () => {
  expect(await check([], {}, { auth: "iam" })).toBe("fits");
  await server.admin.query("alter role rds_iam rename to rds_iam_away");
  try {
    const said = await check([], {}, { auth: "iam" });
    expect(said).toContain(
      "database.login.auth: is iam, and the server has no role rds_iam, which RDS and Aurora have: nobody would ask IAM for cutover_gate_ops_view",
    );
    expect(said).toContain("Write auth: password");
    expect(await check([], {}, { auth: "password" })).toBe("fits");
  } finally {
    await server.admin.query("alter role rds_iam_away rename to rds_iam");
  }
});

it("refuses the administrator's own login as the gates'", async () => {
  const { user: username, password } = server.connection.admin;
  const said = await check([], { username, password, superuser: "false" }, { name: username });
  expect(said).toContain(
    "database.login.name: is the administrator's own login, ops_admin: gates would measure as somebody who may change everything",
  );
});

it("refuses a role that is there already, unless this stack has made it", async () => {
  const name = `Gates "of" ops`;
  expect(await check([], {}, { name })).toBe("fits");
  await server.admin.query(`create role "Gates ""of"" ops"; create role cutover_gate_ops_view`);
  try {
    const taken = (role: string) => `the role ${role} is there already, and this stack has not made it`;
    expect(await check([], {}, { name })).toContain(taken(name));
    expect(await check([], {}, { name }, [name])).toBe("fits");
    // Another rollout's, by a name that is the same once it is written in small deadLetters.
    expect(await check([])).toContain(taken("cutover_gate_ops_view"));
    // It is about to be renamed.
    expect(await check([], {}, { name: "another" }, [name])).toBe("fits");
  } finally {
    await server.admin.query(`drop role "Gates ""of"" ops", cutover_gate_ops_view`);
  }
});

it("looks at the login also where gates read no tables of their own", async () => {
  const { user: username, password } = server.connection.admin;
  expect(await check([], { username, password })).toContain("postgresql:superuser");
});
