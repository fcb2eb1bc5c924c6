import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadRollout } from "../../../../src/rollout/load";
import { startTestServer, type TestServer } from "../../../support/postgres";
import { holdsLaws, open } from "./support";

const PROJECT = join(__dirname, "..", "..", "..", "..");

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

describe("the tables of a shipped rollout, made up", () => {
  it("are those of ops-view", async () => {
    const opened = await open(server, loadRollout(PROJECT));
    try {
      const { tables, pool } = opened;
      expect(tables.problems).toEqual([]);
      // What the queue holds at most is a number whatever the tables hold.
      expect([...tables.lasting.keys()]).toEqual(["stageA.exit.E2.known.most.query"]);
      const { rows } = await pool.query<{ name: string }>(
        "select table_name as name from information_schema.tables where table_schema = 'public' order by 1",
      );
      expect(rows.map(({ name }) => name)).toEqual([
        "acknowledged",
        "audit_events",
        "custody_transitions",
        "patches",
        "rfis",
        "schema_migrations",
        "user_workspace_roles",
      ]);
      await holdsLaws(opened);
    } finally {
      await opened.close();
    }
  });

  it("are those of v2-pipeline", async () => {
    const of = loadRollout(join(PROJECT, "rollouts", "v2-pipeline"));
    const opened = await open(server, of, "", await functionsOf(of));
    try {
      const { tables, pool } = opened;
      expect(tables.problems).toEqual([]);
      expect([...tables.lasting.keys()]).toEqual([]);
      expect((await pool.query("select to_regclass('public.import_jobs') is not null as made")).rows).toEqual(
        [{ made: true }],
      );
      await holdsLaws(opened);
    } finally {
      await opened.close();
    }
  });
});

describe("a mapped table of imports", () => {
  it("may hold times of a zone, and no versions", async () => {
    const shipped = loadRollout(join(PROJECT, "rollouts", "v2-pipeline"));
    const { database } = shipped;
    if (!database?.imports) throw new Error("maps no table of imports");
    const { version: _, ...columns } = database.imports.columns;
    const imports = { ...database.imports, table: "My imports", columns, timeZone: "Asia/Tokyo" };
    const of = { ...shipped, database: { ...database, imports } };
    const opened = await open(server, of, "", await functionsOf(of));
    try {
      expect(opened.tables.problems).toEqual([]);
      expect([...opened.tables.lasting.keys()]).toEqual([]);
      // Without a version S2 counts all imports, and asks for one: none at all says nothing.
      expect((await opened.tables.spoil("percent10.exit.S2.query")).outcome).toBe("unclear");
      await holdsLaws(opened);
    } finally {
      await opened.close();
    }
  });
});

/** The functions that the rollout's first `up` declares. */
async function functionsOf({ database }: ReturnType<typeof loadRollout>): Promise<string> {
  const { importsFunctions } = await import("../../../../src/imports/queries");
  const { returnsOf } = await import("../../../../src/imports/queries/query");
  if (!database?.imports) throw new Error("maps no table of imports");
  const functions = importsFunctions(database.imports, database.schema).map((one) => {
    const args = one.args.map(
      ({ name, type, default: given }) => `${name} ${type}${given === undefined ? "" : ` default ${given}`}`,
    );
    return `create function cutover.${one.name}(${args.join(", ")}) returns ${returnsOf(one)} language sql stable as $body$${one.body}$body$`;
  });
  return ["create schema cutover", ...functions].join(";");
}
