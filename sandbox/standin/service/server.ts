import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { FlagSpecs } from "../../../src/flags/flags";
import { openSqlSource, type SqlSource } from "../../../src/gates/database";
import type { Declarations } from "../../demo/service/flags";
import type { FaultsHeard, RunningServer } from "../../demo/service/run";
import { startServiceServer } from "../../demo/service/server";
import { createApp } from "./app";
import { type Faulty, faultSwitch } from "./faults";
import { knownOf } from "./known";
import { faulted } from "./plan";
import { scriptOf } from "./script";
import { readWritten, type Settings } from "./settings";

/** Starts one server of a stand-in. */
export function startServer(settings: Settings, heard?: FaultsHeard): Promise<RunningServer> {
  const { rollout, answers, timeScale, schema } = readWritten(settings);
  const script = scriptOf(rollout, { answers, clock: { now: Date.now(), timeScale } });
  const faults = faultSwitch(script.plan.rows, settings.FAULTS, (now) => {
    // Looked for before anybody waits for an answer: some gates allow an answer little time.
    for (const part of script.plan.parts) faulted(part, part, now as Faulty);
    heard?.(now);
  });
  for (const part of script.plan.parts) faulted(part, part, faults.now);
  const specs = rollout.flags;
  return startServiceServer(settings, { declared: declarationsOf(specs) }, ({ flags }) => {
    let sql: SqlSource | undefined;
    const app = createApp({
      server: settings.SERVER_NAME,
      report: () => flags.report(),
      faults,
      plan: script.plan,
      sources: rollout.sources,
      specs,
      tokens: JSON.parse(settings.STANDIN_TOKENS) as Record<string, string>,
      known: (asking) => {
        sql ??= openSqlSource(connection(schema));
        return knownOf(asking, sql);
      },
      wait: sleep,
    });
    return { fetch: app.fetch, begin: () => [], idle: async () => sql?.close() };
  });
}

/** The sandbox's own login, as the PG* variables say it. */
function connection(schema: string) {
  const { PGHOST = "", PGPORT, PGDATABASE = "", PGUSER = "", PGPASSWORD = "" } = process.env;
  const { PGSSLROOTCERT = "" } = process.env;
  return {
    host: PGHOST,
    port: Number(PGPORT),
    database: PGDATABASE,
    user: PGUSER,
    password: PGPASSWORD,
    ssl: "verify-full" as const,
    ca: readFileSync(PGSSLROOTCERT, "utf8"),
    schema,
  };
}

/** The rollout's flags, as an app declares them. */
function declarationsOf(specs: FlagSpecs): Declarations {
  return Object.fromEntries(
    Object.entries(specs).map(([name, { kind, states, off, requires }]) => [
      name,
      { type: kind, states, off, requires } as Declarations[string],
    ]),
  );
}
