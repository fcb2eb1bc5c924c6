import { readFileSync } from "node:fs";
import pg from "pg";
import * as z from "zod";
import type { Inputs, Values } from "../../plugin/spec";
import type { Session } from "../../plugin/table";
import type { Props } from "../../plugin/values";

/** The provider's settings: how to connect. */
export const config = {
  host: z.string().optional(),
  port: z.number().optional(),
  database: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional().meta({ secret: true }),
  sslmode: z.string().optional(),
  sslrootcert: z.string().optional(),
  connectTimeout: z.number().optional(),
  maxConnections: z.number().optional(),
  scheme: z.enum(["postgres"]).optional(),
  superuser: z.boolean().optional(),
  // It only spares the official plugin a query that some servers do not allow.
  expectedVersion: z.string().optional(),
} satisfies Inputs;

type Config = Partial<Values<typeof config>>;

/** Runs SQL; with an answer of rows as objects. */
export type Query = (sql: string, values?: readonly unknown[]) => Promise<Props[]>;

/** One PostgreSQL server, with connections to each database that resources name. */
export class Postgres {
  private readonly pools = new Map<string, pg.Pool>();
  readonly address: string;
  readonly database: string;

  constructor(private readonly config: Config) {
    const { PGHOST, PGPORT, PGDATABASE } = process.env;
    this.database = config.database ?? PGDATABASE ?? "postgres";
    this.address = `${config.host ?? PGHOST ?? "localhost"}:${config.port ?? PGPORT ?? 5432}`;
  }

  async read(database: string | undefined, sql: string, values: readonly unknown[] = []): Promise<Props[]> {
    const pool = this.pool(database ?? this.database);
    return (await this.reached(pool.query(sql, [...values]))).rows;
  }

  /**
   * Runs changes all or none, and one at a time on the whole database: PostgreSQL refuses concurrent grants
   * on one object ("tuple concurrently updated"), and the engine creates resources in parallel.
   */
  async change<T>(database: string | undefined, work: (query: Query) => Promise<T>): Promise<T> {
    const client = await this.reached(this.pool(database ?? this.database).connect());
    try {
      await client.query("BEGIN");
      await client.query("SELECT pg_advisory_xact_lock(hashtext('pulumi-resource-postgresql'))");
      const answer = await work(async (sql, values = []) => (await client.query(sql, [...values])).rows);
      await client.query("COMMIT");
      return answer;
    } catch (error) {
      await client.query("ROLLBACK").catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  }

  /** Whether the login is taken for a superuser: unless the provider is told that it is none, as on RDS. */
  get superuser(): boolean {
    return this.config.superuser ?? true;
  }

  private pool(database: string): pg.Pool {
    const known = this.pools.get(database);
    if (known) return known;
    const { host, port, username, password } = this.config;
    const { PGUSER = "postgres" } = process.env;
    const pool = new pg.Pool({
      ssl: this.tls(),
      host: host ?? process.env.PGHOST ?? "localhost",
      port: port ?? Number(process.env.PGPORT ?? 5432),
      user: username ?? PGUSER,
      password: password ?? process.env.PGPASSWORD,
      database,
      max: this.config.maxConnections || 4,
      connectionTimeoutMillis: (this.config.connectTimeout ?? 180) * 1000,
      idleTimeoutMillis: 2000,
      allowExitOnIdle: true,
    });
    // An idle connection that breaks is replaced at the next use; unheard, its error would end the plugin.
    pool.on("error", () => undefined);
    this.pools.set(database, pool);
    return pool;
  }

  /** As the official plugin's driver has it: `require` without a mode, and with an authority it is `verify-ca`. */
  private tls(): pg.ConnectionConfig["ssl"] {
    const { sslmode: mode = process.env.PGSSLMODE ?? "require", sslrootcert } = this.config;
    if (mode === "disable") return false;
    const ca = sslrootcert === undefined ? {} : { ca: readFileSync(sslrootcert, "utf8") };
    if (mode === "verify-full") return ca;
    if (mode === "require" && sslrootcert === undefined) return { rejectUnauthorized: false };
    if (mode === "verify-ca" || mode === "require") return { ...ca, checkServerIdentity: () => undefined };
    throw new Error(`sslmode must be disable, require, verify-ca or verify-full, not ${mode}`);
  }

  private async reached<T>(work: Promise<T>): Promise<T> {
    return work.catch((error: { code?: string; message: string }) => {
      const refused = ["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ETIMEDOUT"].includes(error.code ?? "");
      throw refused ? new Error(`no PostgreSQL server answers at ${this.address}`) : error;
    });
  }
}

export function openSession(config: Props): Session<Postgres> {
  const postgres = new Postgres(config as Config);
  return { defaultTags: {}, context: () => postgres };
}
