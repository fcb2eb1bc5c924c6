import { failed } from "../aws/failure";
import { openSqlSource, type SqlSource } from "../gates/database";
import type { Gate } from "../gates/gate";
import { gateHash } from "../gates/hash";
import type { Sources } from "../gates/look";
import { lookAt } from "../gates/looks";
import type { Evidence, Observation, Seen, Subject } from "../gates/observation";
import { outbound, secretsOf } from "../gates/outbound";
import { reasonOf } from "../text/problem";
import { secretsIn } from "../text/redact";
import { isMeasured, type Moment } from "./admit";

/**
 * Measures all gates that are due, at once. It only looks: what writes is not sent. A source that fails, throws or is
 * not there becomes an observation that says so; measuring itself never fails.
 */
export async function measure(
  subject: Subject,
  gates: readonly Gate[],
  sources: Sources,
  moment: Moment,
): Promise<Evidence> {
  const due = gates.filter((gate) => isMeasured(gate, moment));
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

/**
 * Measures one gate. Never throws. Here observations are made, so here the run's secrets are kept out of them: what
 * is written of them later (evidence, comments, reports, notes) never had one.
 */
export async function observe(
  gate: Gate,
  sources: Sources,
  sql: SqlSource | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Observation> {
  const started = performance.now();
  let seen: Seen;
  try {
    seen = await lookAt(gate, { ...sources, sql });
  } catch (error) {
    seen = failed("bad-answer", reasonOf(error));
  }
  return {
    gate: gate.id,
    definition: gateHash(gate),
    at: new Date().toISOString(),
    tookMs: Math.round(performance.now() - started),
    seen: outbound(seen, secretsOf(sources, secretsIn(env))),
  };
}
