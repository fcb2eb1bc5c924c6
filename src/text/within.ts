import { setTimeout as sleep } from "node:timers/promises";

/** What comes of some work within so many ms; `late` where nothing does. The work goes on, and nobody waits for it. */
export async function within<T, Late = undefined>(
  ms: number,
  work: Promise<T>,
  late?: Late,
): Promise<T | Late> {
  const over = new AbortController();
  try {
    return await Promise.race([work, sleep(ms, late as Late, { signal: over.signal })]);
  } finally {
    over.abort();
  }
}
