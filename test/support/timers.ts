/**
 * Stands in for `node:timers/promises`: a pause takes no time, but others get their turn, and a bound on how long
 * something is waited for (a timer that is called off, or does not keep the process) is never reached.
 */
export function setTimeout<T>(
  _: number,
  value?: T,
  { ref = true, signal }: { ref?: boolean; signal?: AbortSignal } = {},
): Promise<T | undefined> {
  return new Promise((resolve) => {
    if (ref && !signal) setImmediate(() => resolve(value));
  });
}
