import * as pulumi from "@pulumi/pulumi";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { judgeDatabase } from "../../../cli/doctor/judge/database";
import { seenByGates } from "../../../cli/doctor/look/database";
import { gatePlace } from "../../../sandbox/postgres/reach";
import { openSqlSource } from "../../../src/gates/database";
import type { DatabaseConnection, PasswordLogin } from "../../../src/gates/databaseConnection";
import { anyoneMay, borrowedRights, excessOf, reachOf } from "../../../src/gates/loginReach";
import { warnOfReach } from "../../../src/promotion/warnOfReach";
import { startTestServer, type TestServer } from "../../support/postgres";
import { declareOn } from "../imports/fixtures/declared";

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

async function reach() {
  const found = await reachOf(connection(), 5_000);
  if (!found) throw new Error("nothing was read");
  return found;
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
  expect(found).toMatchObject({ user: "Ops gates", attributes: [], creates: [], writes: [], borrows: [] });
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
  const warned: string[] = [];
  vi.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void warned.push(text));
  await warnOfReach(connection());
  await warnOfReach(connection("wrong"));
  await warnOfReach(undefined);
  expect(warned).toEqual([]);
  const [so, no] = ["grant insert on orders to public", "revoke insert on orders from public"];
  await during(so, no, () => warnOfReach(connection()));
  expect(warned).toEqual([expect.stringMatching(/^The gates' login: Ops gates may change rows/)]);
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
      const gates = await seenByGates(connection(), [], 5_000);
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
