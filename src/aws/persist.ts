import { setTimeout as sleep } from "node:timers/promises";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Repeats a call while AWS throttles it, stumbles, or cannot be reached, with growing pauses, for at most `patience`
 * ms; then throws what it answered last. An answer that a repetition would not change is thrown at once.
 */
export async function persist<T>(call: () => Promise<T>, patience: number): Promise<T> {
  const ends = performance.now() + patience;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      if (!isPassing(error) || performance.now() + pause > ends) throw error;
      // Drawn, so that those who were refused together do not come back together.
      await sleep(pause * (0.5 + Math.random() / 2));
    }
  }
}

const THROTTLING = /Throttl|TooManyRequests|LimitExceeded|RequestTimeout|TimeoutError|SlowDown/;
const NETWORK = /^(ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|UND_ERR)/;

/** True for what may be otherwise in a moment. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata, code } = error as Error & { $metadata?: { httpStatusCode?: number }; code?: unknown };
  const status = $metadata?.httpStatusCode;
  if (THROTTLING.test(error.name) || status === 429 || (status !== undefined && status >= 500)) return true;
  return typeof code === "string" && NETWORK.test(code);
}
