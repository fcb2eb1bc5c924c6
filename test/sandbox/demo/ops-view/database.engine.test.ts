import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KNOWN } from "../../../../sandbox/demo/ops-view/known-items";
import { migrate, rollback012And013 } from "../../../../sandbox/demo/ops-view/migrate";
import { seed } from "../../../../sandbox/demo/ops-view/seed";
import { loadRollout } from "../../../../src/rollout/load";
import { milliseconds, showDuration } from "../../../../src/text/duration";
import { type Demo, openDemo, TOKENS } from "./demo";

const ROOT = join(__dirname, "..", "..", "..", "..");

let demo: Demo;

beforeAll(async () => {
  demo = await openDemo();
});
afterAll(() => demo?.close());

async function value(sql: string): Promise<unknown> {
  const { rows } = await demo.pool.query<Record<string, unknown>>(sql);
  return Object.values(rows[0] ?? {})[0];
}

describe("migrations and seed", () => {
  const a1 = "select count(*)::int from schema_migrations where version in ('012', '013')";

  it("stop short of the cutover's own, and can be seeded there", async () => {
    expect(await migrate(demo.pool, "011")).toEqual(["001", "004", "007", "009", "011"]);
    await seed(demo.pool, { tokens: TOKENS });
    expect(await value(a1)).toBe(0);
    expect(await value("select count(*)::int from patches where workspace_id = 'ws-ops'")).toBe(
      KNOWN.patches,
    );
    expect(await value("select count(*)::int from user_workspace_roles where role = 'admin'")).toBe(1);
  });

  it("finish once, also when two run at the same time", async () => {
    const applied = await Promise.all([migrate(demo.pool), migrate(demo.pool)]);
    expect(applied.flat()).toEqual(["012", "013"]);
    expect(await value(a1)).toBe(2);
  });

  it("seed again without doubling anything, with new tokens, none of them readable", async () => {
    await seed(demo.pool, { tokens: { ...TOKENS, admin: "t-admin-2" } });
    expect(await value("select count(*)::int from patches")).toBe(KNOWN.patches);
    const { rows } = await demo.pool.query("select * from user_workspace_roles");
    expect(JSON.stringify(rows)).not.toContain("t-admin");
    expect(rows).toHaveLength(5);
  });

  it("R4: roll back by the runbook's SQL in the time that its row allows, apply again, and lose no item", async () => {
    const { within = "" } = loadRollout(ROOT).rollback?.R4 ?? {};
    const began = performance.now();
    await rollback012And013(demo.pool);
    const tookMs = performance.now() - began;
    console.log(`R4: ${showDuration(tookMs)}, of ${within} allowed`);
    expect(tookMs).toBeLessThan(milliseconds(within));
    expect(await value(a1)).toBe(0);
    await expect(demo.pool.query("select custody_status from rfis")).rejects.toThrow("custody_status");
    expect(await migrate(demo.pool)).toEqual(["012", "013"]);
    expect(await value("select count(*)::int from patches")).toBe(KNOWN.patches);
  });

  it("leave nothing half-applied where one fails", async () => {
    await rollback012And013(demo.pool);
    await demo.pool.query("create function record_rfi_transition() returns int language sql as 'select 1'");
    await expect(migrate(demo.pool)).rejects.toThrow("already exists");
    await expect(demo.pool.query("select custody_status from rfis")).rejects.toThrow("custody_status");
    expect(await value(a1)).toBe(0);
    await demo.pool.query("drop function record_rfi_transition()");
    expect(await migrate(demo.pool)).toEqual(["012", "013"]);
  });
});

describe("the questions of the gates", () => {
  it("are answered to a role that may only select", async () => {
    const { pool, sandbox } = demo;
    await pool.query("create role gates login password 'gates'");
    await pool.query("grant select on all tables in schema public to gates");
    const gates = new Client({ ...sandbox.postgres, user: "gates", password: "gates" });
    await gates.connect();
    try {
      for (const sql of [
        "select count(*) from schema_migrations where version in ('012', '013')",
        "select count(*) from patches where workspace_id = 'ws-ops'",
        "select count(*) from user_workspace_roles where workspace_id = 'ws-ops' and role = 'admin'",
        "select count(*) from audit_events where timestamp_iso > now() - interval '10 minutes'",
        "select count(*) from acknowledged where told_at > now() - interval '48 hours'",
        "select count(*) from (select from batches group by workspace_id, file, revision having count(*) > 1) doubled",
      ]) {
        expect((await gates.query(sql)).rows).toHaveLength(1);
      }
      await expect(gates.query("delete from patches")).rejects.toThrow("permission denied");
      await pool.query(
        "insert into workspaces values ('test-1', 'A test'); insert into users values ('x', 'x')",
      );
      await pool.query("insert into user_workspace_roles values ('test-1', 'x', 'admin')");
      const admins = "select count(*)::int as n from user_workspace_roles where workspace_id = 'test-1'";
      expect((await pool.query(admins)).rows).toEqual([{ n: 1 }]);
      expect((await gates.query(admins)).rows).toEqual([{ n: 0 }]);
      await gates.query("set row_security = off");
      await expect(gates.query(admins)).rejects.toThrow("row-level security policy");
    } finally {
      await gates.end();
    }
  });
});
