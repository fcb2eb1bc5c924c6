import type { Ledger } from "../model/ledger";
import { reasonOf } from "../model/problem";
import type { Gate } from "./definition";
import { gateHash } from "./hash";
import type { Evidence, Observation, Seen, Subject } from "./observation";
import { observeSoak } from "./sources/soak";
import { type DatabaseConnection, openSqlSource, type SqlSource } from "./sources/sql";

/** What measuring needs from outside. */
export interface Sources {
  readonly ledger: Ledger;
  /** The stage whose flags are live, and whose soak counts. */
  readonly predecessor: string;
  readonly database?: DatabaseConnection | undefined;
}

/**
 * Measures all gates at once. A source that fails, throws or is not there becomes an observation that says so;
 * measuring itself never fails.
 */
export async function measure(subject: Subject, gates: readonly Gate[], sources: Sources): Promise<Evidence> {
  const sql = sources.database && openSqlSource(sources.database);
  try {
    const observations = await Promise.all(gates.map((gate) => observe(gate, sources, sql)));
    return { subject, measuredAt: new Date().toISOString(), observations };
  } finally {
    await sql?.close();
  }
}

async function observe(gate: Gate, sources: Sources, sql: SqlSource | undefined): Promise<Observation> {
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

async function look({ definition }: Gate, sources: Sources, sql: SqlSource | undefined): Promise<Seen> {
  switch (definition.source) {
    case "soak":
      return observeSoak(sources.ledger, sources.predecessor);
    case "sql":
      return sql
        ? sql.observe(definition)
        : { kind: "failure", failure: "unreachable", message: "the rollout declares no database" };
  }
}
