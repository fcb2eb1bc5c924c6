import type { AddressInfo } from "node:net";
import { Pool } from "pg";
import type { Loop } from "../../host/repeat";
import { type Declarations, type FlagsOf, openServed, type Served } from "./flags";
import { close, listen, take } from "./http";
import { log } from "./log";
import type { RunningServer } from "./run";
import type { ServerSettings } from "./settings";

/** What a service's own parts are made of. */
export interface Parts<D extends Declarations> {
  readonly pool: Pool;
  readonly flags: Served<D>;
}

/** Signals that are published from a start to a stop. */
interface Publishing {
  start(): unknown;
  stop(): Promise<void>;
}

/** A service's own parts. */
export interface Service {
  readonly fetch: Parameters<typeof listen>[0];
  /** Starts what goes on beside requests, once the server listens. */
  begin(): Loop[];
  /** Resolves once nothing is under way any more, its loops having ended. */
  idle?(): Promise<unknown>;
}

/**
 * Starts one server: HTTP on loopback, its flags and its metrics, and what the service itself does beside them. One
 * without signals publishes nothing.
 */
export async function startServiceServer<D extends Declarations>(
  settings: ServerSettings,
  { signals, ...flagsOf }: FlagsOf<D> & { signals?: Publishing },
  assemble: (parts: Parts<D>) => Service,
): Promise<RunningServer> {
  const pool = new Pool({
    connectionString: settings.DATABASE_URL,
    application_name: settings.SERVER_NAME,
    max: 8,
    connectionTimeoutMillis: 2_000,
    statement_timeout: 5_000,
  });
  // An idle connection that breaks is replaced by the pool; unheard, the event would end the process.
  pool.on("error", (error) => log(`database: ${error.message}`));

  const loops: Loop[] = [];
  const flags = await openServed(settings, flagsOf, loops);
  const service = assemble({ pool, flags });

  const http = await listen(service.fetch, settings.PORT);
  loops.push(...service.begin());
  signals?.start();

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    take: (socket) => take(http, socket),
    async stop() {
      await close(http);
      await Promise.all(loops.map((loop) => loop.stop()));
      await service.idle?.();
      // What the last requests did is still to be told.
      await signals?.stop();
      await pool.end();
      flags.stop();
    },
  };
}
