/** What was measured, against what it may be at most. */
export interface Figure {
  readonly what: string;
  /** The figure with its unit, and how it came about. */
  readonly shown: string;
  readonly limit: string;
  readonly ok: boolean;
}

/** The middle one: a single run that the machine was busy in does not count. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}
