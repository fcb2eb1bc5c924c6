/** As often as AppConfig may be asked, in ms. Source: StartConfigurationSession. */
const SHORTEST_MS = 15_000;
/** A source that is throttled is asked at most so many times more rarely: an abort has to arrive all the same. */
const MOST_RARELY = 4;

/**
 * How long to wait before the next look, in ms. Pure.
 *
 * @param pollMs what the app asks for; less than AppConfig's shortest is that
 * @param asked what the source asks for, in ms, and how often in a row it said that it is asked too often
 */
export function pauseBefore(
  pollMs: number,
  asked: { readonly ms: number; readonly throttled: number },
): number {
  const every = Number.isFinite(pollMs) ? Math.max(pollMs, SHORTEST_MS) : SHORTEST_MS;
  return Math.max(every * Math.min(2 ** asked.throttled, MOST_RARELY), asked.ms);
}

/** Waits, or less where the signal comes. It keeps no process running unless `hold` says so. */
export function wait(ms: number, signal: AbortSignal, hold = false): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    if (!hold) timer.unref();
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
  });
}

/**
 * Does work that takes no longer than so many ms: it rejects then, and where `ended` comes, also where the work does not
 * heed its signal.
 */
export async function within<T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  ended?: AbortSignal,
): Promise<T> {
  const late = new AbortController();
  const signal = ended ? AbortSignal.any([late.signal, ended]) : late.signal;
  const timer = setTimeout(() => late.abort(new Error(`no answer within ${ms / 1_000} s`)), ms).unref();
  const aborted = new Promise<never>((_, reject) => {
    const end = () => reject(signal.reason);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
  try {
    return await Promise.race([work(signal), aborted]);
  } finally {
    clearTimeout(timer);
  }
}
