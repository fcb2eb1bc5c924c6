import { setTimeout as sleep } from "node:timers/promises";
import { log } from "./log";

/** Work that goes on until it is stopped. */
export interface Loop {
  stop(): Promise<void>;
}

/**
 * Runs `work` every `intervalMs`, never twice at a time, until stopped. A failure is logged and the loop
 * goes on; one that repeats is logged once, so that an outage of a minute is not a thousand lines.
 */
export function every(name: string, intervalMs: number, work: () => Promise<void>): Loop {
  const abort = new AbortController();
  let lastFailure: string | undefined;

  async function once(): Promise<void> {
    try {
      await work();
      if (lastFailure !== undefined) log(`${name}: works again`);
      lastFailure = undefined;
    } catch (error) {
      const failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      if (failure !== lastFailure) log(`${name}: ${failure}`);
      lastFailure = failure;
    }
  }

  const running = (async () => {
    while (!abort.signal.aborted) {
      const started = performance.now();
      await once();
      const rest = Math.max(0, intervalMs - (performance.now() - started));
      await sleep(rest, undefined, { signal: abort.signal }).catch(() => {});
    }
  })();

  return {
    async stop() {
      abort.abort();
      await running;
    },
  };
}
