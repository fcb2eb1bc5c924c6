import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Measures what a request takes. What its thread stood ready for a processor that other programs held is left out, and
 * a fault's pause counts as long as it was asked for: a rehearsal judges the rollout, and not what else the machine has
 * to do.
 */
export class Stopwatch {
  private counted = 0;
  private since = now();

  /** Waits, and counts just that. */
  async wait(ms: number): Promise<void> {
    this.lap();
    await sleep(ms);
    this.counted += ms;
    this.since = now();
  }

  /** How many ms were counted so far. */
  read(): number {
    this.lap();
    return this.counted;
  }

  private lap(): void {
    const { at, queued } = now();
    this.counted += Math.max(0, at - this.since.at - (queued - this.since.queued));
    this.since = { at, queued };
  }
}

const now = () => ({ at: performance.now(), queued: queuedMs() });

/** The second number is the time on the run queue, in ns (Linux: Documentation/scheduler/sched-stats). */
const SCHEDULER = "/proc/thread-self/schedstat";

/** For how long this thread has stood ready since it began, in ms; 0 where the system does not count it. */
function queuedMs(): number {
  try {
    return Number(readFileSync(SCHEDULER, "utf8").split(" ")[1]) / 1e6 || 0;
  } catch {
    return 0;
  }
}
