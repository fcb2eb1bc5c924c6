import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import type { FaultSwitch } from "./faults";
import type { Pipeline } from "./routing";
import { checksum, type Ending, finish, type Job, take } from "./store";

export interface WorkerOptions {
  readonly pool: Pool;
  readonly pipeline: Pipeline;
  readonly faults: FaultSwitch;
  /** How long an import takes where nothing is wrong. */
  readonly workMs: number;
}

/** Imports that a worker has at once. */
const AT_ONCE = 20;

/** How v2 fails: one pattern over changing details, as a bug makes them. */
const REASON = { v1: "the file cannot be read", v2: "column mapping lost" } as const;

/** Imports that were taken and have not ended; a worker ends them before it stops, unless they are stuck. */
export class Worker {
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly options: WorkerOptions) {}

  /** Takes what is queued, as much as there is room for, and does not wait for its end. */
  async work(): Promise<void> {
    const { pool, pipeline } = this.options;
    const room = AT_ONCE - this.running.size;
    if (room <= 0) return;
    for (const job of await take(pool, pipeline, room)) {
      const done = this.run(job).finally(() => this.running.delete(done));
      this.running.add(done);
      // Whoever ends last hears of it in `idle`; until then nobody does.
      done.catch(() => {});
    }
  }

  async idle(): Promise<void> {
    await Promise.allSettled(this.running);
  }

  private async run(job: Job): Promise<void> {
    const { pool, pipeline, faults, workMs } = this.options;
    const isV2 = pipeline === "v2";
    // Taken, and never heard of again: it stays running in the table, and takes no room here.
    if (isV2 && faults.strikes("v2Stuck")) return;
    await sleep(workMs + (isV2 ? faults.now.v2SlowMs : 0));
    await finish(pool, job.id, this.endingOf(job));
  }

  private endingOf(job: Job): Ending {
    const { pipeline, faults } = this.options;
    if (faults.strikes(pipeline === "v2" ? "v2Failures" : "v1Failures"))
      return { status: "failed", error: `${REASON[pipeline]} in "${job.file}" at row ${job.id.length}` };
    const content = pipeline === "v2" && faults.strikes("v2Corrupt") ? `${job.file}?` : job.file;
    return { status: "completed", storedSha256: checksum(content) };
  }
}
