import type { Pool } from "pg";
import type { Flags } from "./flags/document";
import { type Item, KINDS, type Kind } from "./items";
import type { Signals } from "./signals/signals";
import type { LocalState } from "./stores/local-state";

export interface ReconcilerOptions {
  pool: Pool;
  server: string;
  local: LocalState;
  signals: Signals;
  flags: () => Flags;
  /** How far back transitions are held against audit events for the metric. Row F3 checks the whole soak. */
  auditWindowMs: number;
}

/** How an item stands in the database. */
export interface Stored {
  version: number;
  status: string;
}

/**
 * Whether the database contradicts what a client was told. A newer row does not: another server wrote it.
 * An older or missing one does, and so does the same version with another status.
 */
export function diverges(local: Item, stored: Stored | undefined): boolean {
  if (!stored || stored.version < local.version) return true;
  return stored.version === local.version && stored.status !== local.status;
}

/** One check of both: local against database state (XB3, F4), and transitions against audit events (XB4). */
export async function reconcile(options: ReconcilerOptions): Promise<void> {
  const { OPS_VIEW_DB_READ: read, OPS_VIEW_DB_WRITE: write } = options.flags();
  try {
    if (!write) options.local.forgetAcknowledged();
    const divergent = write ? await checkDivergence(options) : 0;
    const unaudited = read ? await countUnaudited(options) : 0;
    options.signals.level("Divergence", divergent);
    options.signals.level("MissingAudit", unaudited);
  } catch (error) {
    // Not checked is not zero: without a datapoint the alarm's missing-data treatment decides.
    options.signals.level("Divergence", undefined);
    options.signals.level("MissingAudit", undefined);
    throw error;
  }
}

async function checkDivergence({ pool, server, local }: ReconcilerOptions): Promise<number> {
  const told = local.acknowledgedItems;
  const stored = new Map<string, Stored>();
  for (const kind of ["patch", "rfi"] as const) {
    const ids = told.filter((item) => item.kind === kind).map((item) => item.id);
    for (const row of await readStored(pool, kind, ids)) stored.set(row.id, row);
  }
  // Only what is still as it was told: a write that went on meanwhile is judged by the next check.
  const divergent = told.filter((item) => local.isAcknowledged(item) && diverges(item, stored.get(item.id)));
  for (const item of divergent) {
    const row = stored.get(item.id);
    await pool.query(
      `insert into divergences
         (server, entity_kind, entity_id, local_version, local_status, database_version, database_status)
       values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
      [server, item.kind, item.id, item.version, item.status, row?.version ?? null, row?.status ?? null],
    );
  }
  await pool.query("insert into reconciliations (server, items_checked, divergent) values ($1, $2, $3)", [
    server,
    told.length,
    divergent.length,
  ]);
  return divergent.length;
}

async function readStored(pool: Pool, kind: Kind, ids: string[]): Promise<(Stored & { id: string })[]> {
  if (ids.length === 0) return [];
  const { table, statusField } = KINDS[kind];
  const { rows } = await pool.query<Stored & { id: string }>(
    `select id, version, ${statusField} as status from ${table} where id = any($1)`,
    [ids],
  );
  return rows;
}

async function countUnaudited({ pool, auditWindowMs }: ReconcilerOptions): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `select count(*)::int as count from custody_transitions transition
     where occurred_at > now() - $1 * interval '1 millisecond'
       and not exists (
         select from audit_events event
         where (event.entity_kind, event.entity_id, event.entity_version)
             = (transition.entity_kind, transition.entity_id, transition.entity_version))`,
    [auditWindowMs],
  );
  return rows[0]?.count ?? 0;
}
