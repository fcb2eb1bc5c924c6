import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { keeping, undo } from "../../../../sandbox/standin/tables/keep";
import { keyOf } from "../../../../sandbox/standin/tables/sql";
import type { Table } from "../../../../sandbox/standin/tables/state";
import { inTransaction } from "../../../../sandbox/standin/tables/transaction";
import { startTestServer, type TestServer } from "../../../support/postgres";

const existing = {
  columns: new Map(),
  generated: new Set<string>(),
  primary: ["id"],
  unique: new Set(["id"]),
};
const columns = new Map([
  ["id", "integer"],
  ["status", "text"],
]);
const table: Table = { key: keyOf({ schema: "public", name: "things" }), columns, existing };
const apart = { schema: "public", quiet: true, apart: true } as const;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.admin.query("create table things (id integer primary key, status text)");
});
beforeEach(() =>
  server.admin.query("truncate things; insert into things values (1, 'open'), (2, 'open'), (3, 'open')"),
);
afterAll(() => server?.stop());

const rows = async () =>
  (await server.admin.query("select id, status from things order by id")).rows.map(
    ({ id, status }) => `${id} ${status}`,
  );
const app = (statement: string) => server.admin.query(statement);

it("undoes its own edits alone: what the app wrote beside them stays", async () => {
  const kept = await inTransaction(server.admin, apart, (client) =>
    keeping(client, [table], async () => {
      await app("insert into things values (4, 'of the app')");
      await app("update things set status = 'moved' where id = 2");
      await client.query("update things set status = 'spoiled' where id = 1");
    }),
  );
  expect(await rows()).toEqual(["1 spoiled", "2 moved", "3 open", "4 of the app"]);
  await inTransaction(server.admin, apart, (client) => undo(client, kept));
  expect(await rows()).toEqual(["1 open", "2 moved", "3 open", "4 of the app"]);
});

it("begins anew where the app has changed the very row", async () => {
  let begun = 0;
  const kept = await inTransaction(server.admin, apart, (client) =>
    keeping(client, [table], async () => {
      if (begun++ === 0) await app("update things set status = 'moved' where id = 1");
      await client.query("update things set status = 'spoiled' where id = 1");
    }),
  );
  expect([begun, await rows()]).toEqual([2, ["1 spoiled", "2 open", "3 open"]]);
  await inTransaction(server.admin, apart, (client) => undo(client, kept));
  expect(await rows()).toEqual(["1 moved", "2 open", "3 open"]);
});
