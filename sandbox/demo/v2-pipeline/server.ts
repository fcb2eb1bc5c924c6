import { every } from "../service/loop";
import { published } from "../service/published";
import type { RunningServer } from "../service/run";
import { startServiceServer } from "../service/server";
import { createApp } from "./app";
import { FaultSwitch } from "./faults";
import { DECLARED } from "./flags";
import type { Settings } from "./settings";
import { Signals } from "./signals";
import { type Retirement, retirementOf, verify } from "./store";
import { sampler } from "./usage";
import { Worker } from "./worker";

/** Starts one server of the import service: beside requests, a worker for each pipeline, verification and samples. */
export function startServer(settings: Settings): Promise<RunningServer> {
  const faults = new FaultSwitch();
  const signals = new Signals(published(settings));
  // With half of a document, users could be routed to a v1 that is gone.
  const flagsOf = { declared: DECLARED, whole: true, stuck: () => faults.now.stuckFlags };
  return startServiceServer(settings, { ...flagsOf, signals }, ({ pool, flags }) => {
    const workers = (["v1", "v2"] as const).map(
      (pipeline) => new Worker({ pool, pipeline, faults, workMs: settings.WORK_MS }),
    );
    let retirement: Retirement | undefined;
    const sample = sampler(signals, () => faults.now.cpuPercent);
    const app = createApp({
      server: settings.SERVER_NAME,
      pool,
      flags,
      retirement: () => retirement,
      signals,
      faults,
    });
    return {
      fetch: app.fetch,
      begin: () => [
        ...workers.map((worker) => every("worker", settings.WORKER_POLL_MS, () => worker.work())),
        every("verification", settings.VERIFY_INTERVAL_MS, async () => {
          const corrupt = await verify(pool);
          for (let found = 0; found < corrupt; found++) signals.count("CorruptImports");
        }),
        every("retirement", settings.FLAGS_POLL_MS, async () => {
          retirement = await retirementOf(pool);
        }),
        every("samples", settings.SAMPLE_MS, async () => sample()),
        // Callers or none: what v1 answers is looked at all the while, and counted where it announces no end.
        every("announcement", settings.VERIFY_INTERVAL_MS, async () => {
          await app.request("/process-full");
        }),
      ],
      idle: () => Promise.all(workers.map((worker) => worker.idle())),
    };
  });
}
