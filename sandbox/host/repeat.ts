import { setTimeout as sleep } from "node:timers/promises";

/** Work that goes on until it is stopped. */
export interface Loop {
  /** Ends it, and waits for the turn that is under way. */
  stop(): Promise<void>;
}

/**
 * How turns follow each other, in ms: one begins so long after the one before began, or at once where that took longer;
 * or it begins so long after the one before ended, so that a slow machine is left time for other things.
 */
export type Pace = { readonly everyMs: number } | { readonly pauseMs: number };

/**
 * Takes turns, never two at a time, from now on until stopped. A turn that fails does not end it: whoever wants to know of
 * that catches it in the turn.
 *
 * @param turn is given a signal that is aborted once it is to end
 */
export function repeat(pace: Pace, turn: (signal: AbortSignal) => Promise<unknown>): Loop {
  const ended = new AbortController();
  const { signal } = ended;
  const running = (async () => {
    while (!signal.aborted) {
      const began = performance.now();
      try {
        await turn(signal);
      } catch {
        // The next one may come out better.
      }
      const rest = "pauseMs" in pace ? pace.pauseMs : Math.max(0, pace.everyMs - (performance.now() - began));
      await sleep(rest, undefined, { signal }).catch(() => {});
    }
  })();
  return {
    async stop() {
      ended.abort();
      await running;
    },
  };
}
