import { Pool } from "pg";

/** Only an answer that never comes is waited for as long, in ms. */
export const PATIENCE_MS = 60_000;

/** What makes a demo's servers misbehave, and what mends them again: see faults.ts of each. */
export const told = (faults: object) => ({
  requests: [{ path: "/_faults", body: faults }],
  mend: [{ path: "/_faults", body: {} }],
});

/** Connects to a database for as long as some work takes. */
export async function withDatabase<T>(
  { databaseUrl }: { readonly databaseUrl: string },
  work: (pool: Pool) => Promise<T>,
): Promise<T> {
  const pool = new Pool({ connectionString: databaseUrl, max: 2 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
