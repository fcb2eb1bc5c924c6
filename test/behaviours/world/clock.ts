/** Noon on a Saturday, at a whole minute: where all scenarios stand. */
export const NOW = Date.parse("2026-11-21T12:00:00.000Z");

export const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000];

/** An ISO time so long before `NOW`. */
export const ago = (ms: number): string => new Date(NOW - ms).toISOString();

/** Does something while the clock stands at a moment, so that what it finds depends on no machine. */
export async function at<T>(now: number, work: () => Promise<T>): Promise<T> {
  const Real = globalThis.Date;
  class Still extends Real {
    constructor(...given: []) {
      if (given.length === 0) super(now);
      else super(...given);
    }
    static override now = () => now;
  }
  globalThis.Date = Still as DateConstructor;
  try {
    return await work();
  } finally {
    globalThis.Date = Real;
  }
}
