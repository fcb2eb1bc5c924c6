import { afterAll, beforeAll, expect, it } from "vitest";
import { queryCommand } from "../../cli/query/run";
import { Ground, outcome, type TestRollout } from "./harness";
import type { StateResource } from "./state";

/** The database side of a rollout with a table of imports, through real runs of the engine. */

let ground: Ground;
let rollout: TestRollout;
const before = { ...process.env };

const IMPORTS = {
  table: "import_jobs",
  columns: { id: "id", status: "status", error: "error", started: "started_at", finished: "finished_at" },
  statuses: { succeeded: ["completed"], failed: ["failed"], running: ["running"] },
};

beforeAll(async () => {
  ground = await Ground.open();
  rollout = await ground.rollout("imports", { stacks: ["baseline"] });
  await rollout.pool.query(`
    create table import_jobs (id int primary key, status text not null, error text, started_at timestamptz not null,
      finished_at timestamptz, pipeline_version text, payload text);
    insert into import_jobs
      select i, case when i % 10 = 0 then 'failed' else 'completed' end, case when i % 10 = 0 then 'no file ' || i end,
             now() - interval '1 hour', now() - interval '59 minutes', case when i % 2 = 0 then 'v1' else 'v2' end
        from generate_series(1, 100) as i`);
});
afterAll(async () => {
  process.env = before;
  await ground?.close();
});

const mapping = (imports: object) =>
  rollout.edit("baseline", ["cutover:rollout", "database", "imports"], imports);
const up = () => rollout.up("baseline", { policyPack: "none" });
/** What the command printed, and how it ended. */
async function query(options: object): Promise<{ exit: number; text: string }> {
  // The command runs the `pulumi` that is on PATH, as a person's would.
  Object.assign(process.env, ground.sandbox.env);
  const lines: string[] = [];
  const given = { folder: rollout.project.folder, ids: [], olderThan: "2h", ...options };
  const exit = await queryCommand(given, (line) => lines.push(line));
  return { exit, text: lines.join("\n") };
}
const named = (state: readonly StateResource[], name: string) =>
  state.find(({ urn }) => urn.endsWith(`::${name}`));

it("a wrong mapping is refused by name, before anything is made", async () => {
  await mapping({ ...IMPORTS, columns: { ...IMPORTS.columns, finished: "finishd" } });
  const run = await up();
  expect(run.outcome).toBe("failed");
  expect(run.output).toContain(
    "column finishd does not exist in public.import_jobs. Did you mean finished_at?",
  );
  const state = await rollout.state("baseline");
  expect(state.filter(({ type }) => !type.startsWith("pulumi:"))).toEqual([]);
  const { rows } = await rollout.pool.query("select 1 from pg_namespace where nspname = 'cutover'");
  expect(rows).toEqual([]);
});

it("the first up declares the queries, records the baseline, and names the index that is missing", async () => {
  await mapping(IMPORTS);
  const run = await up();
  expect(run.outcome, run.output).not.toBe("failed");
  expect(run.output).toContain('create index concurrently "import_jobs_started_at_cutover"');
  const { rows } = await rollout.pool.query(
    "select imports, success_rate from cutover.q1_success_rate(now() - interval '1 day', now())",
  );
  expect(rows).toEqual([{ imports: "100", success_rate: 90 }]);
});

it("a second up changes nothing, though the table has changed", async () => {
  await rollout.pool.query("update import_jobs set status = 'failed', error = 'all broken' where id <= 50");
  expect(await outcome(up())).toBe("unchanged");
});

it("cutover query shows the answers beside the recorded ones", async () => {
  const { exit, text } = await query({ ids: ["Q1", "Q5"] });
  expect(exit).toBe(0);
  expect(text).toMatch(/success_rate\s+│ 45\s+│ 90 /);
  expect(text).toContain("No column is mapped for the pipeline's version");
  expect(text).toContain("create index concurrently");
  const { answers, baseline } = JSON.parse((await query({ ids: ["Q4"], json: true })).text);
  expect(answers).toMatchObject([
    {
      id: "Q4",
      table: {
        rows: [
          [1, "all broken", 50, expect.any(Number)],
          [2, "no file #", 5],
        ].map((row) => expect.arrayContaining(row)),
      },
    },
  ]);
  expect(baseline.answers).toHaveLength(1);
});

it("the baseline is readable with the stack alone, and in the clear nowhere", async () => {
  const { exit, text } = await query({ baseline: true });
  expect(exit).toBe(0);
  expect(text).toMatch(/success_rate\s+│ 90 /);
  expect(text).toContain("no file #");
  const state = await rollout.state("baseline");
  expect(JSON.stringify(state)).not.toContain("no file");
  expect(named(state, "imports-database-baseline")).toBeDefined();
});

it("a version column that is mapped later changes the queries, and not the baseline", async () => {
  await mapping({ ...IMPORTS, columns: { ...IMPORTS.columns, version: "pipeline_version" } });
  const run = await up();
  expect(run.outcome, run.output).not.toBe("failed");
  const { exit, text } = await query({ ids: ["Q5", "Q1"] });
  expect(exit).toBe(0);
  expect(text).toMatch(/v1\s+│ 50 /);
  expect(text).toMatch(/success_rate\s+│ 45\s+│ 90 /);
});

it("what gates may read stays theirs when more is added", async () => {
  const reads = async () => {
    const { rows } = await rollout.pool.query(
      `select array(select relname::text from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
         and has_table_privilege('cutover_gate_imports', oid, 'select') order by 1) as tables`,
    );
    return rows[0].tables;
  };
  const had = await reads();
  expect(had).toContain("patches");
  await rollout.edit("baseline", ["cutover:rollout", "database", "reads"], [...had, "rfis"]);
  expect((await up()).outcome).not.toBe("failed");
  expect(await reads()).toEqual([...had, "rfis"].sort());
});

it("another number records it anew", async () => {
  await mapping({ ...IMPORTS, baseline: 2 });
  const run = await up();
  expect(run.outcome, run.output).not.toBe("failed");
  expect((await query({ ids: ["Q1"], baseline: true })).text).toMatch(/success_rate\s+│ 45 /);
});
