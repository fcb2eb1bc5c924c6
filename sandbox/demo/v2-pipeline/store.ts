import { createHash, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Pool } from "pg";
import type { Pipeline } from "./routing";

/** An import that a worker has taken. */
export interface Job {
  readonly id: string;
  readonly file: string;
}

/** How an import ended. */
export type Ending =
  | { readonly status: "completed"; readonly storedSha256: string }
  | { readonly status: "failed"; readonly error: string };

/** Since when v1 is deprecated, and when it ends. */
export interface Retirement {
  readonly deprecatedAt: Date;
  readonly sunsetAt: Date;
}

/** Creates what is missing. */
export async function createTables(pool: Pool): Promise<void> {
  await pool.query(readFileSync(join(__dirname, "schema.sql"), "utf8"));
}

export function checksum(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Accepts an import. Returns its id. */
export async function accept(pool: Pool, user: string, file: string, pipeline: Pipeline): Promise<string> {
  const id = randomUUID();
  await pool.query(
    `insert into import_jobs (id, user_id, file, status, pipeline_version, file_sha256)
     values ($1, $2, $3, 'queued', $4, $5)`,
    [id, user, file, pipeline, checksum(file)],
  );
  return id;
}

/** Takes queued imports of a pipeline, the oldest first; no other worker gets them. */
export async function take(pool: Pool, pipeline: Pipeline, most: number): Promise<Job[]> {
  const { rows } = await pool.query<Job>(
    `update import_jobs set status = 'running'
     where id in (
       select id from import_jobs where status = 'queued' and pipeline_version = $1
       order by started_at limit $2 for update skip locked)
     returning id, file`,
    [pipeline, most],
  );
  return rows;
}

/** Ends an import that runs. */
export async function finish(pool: Pool, id: string, ending: Ending): Promise<void> {
  const [stored, error] = ending.status === "completed" ? [ending.storedSha256, null] : [null, ending.error];
  await pool.query(
    `update import_jobs set status = $2, stored_sha256 = $3, error_message = $4, finished_at = now()
     where id = $1 and status = 'running'`,
    [id, ending.status, stored, error],
  );
}

/** Looks at finished imports that nobody has verified yet. Returns how many hold other bytes than they were given. */
export async function verify(pool: Pool, most = 200): Promise<number> {
  const { rows } = await pool.query<{ corrupt: number }>(
    `with looked_at as (
       update import_jobs set verified_at = now()
       where id in (
         select id from import_jobs where status = 'completed' and verified_at is null
         order by finished_at limit $1 for update skip locked)
       returning stored_sha256 is distinct from file_sha256 as corrupt)
     select count(*) filter (where corrupt)::int as corrupt from looked_at`,
    [most],
  );
  return rows[0]?.corrupt ?? 0;
}

export async function statusOf(pool: Pool, id: string): Promise<Record<string, unknown> | undefined> {
  const { rows } = await pool.query<Record<string, unknown>>(
    `select id, status, pipeline_version as pipeline, error_message as error from import_jobs where id = $1`,
    [id],
  );
  return rows[0];
}

export async function retirementOf(pool: Pool): Promise<Retirement | undefined> {
  const { rows } = await pool.query<Retirement>(
    `select deprecated_at as "deprecatedAt", sunset_at as "sunsetAt" from v1_retirement`,
  );
  return rows[0];
}

/** What the owners of the service decide about v1. */
export async function decideRetirement(pool: Pool, { deprecatedAt, sunsetAt }: Retirement): Promise<void> {
  await pool.query(
    `insert into v1_retirement (deprecated_at, sunset_at) values ($1, $2)
     on conflict (only_one) do update set deprecated_at = excluded.deprecated_at, sunset_at = excluded.sunset_at`,
    [deprecatedAt, sunsetAt],
  );
}
