import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Pool } from "pg";

const FOLDER = join(__dirname, "migrations");

/** Any number that no table of the service uses: two servers that migrate at once must take turns. */
const MIGRATION_LOCK = 7_012_013;

/**
 * Applies the migrations that are missing, in order, up to and including version `upTo` ("011"), and
 * returns the versions applied. Each runs in a transaction of its own together with its
 * `schema_migrations` row, so that an interrupted run is continued by the next.
 */
export async function migrate(pool: Pool, upTo?: string): Promise<string[]> {
  const client = await pool.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [MIGRATION_LOCK]);
    await client.query(
      `create table if not exists schema_migrations (
         version text primary key,
         applied_at timestamptz not null default now()
       )`,
    );
    const { rows } = await client.query<{ version: string }>("select version from schema_migrations");
    const done = new Set(rows.map((row) => row.version));
    const missing = migrations().filter(({ version }) => !done.has(version) && !(upTo && version > upTo));
    for (const { version, sql } of missing) {
      await client.query("begin");
      await client.query(sql);
      await client.query("insert into schema_migrations (version) values ($1)", [version]);
      await client.query("commit");
    }
    return missing.map(({ version }) => version);
  } finally {
    // Ends the session, and with it both the lock and a transaction that failed half-way.
    client.release(true);
  }
}

/** The script that row R4 names, where users have it: the runbook prints it. */
const ROLLBACK = join(__dirname, "..", "..", "..", "rollouts", "ops-view", "rollback-012-013.sql");

/** Runs the runbook's rollback (row R4). */
export async function rollback012And013(pool: Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query(readFileSync(ROLLBACK, "utf8"));
  } finally {
    client.release(true);
  }
}

function migrations(): { version: string; sql: string }[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".sql"))
    .sort()
    .map((file) => ({ version: file.slice(0, 3), sql: readFileSync(join(FOLDER, file), "utf8") }));
}

/** `tsx migrate.ts [upTo]`, with the database in DATABASE_URL or PG*. */
async function main(): Promise<void> {
  const pool = new Pool({ connectionString: process.env.DATABASE_URL });
  try {
    const applied = await migrate(pool, process.argv[2]);
    console.log(applied.length > 0 ? `applied ${applied.join(", ")}` : "nothing to apply");
  } finally {
    await pool.end();
  }
}

if (process.argv[1] === __filename) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
