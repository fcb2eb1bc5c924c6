import pg from "pg";
import type { Session } from "../core/table";
import type { Props } from "../core/values";

/** The provider settings that decide how to connect. */
interface Config {
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly username?: string;
  readonly password?: string;
  readonly sslmode?: string;
  readonly sslrootcert?: string;
  readonly connectTimeout?: number;
  readonly maxConnections?: number;
}

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

  private pool(database: string): pg.Pool {
    const known = this.pools.get(database);
    if (known) return known;
    const { host, port, username, password, sslmode, sslrootcert } = this.config;
    const { PGUSER = "postgres" } = process.env;
    const mode = sslmode ?? process.env.PGSSLMODE ?? "disable";
    const parameters = new URLSearchParams({ sslmode: mode, ...(sslrootcert ? { sslrootcert } : {}) });
    const pool = new pg.Pool({
      // Only in an address does the driver read `sslmode` with libpq's meaning.
      ...(mode === "disable" ? { ssl: false } : { connectionString: `postgres://?${parameters}` }),
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
