import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadRollout } from "../../../../src/rollout/load";
import { startTestServer, type TestServer } from "../../../support/postgres";
import { allOutcomes, asking, holdsLaws, type Opened, open } from "./support";

const PROJECT = join(__dirname, "..", "..", "..", "..");

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.stop());

/** The demo's own migrations, and rows over which its gates hold. */
function opsView(): string {
  const folder = join(PROJECT, "sandbox", "demo", "ops-view", "migrations");
  const migrations = readdirSync(folder)
    .sort()
    .map((file) => readFileSync(join(folder, file), "utf8"));
  return [
    ...migrations,
    `create table schema_migrations (version text primary key);
     insert into schema_migrations values ('012'), ('013');
     insert into workspaces values ('ws-ops', 'Operations');
     insert into users values ('ana', 'Ana'), ('ada', 'Ada');
     insert into user_workspace_roles values ('ws-ops', 'ana', 'analyst', 'a'), ('ws-ops', 'ada', 'admin', 'b');
     insert into patches (id, workspace_id, author_id, record_id, field_key, intent)
       select 'p' || i, 'ws-ops', 'ana', 'r', 'f', 'i' from generate_series(1, 12) i;
     insert into rfis (id, workspace_id, author_id, question, target_record_id) values ('q', 'ws-ops', 'ana', '?', 'r');
     -- Their times lie ahead: they are within each window, however long the test takes.
     insert into custody_transitions
         (workspace_id, entity_kind, entity_id, entity_version, from_status, to_status, occurred_at)
       select 'ws-ops', 'patch', 'p1', i, 'Draft', 'Submitted', now() + interval '1 hour' from generate_series(1, 12) i;
     insert into audit_events (workspace_id, actor_id, action, entity_kind, entity_id, entity_version, timestamp_iso)
       select 'ws-ops', 'ana', 'moved', 'patch', 'p1', i, now() + interval '1 hour' from generate_series(1, 12) i;
     insert into acknowledged (id, version, status, told_at)
       select id, version, status, now() + interval '1 hour' from patches`,
  ].join(";\n");
}

/** All rows of all tables, as text. */
async function everything({ pool }: Opened): Promise<Record<string, string[]>> {
  const { rows } = await pool.query<{ name: string }>(
    "select quote_ident(table_name) as name from information_schema.tables where table_schema = 'public' order by 1",
  );
  const all: Record<string, string[]> = {};
  for (const { name } of rows) {
    const { rows: lines } = await pool.query<{ line: string }>(
      `select t::text as line from ${name} t order by 1`,
    );
    all[name] = lines.map(({ line }) => line);
  }
  return all;
}

describe("tables that were there before", () => {
  it("are left as they are, and come back exactly after each question was spoiled", async () => {
    const opened = await open(server, loadRollout(PROJECT), opsView());
    try {
      const { tables } = opened;
      expect(tables.problems).toEqual([]);
      const before = await everything(opened);
      await tables.calm();
      expect(await everything(opened)).toEqual(before);
      for (const { id } of tables.questions) {
        if (id === "stageA.exit.E2.known.most.query") continue;
        expect([id, (await tables.spoil(id)).outcome]).toEqual([id, "bad"]);
        expect([id, (await allOutcomes(opened))[id]]).toEqual([id, "bad"]);
        await tables.refresh();
        expect([id, (await allOutcomes(opened))[id]]).toEqual([id, "bad"]);
        await tables.calm();
        expect([id, await everything(opened)]).toEqual([id, before]);
      }
    } finally {
      await opened.close();
    }
  });

  it("stand beside made-up ones", async () => {
    const opened = await open(
      server,
      asking([
        ["select count(*) from owned o join made m on m.owned_id = o.id where m.state = 'late'", { eq: 0 }],
        ["select count(*) from made where state = 'done'", { gte: 3 }],
        ["select count(*) from owned where weight > 10", { gte: 1 }],
      ]),
      `create table owned (id uuid primary key default gen_random_uuid(), weight int not null check (weight >= 0),
         doubled int generated always as (weight * 2) stored, name "char", at timestamptz default now());
       insert into owned (weight, name) values (11, 'x'), (3, null)`,
    );
    try {
      const before = (await everything(opened)).owned;
      await holdsLaws(opened);
      expect((await everything(opened)).owned).toEqual(before);
    } finally {
      await opened.close();
    }
  });

  it("keep what their app does meanwhile", async () => {
    const opened = await open(
      server,
      asking([["select count(*) from jobs where state = 'failed'", { eq: 0 }]]),
      "create table jobs (id int primary key, state text); insert into jobs values (1, 'done'), (2, 'done')",
    );
    try {
      const { tables, pool } = opened;
      await tables.calm();
      await tables.spoil("baseline.exit.A1.query");
      await pool.query("insert into jobs values (100, 'new')");
      await pool.query("update jobs set state = 'mended' where state = 'failed'");
      await tables.calm();
      const { rows } = await pool.query("select id, state from jobs order by id");
      expect(rows).toEqual([
        { id: 1, state: "done" },
        { id: 2, state: "done" },
        { id: 100, state: "new" },
      ]);
    } finally {
      await opened.close();
    }
  });

  it("are named where they cannot be spoiled", async () => {
    const opened = await open(
      server,
      asking([["select count(*) from fixed where kind = 'a' or kind <> 'a'", { gte: 0 }]]),
      "create table fixed (kind text); insert into fixed values ('a')",
    );
    try {
      const { tables } = opened;
      await expect(tables.spoil("baseline.exit.A1.query")).rejects.toThrow(
        "Pulumi.baseline.yaml cutover:stage.exit.A1.query: cannot be made to fail",
      );
      expect([...tables.lasting.keys()]).toEqual(["baseline.exit.A1.query"]);
      await expect(tables.spoil("baseline.exit.A2.query")).rejects.toThrow("is no query of this rollout");
    } finally {
      await opened.close();
    }
  });
});
