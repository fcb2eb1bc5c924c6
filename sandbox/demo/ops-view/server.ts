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
import { ALL_OFF, parseFlagDocument } from "./flags/document";
import { rosterOf } from "./identity";
import { knownItems } from "./known-items";
import { reconcile } from "./reconciler";
import type { Settings } from "./settings";
import { Signals } from "./signals/signals";
import { storesFor } from "./stores/choose";
import { LocalState } from "./stores/local-state";

/** Starts one server: HTTP on loopback, and the three loops behind it (flags, reconciliation, metrics). */
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

  const server = settings.SERVER_NAME;
  const faults = new FaultSwitch();
  const signals = new Signals();
  const local = new LocalState(
    knownItems({ workspace: settings.WORKSPACE, patches: settings.KNOWN_PATCHES, rfis: settings.KNOWN_RFIS }),
  );
  const roster = rosterOf(
    { analyst: settings.ANALYST_TOKEN, verifier: settings.VERIFIER_TOKEN, admin: settings.ADMIN_TOKEN },
    settings.WORKSPACE,
  );
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
  const app = createApp({
    server,
    flags: () => watcher.now,
    storesFor: storesFor(pool, local, roster, faults),
    signals,
    faults,
  });
  const reconciler = {
    pool,
    server,
    local,
    signals,
    flags: () => watcher.now.flags,
    auditWindowMs: settings.AUDIT_WINDOW_MS,
  };

  const loops = [every("flags", settings.FLAGS_POLL_MS, () => watcher.poll())];
  // A restarted server that answered at once would say "all off" to a client that has just seen them on.
  const deadline = Date.now() + settings.FLAGS_WAIT_MS;
  while (!watcher.answered && Date.now() < deadline) await sleep(20);

  const http = await listen(app.fetch, settings.PORT);
  loops.push(
    every("reconciler", settings.RECONCILE_INTERVAL_MS, () => reconcile(reconciler)),
    every("metrics", settings.METRICS_INTERVAL_MS, () => publisher.publish()),
  );

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async stop() {
      await close(http);
      await Promise.all(loops.map((loop) => loop.stop()));
      // What the last requests did is still to be told; CloudWatch being away must not keep us from ending.
      await publisher.publish().catch(() => {});
      await pool.end();
      appConfig.destroy();
      cloudWatch.destroy();
    },
  };
}
