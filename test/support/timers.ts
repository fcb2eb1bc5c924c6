/**
 * Stands in for `node:timers/promises`: a pause takes no time, but others get their turn, and a bound on how long
 * something is waited for (a timer that does not keep the process) is never reached.
 */
export function setTimeout<T>(
  _: number,
  value?: T,
  { ref = true }: { ref?: boolean } = {},
): Promise<T | undefined> {
  return new Promise((resolve) => {
    if (ref) setImmediate(() => resolve(value));
  });
}
