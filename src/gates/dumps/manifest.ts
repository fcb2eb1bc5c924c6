import { z } from "zod";
import { jsonIn } from "../../text/json";

/**
 * What lies beside a rollout's dumps. A dump by itself says neither of which server it is nor for which promotion: the
 * manifest does, and is tied to its bytes. What it says of the contents was read in the very snapshot that was dumped, so
 * that a restored copy can be compared exactly, however far the source has gone on.
 */

/** A database, whatever name or address it is reached by. A copy of a whole server's disk has the same. */
export const databaseIdentity = z.strictObject({
  /** `system_identifier` of the server. Text: it has more digits than a number of JSON holds. */
  system: z.string().regex(/^\d{1,20}$/),
  database: z.string().min(1),
});
export type DatabaseIdentity = z.infer<typeof databaseIdentity>;

/** The statement that reads it, as one value: any login may ask it. */
export const IDENTITY_QUERY =
  "select system_identifier::text || ' ' || current_database() from pg_catalog.pg_control_system()";

/** Reads what `IDENTITY_QUERY` yields; undefined for anything else. */
export function identityIn(value: unknown): DatabaseIdentity | undefined {
  const [, system, database] = /^(\d{1,20}) (.+)$/s.exec(String(value)) ?? [];
  return system === undefined || database === undefined ? undefined : { system, database };
}

export function sameDatabase(one: DatabaseIdentity, other: DatabaseIdentity): boolean {
  return one.system === other.system && one.database === other.database;
}

export function showIdentity({ system, database }: DatabaseIdentity): string {
  return `${database} on the server ${system}`;
}

/** A table or a sequence, as people write it; one that has a dot in its name is told from another's schema. */
export function nameIn(schema: string, name: string): string {
  return [schema, name]
    .map((part) => (/[."]/.test(part) ? `"${part.replaceAll('"', '""')}"` : part))
    .join(".");
}

/** All large objects of a database, as if they were one table. A table's name has a dot. */
export const LARGE_OBJECTS = "large objects";

/** What a table holds: how many rows, and the sum of their hashes, in whatever order they are read. */
const figures = z.object({ rows: z.string().regex(/^\d+$/), hash: z.string() });
export type Figures = z.infer<typeof figures>;

/** What was counted in a database: by table, and what the rollout's own queries were answered. */
const contents = z.object({
  tables: z.record(z.string(), figures),
  answers: z.record(z.string(), z.string()),
  /**
   * The last value of each sequence that gave one. They go on outside of any snapshot: what comes back stands there, or
   * further in its direction.
   */
  sequences: z.record(z.string(), z.object({ last: z.string(), by: z.string() })).optional(),
});
export type Contents = z.infer<typeof contents>;

/** As `pg_database` has it, whose columns differ by version. */
const databaseLocale = z.object({
  encoding: z.string(),
  /** `c` is the operating system's, `i` ICU's, `b` the server's own. */
  provider: z.string(),
  collate: z.string(),
  ctype: z.string(),
  name: z.string().nullable(),
});
export type DatabaseLocale = z.infer<typeof databaseLocale>;

const time = z.iso.datetime();
const bytes = z.number().int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const manifest = z.object({
  cutover: z.literal(1),
  kind: z.literal("backup"),
  rollout: z.string(),
  stage: z.string(),
  attempt: z.number().int().positive(),
  of: databaseIdentity,
  /** When the snapshot that was dumped was taken, by the database's clock. */
  takenAt: time,
  /** How far the server's log was by then. */
  lsn: z.string(),
  /** The major version of the server, and of the program that dumped it: an older one reads neither. */
  server: z.number().int(),
  program: z.number().int(),
  /** The roles of the server: policies and the like name some, and a dump brings none along. */
  roles: z.array(z.string()),
  /** How its text is kept, sorted and folded: generated columns go by it. Absent in manifests of before. */
  locale: databaseLocale.optional(),
  dump: z.object({
    file: z.string(),
    bytes,
    sha256,
    /** What its place tells its contents by; see `DumpPlace.seal`. */
    seal: z.string(),
  }),
  /** The dump of the last promotion before: a size that shrank says that something is missing. */
  last: z.object({ file: z.string(), bytes, takenAt: time }).optional(),
  contents,
});
export type Manifest = z.infer<typeof manifest>;

/** What became of restoring a dump. */
export const proof = z.object({
  cutover: z.literal(1),
  kind: z.literal("proof"),
  rollout: z.string(),
  of: databaseIdentity,
  /** What was restored: a dump, or a snapshot of RDS. */
  dump: z.object({ file: z.string(), bytes, sha256, takenAt: time }).optional(),
  snapshot: z.object({ id: z.string(), takenAt: time }).optional(),
  /** When it came to its end. */
  at: time,
  /** The major version of the scratch server. */
  server: z.number().int(),
  /** How long each part took, in ms. Absent where it did not come so far. */
  took: z.object({
    fetch: z.number().nonnegative().optional(),
    restore: z.number().nonnegative().optional(),
    compare: z.number().nonnegative().optional(),
  }),
  compared: z
    .object({
      tables: bytes,
      rows: z.string(),
      queries: bytes,
      /** Of a snapshot: how many tables are in the source as they are in the copy. A dump is compared with its manifest. */
      same: bytes.optional(),
    })
    .optional(),
  /** Why it is no proof; empty where the copy agreed. */
  failures: z.array(z.string()),
});
export type Proof = z.infer<typeof proof>;

/** The files of a rollout where its dumps lie. */
export const FILES = {
  dump: (rollout: string, stage: string, attempt: number) => `${rollout}/${stage}-${attempt}.dump`,
  manifest: (rollout: string, stage: string, attempt: number) => `${rollout}/${stage}-${attempt}.json`,
  /** The newest manifest once more. */
  latest: (rollout: string) => `${rollout}/latest.json`,
  /** What became of the last dump that was restored. */
  proof: (rollout: string) => `${rollout}/restored.json`,
} as const;

/** A file of ours, as people read it, too. */
export function textOf(of: Manifest | Proof): string {
  return `${JSON.stringify(of, undefined, 2)}\n`;
}

/** Reads a file of ours; undefined where it is not there, or none of this version's. */
export function readAs<T>(schema: z.ZodType<T>, text: string | undefined): T | undefined {
  return schema.safeParse(jsonIn(text ?? "")).data;
}
