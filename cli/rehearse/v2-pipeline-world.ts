import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import pg from "pg";
import type { Progress, Sandbox } from "../../sandbox";
import { type Fleet, startFleet } from "../../sandbox/demo/v2-pipeline/fleet";
import { createTables } from "../../sandbox/demo/v2-pipeline/store";
import { startTraffic, type Traffic } from "../../sandbox/demo/v2-pipeline/traffic";
import { ENVIRONMENT_NAME, PROFILE_NAME } from "../../src/aws/names";
import { probeName } from "../../src/aws/probeNames";
import { openRollout } from "../sandbox/openRollout";
import { PROGRAM } from "../sandbox/project";
import { startWebhook } from "./webhook";
import { awsAt, readFlags, type World } from "./world";

/** How much faster declared durations pass: a day in a second. */
export const TIME_SCALE = 86_400;

export const ROLLOUT = "v2-pipeline";

/** The stage whose alarms read the database. */
const PROBING = "percent10";
/** Minutes pass quickly here, and EventBridge calls once in a real one: the rehearsal calls in its stead. */
const CALL_PROBE_MS = 2_000;

/** The cutover of the import pipeline. */
export interface PipelineWorld extends World {
  readonly fleet: Fleet;
  readonly traffic: Traffic;
}

/** Starts the servers, and people who import, everyone on v1; some call v1's own endpoint. */
export async function openPipeline(sandbox: Sandbox, progress: Progress): Promise<PipelineWorld> {
  const pool = new pg.Pool({ ...sandbox.postgres, max: 4 });
  pool.on("error", () => {});
  await createTables(pool);
  const webhook = await startWebhook();
  const { project, fleet } = await openRollout(sandbox, progress, {
    source: join(PROGRAM, "rollouts", ROLLOUT),
    timeScale: TIME_SCALE,
    webhook,
    start: () =>
      startFleet({
        count: 2,
        sandbox,
        flags: { application: ROLLOUT, environment: ENVIRONMENT_NAME, profile: PROFILE_NAME },
      }),
  });
  const traffic = startTraffic({ urls: fleet.urls });
  traffic.legacy(true);
  const minutes = new AbortController();
  void callProbe(sandbox, minutes.signal);
  return {
    sandbox,
    project,
    pool,
    fleet,
    traffic,
    webhook,
    servedFlags: () => readFlags(fleet.urls, "/feature-flags"),
    stop: async () => {
      minutes.abort();
      await traffic.stop();
      await webhook.stop();
      await pool.end();
    },
  };
}

/** Calls the probe, once it is there, as its schedule does each minute. */
async function callProbe(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  const client = new LambdaClient({ ...awsAt(sandbox), maxAttempts: 1 });
  const command = () => new InvokeCommand({ FunctionName: probeName(ROLLOUT, PROBING) });
  while (!signal.aborted) {
    // Before the stage is up there is none, which is no fault.
    await client.send(command(), { abortSignal: signal }).catch(() => {});
    await sleep(CALL_PROBE_MS, undefined, { signal }).catch(() => {});
  }
  client.destroy();
}
