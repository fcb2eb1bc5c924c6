import type pg from "pg";

/** How long one statement may run, ms: over a rehearsal's few rows none does. */
const STATEMENT_MS = 5_000;
/** Nobody waits for a lock of the app's longer than this: ms. */
const LOCK_MS = 2_000;

/** How a transaction is run. */
export interface Manner {
  /** The schema of names without one. */
  readonly schema: string;
  /** For many questions: statements are planned once, and the connection ends with it. */
  readonly trying?: boolean;
  /** Whether triggers and foreign keys rest, so that edits change nothing but what they say. */
  readonly quiet?: boolean;
  /** Nothing of it is to be left. */
  readonly rolledBack?: boolean;
  /** It sees nothing of what others commit meanwhile, and is begun anew where they changed the same rows. */
  readonly apart?: boolean;
}

/** `serialization_failure`: somebody changed the same rows. Source: PostgreSQL, Error Codes. */
const CHANGED = "40001";
/** How often it is begun: the app changes a row a few times a second at most. */
const TRIES = 20;

/** Work that is done as one, or not at all: no reader sees a part of it. */
export async function inTransaction<T>(
  pool: pg.Pool,
  manner: Manner,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  for (let left = manner.apart ? TRIES : 1; ; left--)
    try {
      return await once(pool, manner, work);
    } catch (error) {
      if (left === 1 || (error as { code?: unknown }).code !== CHANGED) throw error;
    }
}

async function once<T>(
  pool: pg.Pool,
  { schema, trying = false, quiet = false, rolledBack = false, apart = false }: Manner,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | boolean = trying;
  try {
    await client.query(apart ? "begin isolation level repeatable read" : "begin");
    await client.query(
      "select set_config('search_path', $1, true), set_config('statement_timeout', $2, true), set_config('lock_timeout', $3, true)",
      [schema, String(STATEMENT_MS), String(LOCK_MS)],
    );
    if (trying) await client.query("set local plan_cache_mode = force_generic_plan; set local jit = off");
    if (quiet) await client.query("set local session_replication_role = replica");
    const done = await work(client);
    await client.query(rolledBack ? "rollback" : "commit");
    return done;
  } catch (error) {
    broken = error as Error;
    await client.query("rollback").catch(() => {});
    throw error;
  } finally {
    client.release(broken);
  }
}
