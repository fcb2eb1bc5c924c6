import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { AppConfigDataClient } from "@aws-sdk/client-appconfigdata";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { Pool } from "pg";
import type { Loop } from "../../host/repeat";
import { readAtStart } from "./flagsAtStart";
import { type FlagReader, type FlagsNow, FlagWatcher } from "./flagWatcher";
import { close, listen, take } from "./http";
import { log } from "./log";
import { every } from "./loop";
import { type Gathered, Publisher } from "./publisher";
import type { RunningServer } from "./run";
import type { ServerSettings } from "./settings";

/** What a service's own parts are made of. */
export interface Parts<Flags> {
  readonly pool: Pool;
  readonly watcher: FlagsNow<Flags>;
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
export async function startServiceServer<Flags>(
  settings: ServerSettings,
  { reader, signals }: { reader: FlagReader<Flags>; signals?: Gathered },
  assemble: (parts: Parts<Flags>) => Service,
): Promise<RunningServer> {
  const aws = { maxAttempts: 1, requestHandler: { requestTimeout: 2_000, connectionTimeout: 1_000 } };
  const [appConfig, cloudWatch] = [new AppConfigDataClient(aws), new CloudWatchClient(aws)];
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
  const watcher = await flagsOf(settings, appConfig, reader, loops);
  const publisher = signals && new Publisher(cloudWatch, settings.METRICS_NAMESPACE, signals);
  const service = assemble({ pool, watcher });

  const http = await listen(service.fetch, settings.PORT);
  loops.push(
    ...service.begin(),
    ...(publisher ? [every("metrics", settings.METRICS_INTERVAL_MS, () => publisher.publish())] : []),
  );

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    take: (socket) => take(http, socket),
    async stop() {
      await close(http);
      await Promise.all(loops.map((loop) => loop.stop()));
      await service.idle?.();
      // What the last requests did is still to be told; CloudWatch being away must not keep us from ending.
      await publisher?.publish().catch(() => {});
      await pool.end();
      appConfig.destroy();
      cloudWatch.destroy();
    },
  };
}

/** The flags from its code, or from AppConfig: read once, or all the while in one of its loops. */
async function flagsOf<Flags>(
  settings: ServerSettings,
  client: AppConfigDataClient,
  reader: FlagReader<Flags>,
  loops: Loop[],
): Promise<FlagsNow<Flags>> {
  if (settings.FLAGS_IN_CODE !== undefined)
    return { now: { ...reader.parse(settings.FLAGS_IN_CODE, "code"), source: "code" } };
  const watcher = new FlagWatcher(
    client,
    {
      application: settings.APPCONFIG_APPLICATION,
      environment: settings.APPCONFIG_ENVIRONMENT,
      profile: settings.APPCONFIG_PROFILE,
    },
    reader,
  );
  if (settings.FLAGS_READ === "start") {
    await readAtStart(watcher);
    return watcher;
  }
  loops.push(every("flags", settings.FLAGS_POLL_MS, () => watcher.poll()));
  // A restarted server that answered at once would say "all off" to a client that has just seen flags on.
  const deadline = Date.now() + settings.FLAGS_WAIT_MS;
  while (!watcher.answered && Date.now() < deadline) await sleep(20);
  return watcher;
}
