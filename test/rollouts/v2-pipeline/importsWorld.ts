import { join } from "node:path";
import type pg from "pg";
import { createTables } from "../../../sandbox/demo/v2-pipeline/store";
import { gatePlace, openPool } from "../../../sandbox/postgres/reach";
import type { Ledger } from "../../../src/flags/ledger";
import { openSqlSource, type SqlSource } from "../../../src/gates/database";
import type { Gate } from "../../../src/gates/gate";
import { judge } from "../../../src/gates/judge";
import type { Sources } from "../../../src/gates/look";
import { observe } from "../../../src/promotion/measure";
import { exitGatesOf, smokeGatesOf } from "../../../src/promotion/resolve";
import type { ImportsConfig } from "../../../src/rollout/config/imports";
import { loadRollout } from "../../../src/rollout/load";
import { type Stage, stageNamed } from "../../../src/rollout/rollout";
import { declareOn } from "../../src/imports/fixtures/declared";
import { startTestServer, type TestServer } from "../../support/postgres";

export const rollout = loadRollout(join(__dirname, "..", "..", "..", "rollouts", "v2-pipeline"));
export const percent10 = stageNamed(rollout, "percent10") as Stage;

export function gate(id: string): Gate {
  const all = [...exitGatesOf(rollout, percent10), ...smokeGatesOf(rollout, percent10)];
  return all.find((one) => one.id === id) as Gate;
}

/** The demo's own table on a real server, and the stack files' SQL as the gate role asks it. */
export class ImportsWorld {
  private constructor(
    private readonly server: TestServer,
    /** The tables' owner. */
    readonly pool: pg.Pool,
    readonly database: NonNullable<Sources["database"]>,
    readonly sql: SqlSource,
  ) {}

  /** @param prepare what becomes of the table before the gate role is declared */
  static async open(
    mapping: ImportsConfig | undefined,
    prepare: (pool: pg.Pool) => Promise<unknown> = async () => {},
  ): Promise<ImportsWorld> {
    const server = await startTestServer();
    const pool = openPool(server.connection);
    await createTables(pool);
    await prepare(pool);
    const login = await declareOn(server, { imports: mapping });
    const database = { ...gatePlace(server.connection), ...login };
    return new ImportsWorld(server, pool, database, openSqlSource(database));
  }

  async close(): Promise<void> {
    await this.sql.close();
    await this.pool.end();
    await this.server.stop();
  }

  /** Live since a day, at the pace of real time. */
  sources(): Sources {
    const completedAt = new Date(Date.now() - 86_400_000).toISOString();
    const live = { deployment: 2, completedAt, flags: {}, undeclared: [], doors: {} };
    return {
      ledger: { history: [], live } as unknown as Ledger,
      live: "percent10",
      promoted: percent10,
      parameters: rollout.parameters,
      checks: {},
      database: this.database,
      region: "",
      timeScale: 1,
    };
  }

  async outcome(id: string): Promise<string> {
    const observation = await observe(gate(id), this.sources(), this.sql);
    return judge(gate(id), observation, { now: Date.now(), timeScale: 1, attempt: 1 }).outcome;
  }
}
