import type { Ledger } from "../flags/ledger";
import type { ServersConfig } from "../flags/servers";
import { type DatabaseConnection, openSqlSource, type SqlSource } from "../gates/database";
import type { Gate, SqlGate } from "../gates/gate";
import { gateHash } from "../gates/hash";
import { observeDrill } from "../gates/kinds/drill";
import { observeSignOff } from "../gates/kinds/signOff";
import { observeSoak } from "../gates/kinds/soak";
import type { Evidence, Observation, Seen, Subject } from "../gates/observation";
import type { Service } from "../gates/service";
import type { Check } from "../gates/smokeCheck";
import { fillLengths, fillWindow, spanOf } from "../gates/window";
import type { Rollout, Stage } from "../rollout/rollout";
import { reasonOf } from "../text/problem";
import { isDue, type Moment } from "./admit";

/** What measuring needs from outside. */
export interface Sources {
  readonly ledger: Ledger;
  /** The stage whose flags are live, and whose soak counts. */
  readonly live: string;
  /** The stage to be promoted: its sign-offs count. */
  readonly promoted: Stage;
  readonly parameters: Rollout["parameters"];
  readonly checks: Readonly<Record<string, Check>>;
  readonly database?: DatabaseConnection | undefined;
  readonly service?: Service | undefined;
  readonly servers?: ServersConfig | undefined;
  readonly region: string;
  readonly timeScale: number;
}

/**
 * Measures all gates that are due, at once. A source that fails, throws or is not there becomes an observation
 * that says so; measuring itself never fails.
 */
export async function measure(
  subject: Subject,
  gates: readonly Gate[],
  sources: Sources,
  moment: Moment,
): Promise<Evidence> {
  // The gate that stands for others has nothing of its own to measure.
  const due = gates.filter((gate) => isDue(gate, moment) && gate.definition.source !== "exit");
  return withSql(sources, async (sql) => {
    const observations = await Promise.all(due.map((gate) => observe(gate, sources, sql)));
    return { subject, measuredAt: new Date().toISOString(), observations };
  });
}

/** Opens the database for as long as `work` takes. */
export async function withSql<T>(
  sources: Pick<Sources, "database">,
  work: (sql: SqlSource | undefined) => Promise<T>,
): Promise<T> {
  const sql = sources.database && openSqlSource(sources.database);
  try {
    return await work(sql);
  } finally {
    await sql?.close();
  }
}

/** Measures one gate. Never throws. */
export async function observe(
  gate: Gate,
  sources: Sources,
  sql: SqlSource | undefined,
): Promise<Observation> {
  const started = performance.now();
  let seen: Seen;
  try {
    seen = await look(gate, sources, sql);
  } catch (error) {
    seen = { kind: "failure", failure: "bad-answer", message: reasonOf(error) };
  }
  return {
    gate: gate.id,
    definition: gateHash(gate),
    at: new Date().toISOString(),
    tookMs: Math.round(performance.now() - started),
    seen,
  };
}

/** Clients of outside systems are loaded when a gate needs them: a preview pays for what it uses. */
async function look(gate: Gate, sources: Sources, sql: SqlSource | undefined): Promise<Seen> {
  const { definition } = gate;
  const { ledger, region, timeScale } = sources;
  switch (definition.source) {
    case "soak":
      return observeSoak(ledger, sources.live);
    case "signOff":
      return observeSignOff(sources.promoted, gate.id, ledger);
    case "drill":
      return observeDrill(gate, ledger);
    case "sql":
      return sql ? observeQuery(definition, sources, sql) : NO_DATABASE;
    case "date":
      return { kind: "clock", now: new Date().toISOString() };
    case "metric": {
      if (!ledger.live) return NOTHING_LIVE;
      const { observeMetric } = await import("../gates/kinds/metric.look");
      return observeMetric(definition, { region, timeScale, liveSince: Date.parse(ledger.live.completedAt) });
    }
    case "alarms": {
      if (!ledger.live) return NOTHING_LIVE;
      const { observeAlarms } = await import("../gates/kinds/alarms.look");
      return observeAlarms(gate, Date.parse(ledger.live.completedAt), region);
    }
    case "http": {
      const { observeHttp } = await import("../gates/kinds/http.look");
      return observeHttp(sources.service, definition);
    }
    case "check": {
      const { observeCheck } = await import("../gates/kinds/check.look");
      return observeCheck(definition, { ...sources, service: sources.service, sql });
    }
    case "convergence": {
      const { observeServers } = await import("../gates/kinds/convergence.look");
      return observeServers(sources.servers, region);
    }
    case "snapshot": {
      const { observeSnapshot } = await import("../gates/kinds/snapshot.look");
      return observeSnapshot(gate, region);
    }
    case "exit":
      return { kind: "failure", failure: "bad-answer", message: "judged from other gates, never measured" };
  }
}

/** Asks a gate's query, about its window where it has one. */
async function observeQuery(
  gate: SqlGate,
  { ledger, timeScale }: Pick<Sources, "ledger" | "timeScale">,
  sql: SqlSource,
): Promise<Seen> {
  const values = fillLengths(gate.values, timeScale);
  if (gate.window === undefined) return sql.observe({ ...gate, values });
  if (!ledger.live) return NOTHING_LIVE;
  const context = { liveSince: Date.parse(ledger.live.completedAt), timeScale };
  const span = spanOf(gate.window, context, Date.now());
  const seen = await sql.observe({ ...gate, values: fillWindow(values, span) });
  if (seen.kind !== "value") return seen;
  const window = { from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() };
  return { ...seen, window };
}

const NO_DATABASE: Seen = {
  kind: "failure",
  failure: "unreachable",
  message: "the rollout declares no database",
};
const NOTHING_LIVE: Seen = { kind: "failure", failure: "no-data", message: "no flags are live" };
