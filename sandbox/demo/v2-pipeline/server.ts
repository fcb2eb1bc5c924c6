import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { AppConfigDataClient } from "@aws-sdk/client-appconfigdata";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { Pool } from "pg";
import { FlagWatcher } from "../service/flagWatcher";
import { close, listen } from "../service/http";
import { log } from "../service/log";
import { every } from "../service/loop";
import { Publisher } from "../service/publisher";
import type { RunningServer } from "../service/run";
import { createApp } from "./app";
import { FaultSwitch } from "./faults";
import { ALL_OFF, parseFlagDocument } from "./flags";
import type { Settings } from "./settings";
import { Signals } from "./signals";
import { type Retirement, retirementOf, verify } from "./store";
import { sampler } from "./usage";
import { Worker } from "./worker";

/** Starts one server: HTTP on loopback, a worker for each pipeline, verification, samples, metrics and flags. */
export async function startServer(settings: Settings): Promise<RunningServer> {
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

  const faults = new FaultSwitch();
  const signals = new Signals();
  const watcher = new FlagWatcher(
    appConfig,
    {
      application: settings.APPCONFIG_APPLICATION,
      environment: settings.APPCONFIG_ENVIRONMENT,
      profile: settings.APPCONFIG_PROFILE,
    },
    { allOff: ALL_OFF, parse: parseFlagDocument, stuck: () => faults.now.stuckFlags },
  );
  const publisher = new Publisher(cloudWatch, settings.METRICS_NAMESPACE, signals);
  const workers = (["v1", "v2"] as const).map(
    (pipeline) => new Worker({ pool, pipeline, faults, workMs: settings.WORK_MS }),
  );
  let retirement: Retirement | undefined;
  const sample = sampler(signals, () => faults.now.cpuPercent);

  const loops = [every("flags", settings.FLAGS_POLL_MS, () => watcher.poll())];
  // A restarted server that answered at once would route to v1 whoever has just been on v2.
  const deadline = Date.now() + settings.FLAGS_WAIT_MS;
  while (!watcher.answered && Date.now() < deadline) await sleep(20);

  const app = createApp({
    server: settings.SERVER_NAME,
    pool,
    flags: () => watcher.now,
    retirement: () => retirement,
    signals,
    faults,
  });
  const http = await listen(app.fetch, settings.PORT);
  loops.push(
    ...workers.map((worker) => every("worker", settings.WORKER_POLL_MS, () => worker.work())),
    every("verification", settings.VERIFY_INTERVAL_MS, async () => {
      const corrupt = await verify(pool);
      for (let found = 0; found < corrupt; found++) signals.count("CorruptImports");
    }),
    every("retirement", settings.FLAGS_POLL_MS, async () => {
      retirement = await retirementOf(pool);
    }),
    every("samples", settings.SAMPLE_MS, async () => sample()),
    every("metrics", settings.METRICS_INTERVAL_MS, () => publisher.publish()),
  );

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async stop() {
      await close(http);
      await Promise.all(loops.map((loop) => loop.stop()));
      await Promise.all(workers.map((worker) => worker.idle()));
      // What the last requests did is still to be told; CloudWatch being away must not keep us from ending.
      await publisher.publish().catch(() => {});
      await pool.end();
      appConfig.destroy();
      cloudWatch.destroy();
    },
  };
}
