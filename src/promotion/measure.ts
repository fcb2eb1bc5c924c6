import { failed } from "../aws/failure";
import { openSqlSource, type ReachSource, type SqlSource } from "../gates/database";
import type { ReadingSource } from "../gates/databaseReading";
import { type Gate, kindOf } from "../gates/gate";
import { gateHash } from "../gates/hash";
import type { Away, Sources } from "../gates/look";
import { type LookAt, lookAt, lookWithin } from "../gates/looks";
import type { Evidence, Observation, Seen, Subject } from "../gates/observation";
import { outbound, secretsOf } from "../gates/outbound";
import { reasonOf } from "../text/problem";
import { secretsIn } from "../text/redact";
import { isMeasured, type Moment } from "./admit";

/** What is done beside gates by the database that they are asked in. Throws nothing. */
type Beside = (source: ReachSource & ReadingSource) => Promise<unknown>;

/**
 * Measures all gates that are due, at once. It only looks: what writes is not sent. A source that fails, throws or is
 * not there becomes an observation that says so; measuring itself never fails.
 *
 * @param beside done meanwhile, where the database is asked from here
 */
export async function measure(
  subject: Subject,
  gates: readonly Gate[],
  sources: Sources,
  moment: Moment,
  beside?: Beside,
): Promise<Evidence> {
  const due = gates.filter((gate) => isMeasured(gate, moment));
  return looking(
    sources,
    async (look) => {
      const observations = await look(due);
      return { subject, measuredAt: new Date().toISOString(), observations };
    },
    beside,
  );
}

/** Looks at gates, all at once: one observation of each, in their order. Throws nothing. */
export type Look = (gates: readonly Gate[]) => Promise<Observation[]>;

/**
 * Opens what gates are looked at with for as long as `work` takes. What may lie in a private network is looked at by
 * the rollout's measuring function, where it declares one.
 */
export function looking<T>(sources: Sources, work: (look: Look) => Promise<T>, beside?: Beside): Promise<T> {
  const { away } = sources;
  if (!away)
    return withSql(sources, async (sql) => {
      const [done] = await Promise.all([
        work((gates) => Promise.all(gates.map((gate) => observe(gate, sources, sql)))),
        sql && beside?.(sql),
      ]);
      return done;
    });
  return work(async (gates) => {
    const there = gates.filter(({ definition }) => kindOf(definition).inNetwork);
    const [seen, ...here] = await Promise.all([
      there.length > 0 ? lookAway(away, there, sources) : new Map<Gate, Observation>(),
      ...gates.map((gate) => (there.includes(gate) ? undefined : observe(gate, sources, undefined))),
    ]);
    return gates.flatMap((gate, index) => here[index] ?? seen.get(gate) ?? []);
  });
}

/** What was seen from within the network. What comes from elsewhere is kept as clean as what was seen here. */
async function lookAway(
  away: Away,
  gates: readonly Gate[],
  sources: Sources,
): Promise<Map<Gate, Observation>> {
  const observations = await away.look(gates, sources);
  const secrets = secretsOf(sources, secretsIn(process.env));
  return new Map(
    observations.flatMap((one, index): [Gate, Observation][] => {
      const gate = gates[index];
      return gate ? [[gate, { ...one, seen: outbound(one.seen, secrets) }]] : [];
    }),
  );
}

/** Opens the database for as long as `work` takes. */
export async function withSql<T>(
  sources: Pick<Sources, "database" | "withheld">,
  work: (sql: (SqlSource & ReachSource & ReadingSource) | undefined) => Promise<T>,
): Promise<T> {
  const sql = sources.database && (refused(sources.withheld) ?? openSqlSource(sources.database));
  try {
    return await work(sql);
  } finally {
    await sql?.close();
  }
}

/** A database that nobody may log in to from here, by why. */
function refused(why: string | undefined): (SqlSource & ReachSource & ReadingSource) | undefined {
  if (why === undefined) return undefined;
  return {
    observe: async () => failed("refused", why),
    reach: async () => undefined,
    reading: async () => ({ failure: `refused: ${why}` }),
    close: async () => undefined,
  };
}

/**
 * Measures one gate. Never throws. Here observations are made, so here the run's secrets are kept out of them: what
 * is written of them later (evidence, comments, reports, notes) never had one.
 */
export function observe(
  gate: Gate,
  sources: Sources,
  sql: SqlSource | undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Observation> {
  return observeBy(lookAt, gate, { ...sources, sql }, env);
}

/** The same from within a private network, of what may lie there. */
export function observeWithin(
  gate: Gate,
  sources: Sources,
  sql: SqlSource | undefined,
): Promise<Observation> {
  return observeBy(lookWithin, gate, { ...sources, sql }, process.env);
}

async function observeBy(
  look: LookAt,
  gate: Gate,
  sources: Sources,
  env: NodeJS.ProcessEnv,
): Promise<Observation> {
  const started = performance.now();
  let seen: Seen;
  try {
    seen = await look(gate, sources);
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
