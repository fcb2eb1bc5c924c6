import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { migrate } from "../../../sandbox/demo/ops-view/migrate";
import { createTables } from "../../../sandbox/demo/v2-pipeline/store";
import { openSqlSource } from "../../../src/gates/database";
import type { ReadingSource } from "../../../src/gates/databaseReading";
import type { Gate } from "../../../src/gates/gate";
import { judgeInScope, type Outcome } from "../../../src/gates/judge";
import type { Sources } from "../../../src/gates/look";
import { importsFunctions } from "../../../src/imports/queries";
import { returnsOf, SCHEMA } from "../../../src/imports/queries/query";
import { probeRows } from "../../../src/probe/probedRows";
import { Reconciliations } from "../../../src/probe/reconcile/reconciliations";
import { countedRows, reconciliations } from "../../../src/probe/reconcile/settings";
import { measureRows } from "../../../src/probe/run";
import { observe } from "../../../src/promotion/measure";
import { prove } from "../../../src/promotion/prove";
import type { ImportsConfig } from "../../../src/rollout/config/imports";
import type { Rollout, Stage } from "../../../src/rollout/rollout";
import { Otherwise, same, type Tools, there } from "../behaviour";
import { DAY } from "./clock";
import { sourcesOf, stageOf } from "./gates";

const ROLE = "gates_of_behaviours";
const PASSWORD = "only-in-a-test";

/** A rollout's database as its gates see it: with the rights, and the questions, that the rollout declares. */
export interface Asking {
  readonly pool: pg.Pool;
  readonly sql: ReturnType<typeof openSqlSource>;
  /** How a gate comes out while its stage has been live for so long; default: a day. */
  outcomeOf(gate: Gate, promoted: string, liveMs?: number): Promise<Outcome>;
  /** What the probe publishes for a row. */
  probed(stage: string, row: string): Promise<number>;
  /** Whether a gate is seen to fail on what is known to be bad. */
  proves(gate: Gate, promoted: string, more?: Partial<Sources>): Promise<void>;
}

const made = new WeakMap<
  pg.Pool,
  { sql: ReturnType<typeof openSqlSource>; granted: string; functions: string }
>();

/** Makes the tables of the rollout's app once, and grants and declares anew what another rollout says of them. */
export async function asking(rollout: Rollout, tools: Tools): Promise<Asking> {
  const { pool, place, schemaOf } = await tools.database();
  const schema = await schemaOf(rollout.name, rollout.name === "ops-view" ? migrate : createTables);
  const had = made.get(schema) ?? {
    ...{ granted: "", functions: "" },
    sql: openSqlSource({ ...place(rollout.name), user: ROLE, password: PASSWORD }),
  };
  made.set(schema, had);
  const { reads = [], imports } = rollout.database ?? {};
  const granted = JSON.stringify([reads, imports]);
  if (granted !== had.granted) await grant(pool, schema, reads, imports);
  const functions = JSON.stringify(imports ?? null);
  if (functions !== had.functions) await declare(schema, rollout);
  Object.assign(had, { granted, functions });
  const { sql } = had;
  const standing = (promoted: string, liveMs = DAY) => {
    const sources = sourcesOf({ rollout, promoted, liveMs });
    const completedAt = new Date(Date.now() - liveMs).toISOString();
    return {
      ...sources,
      sql,
      ledger: { ...sources.ledger, live: { ...sources.ledger.live, completedAt } },
    } as typeof sources;
  };
  return {
    pool: schema,
    sql,
    async outcomeOf(gate, promoted, liveMs) {
      const sources = standing(promoted, liveMs);
      const observation = await observe(gate, sources, sql, {});
      const live = { liveSince: sources.ledger.live?.completedAt ?? "", liveDeployment: 2 };
      return judgeInScope(gate, observation, live, { now: Date.now(), timeScale: 1, attempt: 1 }).outcome;
    },
    async probed(stage, row) {
      const found = stageOf(rollout, stage);
      const { abort } = found;
      if (abort[row]?.reconcile) return compared(found, row, sql);
      const asked = probeRows({ [row]: there(abort[row], `the abort row ${row}`) }, rollout.parameters);
      const { values, failures } = await measureRows(asked, sql, performance.now() + 10_000);
      if (values[row] === undefined)
        throw new Otherwise(`the probe of ${row} has no answer: ${JSON.stringify(failures)}`);
      return values[row];
    },
    async proves(gate, promoted, more = {}) {
      const login = { ...place(rollout.name), user: ROLE, password: PASSWORD };
      const [proof] = await prove([gate], { ...standing(promoted), ...more, database: login }, 1);
      same(proof?.outcome, "proven", `what is known to be bad for ${gate.id}`);
    },
  };
}

/** Two rounds of what the probe compares, as if the lag were over between them. */
async function compared(stage: Stage, row: string, sql: ReadingSource): Promise<number> {
  const reconcile = Object.fromEntries(
    Object.entries(reconciliations(stage)).map(([name, one]) => [name, { ...one, lagMs: 1 }]),
  );
  const all = new Reconciliations({ reconcile, counted: countedRows(stage) });
  await all.round(sql, performance.now() + 10_000);
  await sleep(2);
  const { values, failures } = await all.round(sql, performance.now() + 10_000);
  if (values[row] === undefined)
    throw new Otherwise(`what ${row} compares has no answer: ${JSON.stringify(failures)}`);
  return values[row];
}

/** What the gate role may read: the tables that are declared, and of imports the columns that are mapped. */
async function grant(
  admin: pg.Pool,
  pool: pg.Pool,
  reads: readonly string[],
  imports: ImportsConfig | undefined,
): Promise<void> {
  await admin.query(
    `do $$ begin if not exists (select from pg_roles where rolname = '${ROLE}') then create role ${ROLE} login password '${PASSWORD}'; end if; end $$`,
  );
  await pool.query(`revoke all on all tables in schema public from ${ROLE}`);
  for (const table of reads) await pool.query(`grant select on ${table} to ${ROLE}`);
  if (!imports) return;
  const columns = Object.values(imports.columns).filter((column) => column !== undefined);
  await pool.query(`grant select (${columns.join(", ")}) on ${imports.table} to ${ROLE}`);
}

/** Q1 to Q6, and what alarms ask beside them, over the table that the rollout maps. */
async function declare(pool: pg.Pool, rollout: Rollout): Promise<void> {
  const { imports } = rollout.database ?? {};
  if (!imports) return;
  await pool.query(
    `drop schema if exists ${SCHEMA} cascade; create schema ${SCHEMA}; grant usage on schema ${SCHEMA} to ${ROLE}`,
  );
  for (const query of importsFunctions(imports, "public")) {
    const args = query.args.map(
      ({ name, type, default: value }) => `${name} ${type}${value === undefined ? "" : ` default ${value}`}`,
    );
    await pool.query(
      `create function ${SCHEMA}.${query.name}(${args.join(", ")}) returns ${returnsOf(query)}
       language sql stable security definer as $function$${query.body}$function$`,
    );
  }
}
