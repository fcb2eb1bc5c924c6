import { setTimeout as sleep } from "node:timers/promises";

/** Calls `step` every so often until aborted. A step that takes longer delays the next; none are made up for. */
export async function pace(
  everyMs: number,
  offsetMs: number,
  signal: AbortSignal,
  step: () => Promise<void>,
): Promise<void> {
  let next = performance.now() + offsetMs;
  for (;;) {
    await sleep(Math.max(0, next - performance.now()), undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    next = Math.max(next + everyMs, performance.now());
    await step();
  }
}
