import { join } from "node:path";
import type pg from "pg";
import { createProgress, openSandbox, type PostgresConnection } from "../../sandbox";
import { gatePlace, openPool } from "../../sandbox/postgres/reach";
import { openSqlSource } from "../../src/gates/database";
import { TITLES } from "../../src/imports/cells";
import { importsFunctions, queryFunctions } from "../../src/imports/queries";
import { type ImportsFunction, type QueryFunction, returnsOf, SCHEMA } from "../../src/imports/queries/query";
import { indexDdl } from "../../src/imports/suggestIndex";
import { createProbe } from "../../src/probe/probe";
import { probeRows } from "../../src/probe/probedRows";
import { imports } from "../../src/rollout/config/imports";
import { loadRollout } from "../../src/rollout/load";
import { stageNamed } from "../../src/rollout/rollout";
import { type Figure, median, seconds } from "./figure";
import { serverCpuMs } from "./serverCpu";

const ROWS = 10_000_000;
const ROUNDS = 7;
const LIMIT_MS = 100;
const FACTOR = 20;
/** How often a probe measures, and how much of one core it may use. */
const PROBE_EVERY_MS = 10_000;
const PROBE_RUNS = 30;
const PROBE_SHARE = 0.01;

const MAPPING = imports.parse({
  table: "import_jobs",
  columns: {
    id: "id",
    status: "status",
    error: "error",
    started: "started_at",
    finished: "finished_at",
    version: "pipeline_version",
  },
  statuses: { succeeded: ["completed"], failed: ["failed"], running: ["queued", "running"] },
});

/**
 * Q1 to Q6 over the last 24 h of a year's history of ten million imports, with the index that cutover suggests, and
 * over all of it; then the probe's two questions, by the processor time that they cost server and client.
 */
export async function benchQueries(say: (line: string) => void): Promise<Figure[]> {
  const sandbox = await openSandbox({ progress: createProgress() });
  const pool = openPool(sandbox.postgres, 2);
  pool.on("error", () => {});
  try {
    await fillHistory(pool, say);
    const queries = queryFunctions(MAPPING, "public");
    await pool.query(`create schema ${SCHEMA}`);
    for (const one of importsFunctions(MAPPING, "public")) await pool.query(definitionOf(one));
    const figures: Figure[] = [];
    for (const query of queries) figures.push(await benchQuery(pool, query, say));
    return [...figures, await benchProbe(sandbox.postgres, say)];
  } finally {
    await pool.end();
    await sandbox.stop();
  }
}

/** A year's imports up to now, of which one in fifty failed, and the youngest still run. */
async function fillHistory(pool: pg.Pool, say: (line: string) => void): Promise<void> {
  const started = performance.now();
  await pool.query(`create table import_jobs (
    id bigint not null, status text not null, error text, started_at timestamptz not null, finished_at timestamptz,
    pipeline_version text, file_name text)`);
  await pool.query(`
    insert into import_jobs
    select i, s.status,
           case when s.status = 'failed' then
             (array['timeout after ' || i % 60 || ' s', 'no column "col_' || i % 1000 || '" in line ' || i,
                    'import ' || md5(i::text) || ' refused by the store', 'disk full'])[1 + i / 50 % 4] end,
           t.at, case when s.status <> 'running' then t.at + (i % 600) * interval '1 second' end,
           case when i % 10 = 0 then 'v2' else 'v1' end, 'upload-' || i || '.csv'
      from generate_series(1, ${ROWS}) as i,
           lateral (select now() - (${ROWS} - i) * (interval '365 days' / ${ROWS}) as at) as t,
           lateral (select case when i > ${ROWS - 100} then 'running' when i % 50 = 0 then 'failed' else 'completed' end
                      as status) as s`);
  say(`${ROWS.toLocaleString("en")} rows written after ${seconds(performance.now() - started)}`);
  await pool.query(indexDdl(MAPPING, "public"));
  await pool.query("vacuum analyze import_jobs");
  const { rows } = await pool.query("select pg_size_pretty(pg_table_size('import_jobs')) as size");
  say(`indexed and analyzed after ${seconds(performance.now() - started)}; the table has ${rows[0]?.size}`);
}

function definitionOf(query: ImportsFunction): string {
  const args = query.args.map(
    ({ name, type, default: value }) => `${name} ${type}${value === undefined ? "" : ` default ${value}`}`,
  );
  return `create function ${SCHEMA}.${query.name}(${args.join(", ")}) returns ${returnsOf(query)}
    language sql stable parallel safe as $function$${query.body}$function$`;
}

async function benchQuery(
  pool: pg.Pool,
  { id, name }: QueryFunction,
  say: (line: string) => void,
): Promise<Figure> {
  const more = id === "Q2" ? ", interval '2 hours'" : "";
  const time = async (since: string) => {
    const started = performance.now();
    const { rows } = await pool.query(`select * from ${SCHEMA}.${name}(${since}, now()${more})`);
    if (rows.length === 0) throw new Error(`${id} yields nothing`);
    return performance.now() - started;
  };
  const day: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const took = await time("now() - interval '24 hours'");
    // The first one reads from disk, and plans anew.
    if (round > 0) day.push(took);
  }
  const whole = await time("now() - interval '366 days'");
  const took = median(day);
  say(`${id}: ${ms(took)} over 24 h, ${ms(whole)} over the whole table`);
  return {
    what: `${id} over 24 h of ${ROWS / 1_000_000} million imports (${TITLES[id].toLowerCase()})`,
    shown: `${ms(took)} (median of ${ROUNDS}), ${Math.round(whole / took)} × faster than the whole table`,
    limit: `${LIMIT_MS} ms, ${FACTOR} ×`,
    ok: took <= LIMIT_MS && whole / took >= FACTOR,
  };
}

/** Real runs of the probe's own code and shipped rows, connections and all; only CloudWatch and the secret are not asked. */
async function benchProbe(connection: PostgresConnection, say: (line: string) => void): Promise<Figure> {
  const { user, password } = connection;
  const rollout = loadRollout(join(__dirname, "..", "..", "rollouts", "v2-pipeline"));
  const percent10 = stageNamed(rollout, "percent10");
  const probe = createProbe(
    {
      rollout: "v2-pipeline",
      stage: "percent10",
      login: { secretArn: "none" },
      database: gatePlace(connection),
      rows: probeRows(percent10?.abort ?? {}, rollout.parameters),
    },
    {
      readSecret: async () => JSON.stringify({ username: user, password }),
      open: openSqlSource,
      publish: async () => {},
      log: (entry) => {
        const { failures } = entry as { failures: object };
        if (Object.keys(failures).length > 0) throw new Error(`the probe fails: ${JSON.stringify(failures)}`);
      },
    },
  );
  await probe();
  const before = await serverCpuMs(connection);
  const client = process.cpuUsage();
  const started = performance.now();
  for (let run = 0; run < PROBE_RUNS; run++) await probe();
  const wall = (performance.now() - started) / PROBE_RUNS;
  const { user: own, system } = process.cpuUsage(client);
  const after = await serverCpuMs(connection);
  const clientMs = (own + system) / 1_000 / PROBE_RUNS;
  // Where the processor time of ended sessions cannot be read, the time on the clock is more than it.
  const serverMs = before === undefined || after === undefined ? wall : (after - before) / PROBE_RUNS;
  const share = (serverMs + clientMs) / PROBE_EVERY_MS;
  say(
    `probe: ${ms(serverMs)} of the server and ${ms(clientMs)} of its own per measurement, ${ms(wall)} on the clock`,
  );
  return {
    what: `the probe's processor time, measuring each ${PROBE_EVERY_MS / 1_000} s`,
    shown: `${(share * 100).toFixed(2)} % of one core (mean of ${PROBE_RUNS}; server ${ms(serverMs)}, client ${ms(clientMs)})`,
    limit: `${PROBE_SHARE * 100} %`,
    ok: share <= PROBE_SHARE,
  };
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
