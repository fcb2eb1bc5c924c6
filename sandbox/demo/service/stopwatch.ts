import { readFileSync } from "node:fs";

/**
 * Starts to measure, and returns what tells how many ms have gone by. What this thread stood ready for a processor that
 * other programs held is left out: a rehearsal judges the rollout, and not what else the machine has to do.
 */
export function stopwatch(): () => number {
  const [started, waited] = [performance.now(), waitedMs()];
  return () => Math.max(0, performance.now() - started - (waitedMs() - waited));
}

/** The second number is the time on the run queue, in ns (Linux: Documentation/scheduler/sched-stats). */
const SCHEDULER = "/proc/thread-self/schedstat";

/** For how long this thread has stood ready since it began, in ms; 0 where the system does not count it. */
function waitedMs(): number {
  try {
    return Number(readFileSync(SCHEDULER, "utf8").split(" ")[1]) / 1e6 || 0;
  } catch {
    return 0;
  }
}
