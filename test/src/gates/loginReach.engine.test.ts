import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { judgeDatabase } from "../../../cli/doctor/judge/database";
import { seenByGates } from "../../../cli/doctor/look/database";
import { gatePlace } from "../../../sandbox/postgres/reach";
import { openSqlSource } from "../../../src/gates/database";
import type { DatabaseConnection, PasswordLogin } from "../../../src/gates/databaseConnection";
import { anyoneMay, borrowedRights, excessOf } from "../../../src/gates/loginReach";
import { warnOfReach } from "../../../src/promotion/warnOfReach";
import { reachOf, startTestServer, type TestServer } from "../../support/postgres";
import { declareOn } from "../imports/fixtures/declared";

/** As PostgreSQL 16 has it; of those before, \`versions.engine.test.ts\` asks. */
const NOT_INHERITED = "with inherit false, set true";

let server: TestServer;
let login: PasswordLogin;

beforeAll(async () => {
  server = await startTestServer();
  await server.admin.query("create table patches (id int); create table orders (id int)");
  login = await declareOn(server, { reads: ["patches"], login: { name: "Ops gates" } });
});
afterAll(() => server?.stop());
afterEach(() => {
  vi.restoreAllMocks();
});

function connection(password = login.password): DatabaseConnection {
  return { ...gatePlace(server.connection), user: login.user, password };
}

const reach = () => reachOf(connection());

/** What a promotion does of it, by the connections that its gates open. */
async function warned(of = connection()): Promise<string[]> {
  const said: string[] = [];
  vi.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void said.push(text));
  const source = openSqlSource(of);
  try {
    await warnOfReach(source);
    return said;
  } finally {
    await source.close();
  }
}

/** What is found while something is so, by what makes it so and what unmakes it. */
async function during<T>(so: string, no: string, look: () => Promise<T>): Promise<T> {
  await server.admin.query(so);
  try {
    return await look();
  } finally {
    await server.admin.query(no);
  }
}

it("a login as it is made may nothing but read, beside what every login of the server may", async () => {
  const found = await reach();
  expect(found).toMatchObject({
    user: "Ops gates",
    attributes: [],
    roles: [],
    creates: [],
    writes: [],
    borrows: [],
  });
  expect(excessOf(found)).toEqual([]);
  expect(borrowedRights(found)).toBeUndefined();
  expect(anyoneMay(found)).toBe(
    "reads, and may, as any login of this server: change its own password (gates and probes are then refused, and say so); make temporary tables, which gates do not see; connect to postgres, template1",
  );
});

describe("what is found, and what is typed against it:", () => {
  it.each<[string, string, string, RegExp, RegExp]>([
    [
      "PUBLIC may make tables, as in a database of PostgreSQL 13 or 14",
      "grant create on schema public to public",
      "revoke create on schema public from public",
      /^Ops gates may make tables and functions in public, as everybody may/,
      /revoke create on schema "public" from public/,
    ],
    [
      "PUBLIC may change a table",
      "grant insert, delete on orders to public",
      "revoke insert, delete on orders from public",
      /^Ops gates may change rows of public\.orders,/,
      /revoke insert, update, delete, truncate on "public"\."orders" from "Ops gates", public/,
    ],
    [
      "one column may be changed",
      'grant update (id) on patches to "Ops gates"',
      'revoke update (id) on patches from "Ops gates"',
      /may change rows of public\.patches,/,
      /"public"\."patches"/,
    ],
    [
      "it is in a role that may",
      'create role writers; grant insert on orders to writers; grant writers to "Ops gates"',
      "drop owned by writers; drop role writers",
      /may change rows of public\.orders,/,
      /a role that it is a member of/,
    ],
    [
      "it may become one that may",
      `create role writers; grant insert on orders to writers; grant writers to "Ops gates" ${NOT_INHERITED}`,
      "drop owned by writers; drop role writers",
      /may change rows of public\.orders,/,
      /a role that it is a member of may, also one that it does not inherit/,
    ],
    [
      "it may become one that may make tables",
      `create role makers; grant create on schema public to makers; grant makers to "Ops gates" ${NOT_INHERITED}`,
      "drop owned by makers; drop role makers",
      /may make tables and functions in public,/,
      /revoke create on schema "public"/,
    ],
    [
      "it is in roles that act on the server",
      'grant pg_execute_server_program, pg_write_server_files to "Ops gates"',
      'revoke pg_execute_server_program, pg_write_server_files from "Ops gates"',
      /^Ops gates is in pg_execute_server_program, pg_write_server_files, which may more than read/,
      /: revoke "pg_execute_server_program", "pg_write_server_files" from "Ops gates";/,
    ],
    [
      "it may become one that makes roles",
      `create role keepers createrole; grant keepers to "Ops gates" ${NOT_INHERITED}`,
      "drop role keepers",
      /^Ops gates is in keepers,/,
      /revoke "keepers" from "Ops gates"/,
    ],
    [
      "somebody made it more than a login",
      'alter role "Ops gates" createrole createdb',
      'alter role "Ops gates" nocreaterole nocreatedb',
      /is CREATEROLE, CREATEDB, and was made as none of it/,
      /alter role "Ops gates" nocreaterole nocreatedb/,
    ],
  ])("%s", async (_, so, no, what, remedy) => {
    const found = await during(so, no, async () => excessOf(await reach()));
    expect(found).toEqual([{ what: expect.stringMatching(what), remedy: expect.stringMatching(remedy) }]);
    expect(excessOf(await reach())).toEqual([]);
  });

  it.each([
    ["reads alone", "grant select on orders to others", "inherit true, set true"],
    ["it can neither use nor become", "grant insert on orders to others", "inherit false, set false"],
  ])("nothing of a role that %s", async (_, granted, how) => {
    const so = `create role others; ${granted}; grant others to "Ops gates" with ${how}`;
    const found = await during(so, "drop owned by others; drop role others", reach);
    expect(excessOf(found)).toEqual([]);
  });

  it("functions that act as somebody else", async () => {
    const found = await during(
      "create function wipe() returns void language sql security definer as 'delete from orders'",
      "drop function wipe()",
      reach,
    );
    expect(borrowedRights(found)).toContain("may call public.wipe, which run with their owner's rights");
  });
});

it("a promotion warns of it, and of nothing where there is nothing, or nobody answers", async () => {
  expect(await warned()).toEqual([]);
  expect(await warned(connection("wrong"))).toEqual([]);
  expect(await warned({ ...connection(), port: 1 })).toEqual([]);
  const [so, no] = ["grant insert on orders to public", "revoke insert on orders from public"];
  expect(await during(so, no, () => warned())).toEqual([
    expect.stringMatching(/^The gates' login: Ops gates may change rows/),
  ]);
});

it("beside gates, a promotion opens no connection for it", async () => {
  const open = "select count(*)::int as n from pg_stat_activity where application_name = 'cutover-gates'";
  const source = openSqlSource(connection());
  try {
    const slow = { query: "select 1 from pg_sleep(0.5)", values: [], timeout: "5s" };
    const asked = Promise.all(Array.from({ length: 4 }, () => source.observe(slow)));
    const reading = source.reach(5_000);
    await vi.waitFor(async () => expect((await server.admin.query(open)).rows).toEqual([{ n: 4 }]));
    await asked;
    expect(await reading).toMatchObject({ user: "Ops gates" });
    expect((await server.admin.query(open)).rows).toEqual([{ n: 4 }]);
  } finally {
    await source.close();
  }
});

describe("a login that the database does not let in is told from a database that does not answer", () => {
  const asked = async (of: DatabaseConnection) => {
    const source = openSqlSource(of);
    try {
      return await source.reach(5_000);
    } finally {
      await source.close();
    }
  };

  it.each([
    [
      "its password was changed",
      `alter role "Ops gates" password 'another'`,
      () => `alter role "Ops gates" password '${login.password}'`,
      /does not take the password of Ops gates that this rollout keeps/,
    ],
    [
      "it may log in no more",
      'alter role "Ops gates" nologin',
      () => 'alter role "Ops gates" login',
      /role "Ops gates" is not permitted to log in \(SQLSTATE 28000\)/,
    ],
  ])("%s", async (_, so, no, said) => {
    const found = await during(so, no(), () => asked(connection()));
    expect(found).toEqual({ refused: expect.stringMatching(said) });
  });

  it("nobody listens", async () => {
    expect(await asked({ ...connection(), port: 1 })).toBeUndefined();
  });

  it("all of its connections are taken", async () => {
    const [so, no] = [
      'alter role "Ops gates" connection limit 0',
      'alter role "Ops gates" connection limit 12',
    ];
    expect(await during(so, no, () => asked(connection()))).toBeUndefined();
  });
});

it("a password that somebody changed is said by gates and by doctor, with how it is set back", async () => {
  const asked = { query: "select count(*) from patches", values: [], timeout: "5s" };
  const said = /does not take the password of Ops gates that this rollout keeps .* any login may its own/;
  await during(
    `alter role "Ops gates" password 'another'`,
    `alter role "Ops gates" password '${login.password}'`,
    async () => {
      const source = openSqlSource(connection());
      const seen = await source.observe(asked);
      await source.close();
      expect(seen).toMatchObject({ failure: "refused", message: expect.stringMatching(said) });
      const gates = await seenByGates({ stages: [] } as never, connection(), [], 5_000);
      const administrator = "no-password" as const;
      const found = judgeDatabase({
        first: "baseline",
        host: "db",
        administrator,
        gates,
        locate: () => "database",
      });
      expect(found).toContainEqual(
        expect.objectContaining({
          name: "gate role",
          state: "fault",
          what: expect.stringMatching(said),
          remedy: expect.stringContaining("pulumi stack output gateLogin --show-secrets -s baseline"),
        }),
      );
    },
  );
});
