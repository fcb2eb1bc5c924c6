import type { Point } from "./store";

const PLAIN = ["Average", "Maximum", "Minimum", "SampleCount", "Sum"] as const;
const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/i;
/** `PR(:500)`, `PR(100:500)`, `TC(100:)`: absolute bounds, open ends allowed. */
const BETWEEN = /^(PR|TC)\((-?\d+(?:\.\d+)?)?:(-?\d+(?:\.\d+)?)?\)$/;

/** Whether the front knows a statistic; the others are refused rather than answered wrongly. */
export function isStatistic(name: string): boolean {
  return isPlain(name) || PERCENTILE.test(name) || BETWEEN.test(name);
}

/** The share that a percentile names, in 0–1; undefined for other statistics. */
export function percentileOf(name: string): number | undefined {
  const found = PERCENTILE.exec(name);
  return found === null ? undefined : Number(found[1]) / 100;
}

/**
 * One statistic over the points of one period. Undefined without points, and for what needs single values
 * where CloudWatch has none: statistic sets of different values, and negative values.
 */
export function statistic(points: readonly Point[], name: string): number | undefined {
  const seen = points.filter(({ count }) => count > 0);
  if (seen.length === 0) return undefined;
  if (isPlain(name)) return plain(seen, name);
  if (seen.some((point) => point.min < 0 || !isRepeated(point))) return undefined;
  const share = percentileOf(name);
  if (share !== undefined) return percentile(seen, share);
  const [, kind, from, to] = BETWEEN.exec(name) ?? [];
  if (kind === undefined) return undefined;
  const low = from === undefined ? Number.NEGATIVE_INFINITY : Number(from);
  const high = to === undefined ? Number.POSITIVE_INFINITY : Number(to);
  const within = total(seen.filter(({ min }) => min > low && min <= high));
  return kind === "TC" ? within : (within / total(seen)) * 100;
}

/** Whether it is one of the statistics that are no extended ones. */
export function isPlain(name: string): name is (typeof PLAIN)[number] {
  return (PLAIN as readonly string[]).includes(name);
}

function plain(points: readonly Point[], name: (typeof PLAIN)[number]): number {
  const sum = points.reduce((so, point) => so + point.sum, 0);
  switch (name) {
    case "SampleCount":
      return total(points);
    case "Sum":
      return sum;
    case "Average":
      return sum / total(points);
    case "Minimum":
      return points.reduce((so, { min }) => Math.min(so, min), Number.POSITIVE_INFINITY);
    case "Maximum":
      return points.reduce((so, { max }) => Math.max(so, max), Number.NEGATIVE_INFINITY);
  }
}

function total(points: readonly Point[]): number {
  return points.reduce((so, { count }) => so + count, 0);
}

function isRepeated({ min, max, sum, count }: Point): boolean {
  return min === max && Math.abs(sum - min * count) <= Math.abs(sum) * 1e-9;
}

/** Between the two nearest ranks, each value standing as often as it was seen. */
function percentile(points: readonly Point[], share: number): number {
  const ordered = [...points].sort((a, b) => a.min - b.min);
  const rank = share * (total(ordered) - 1);
  const at = (index: number): number => {
    let seen = 0;
    for (const { min, count } of ordered) {
      seen += count;
      if (index < seen) return min;
    }
    return (ordered.at(-1) as Point).min;
  };
  const low = at(Math.floor(rank));
  const part = rank - Math.floor(rank);
  return part > 0 ? low + part * (at(Math.floor(rank) + 1) - low) : low;
}
