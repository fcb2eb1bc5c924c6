import type { Point } from "./data";

/**
 * At most about `most` points that look like all of them: of each bucket of time its lowest and its highest value, in
 * their order. A peak of one point is never lost: it may be the one that fired an alarm.
 */
export function thin(points: readonly Point[], most: number): Point[] {
  if (points.length <= most) return [...points];
  const first = points[0]?.[0] ?? 0;
  const span = (points.at(-1)?.[0] ?? 0) - first || 1;
  const buckets = Math.max(1, Math.floor(most / 2));
  const kept = new Map<number, { low: Point; high: Point }>();
  for (const point of points) {
    const bucket = Math.min(buckets - 1, Math.floor(((point[0] - first) / span) * buckets));
    const found = kept.get(bucket);
    kept.set(bucket, {
      low: found && found.low[1] <= point[1] ? found.low : point,
      high: found && found.high[1] >= point[1] ? found.high : point,
    });
  }
  return [...kept.values()].flatMap(({ low, high }) =>
    low === high ? [low] : low[0] < high[0] ? [low, high] : [high, low],
  );
}

/**
 * Points in runs without a silence: where more than two periods have no value, a line across would show values that
 * nobody measured. All runs together have at most about `most` points.
 *
 * @param period how long one point stands for, in ms
 */
export function runs(points: readonly Point[], period: number, most: number): Point[][] {
  const out: Point[][] = [];
  for (const point of points) {
    const last = out.at(-1);
    const before = last?.at(-1);
    if (last && before && point[0] - before[0] <= 2.5 * period) last.push(point);
    else out.push([point]);
  }
  // So many silences are a metric that only now and then has a value: each of them by itself.
  if (out.length > most / 2) return thin(points, most).map((point) => [point]);
  return out.map((run) => thin(run, Math.max(2, Math.floor((most * run.length) / points.length))));
}
