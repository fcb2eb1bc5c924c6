import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/**
 * npm passes a signal on to the program that it runs, which a terminal has already sent it to: what
 * arrives twice within this time was sent once.
 */
const SAME_MS = 1_000;
const handlers = new Set<() => Promise<void>>();
let interruptedAt: number | undefined;

/**
 * Calls `stop` before a signal ends our process, and returns how to take that back. A second signal
 * ends the process at once; the reaper then cleans up behind it.
 */
export function onInterrupt(stop: () => Promise<void>): () => void {
  if (handlers.size === 0) for (const signal of SIGNALS) process.on(signal, interrupt);
  handlers.add(stop);
  return () => {
    handlers.delete(stop);
    // While a signal is being handled the handler must stay, or a second one would be fatal half-way.
    if (handlers.size === 0 && interruptedAt === undefined)
      for (const signal of SIGNALS) process.off(signal, interrupt);
  };
}

/** True once a signal has come: whatever fails from then on was broken off by us. */
export function isInterrupted(): boolean {
  return interruptedAt !== undefined;
}

/** Goes on only where no signal has come: else the signal's own handler ends our process, once all is tidied up. */
export async function unlessBrokenOff(): Promise<void> {
  if (isInterrupted()) await new Promise(() => {});
}

function interrupt(signal: NodeJS.Signals): void {
  const code = 128 + constants.signals[signal];
  if (interruptedAt !== undefined) {
    if (Date.now() - interruptedAt > SAME_MS) process.exit(code);
    return;
  }
  interruptedAt = Date.now();
  void Promise.allSettled([...handlers].map((stop) => stop())).then(() => process.exit(code));
}
