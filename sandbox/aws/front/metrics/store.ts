import { metricKey } from "../../../../src/aws/metricId";

/** What distinguishes one metric from another: CloudWatch never mixes dimensions. */
export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What was published at one time: values seen once or more, or a statistic set. */
export interface Point {
  /** Milliseconds of the epoch. */
  readonly at: number;
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly unit: string;
  /** Published with a StorageResolution of 1; else CloudWatch keeps the minute only. */
  readonly fine: boolean;
}

interface Series {
  readonly id: MetricId;
  /** In the order of time. */
  readonly points: Point[];
}

const MINUTE = 60_000;

/** Metrics as they were published: exact as to dimensions, unit and resolution. */
export class MetricStore {
  readonly #series = new Map<string, Series>();

  put(id: MetricId, points: readonly Point[]): void {
    const key = metricKey(id);
    const series = this.#series.get(key) ?? { id, points: [] };
    this.#series.set(key, series);
    for (const point of points) series.points.splice(after(series.points, point.at), 0, point);
  }

  /**
   * The points in `(from, to]`, in the order of time. For periods under a minute, what was published without
   * high resolution stands at the beginning of its minute.
   */
  between(id: MetricId, from: number, to: number, fine: boolean, unit?: string): readonly Point[] {
    const all = this.#series.get(metricKey(id))?.points ?? [];
    const points = all.slice(after(all, from), after(all, to + (fine ? MINUTE : 0)));
    const seen = fine ? points.map(kept).filter(({ at }) => at > from && at <= to) : points;
    return unit === undefined ? seen : seen.filter((point) => point.unit === unit);
  }

  /** Every metric that ever had data. */
  list(): readonly MetricId[] {
    return [...this.#series.values()].map(({ id }) => id);
  }

  /** As if a metric had had no data after a moment, in milliseconds of the epoch. */
  cut(id: MetricId, at: number): void {
    const { points = [] } = this.#series.get(metricKey(id)) ?? {};
    points.splice(after(points, at));
  }

  /** As if a metric had had no data in `(from, to]`. */
  drop(id: MetricId, from: number, to: number): void {
    const { points = [] } = this.#series.get(metricKey(id)) ?? {};
    const begin = after(points, from);
    points.splice(begin, Math.max(0, after(points, to) - begin));
  }

  clear(): void {
    this.#series.clear();
  }
}

/** As CloudWatch keeps it. */
function kept(point: Point): Point {
  return point.fine ? point : { ...point, at: Math.floor(point.at / MINUTE) * MINUTE };
}

/** The index after the last point at or before `at`. */
function after(points: readonly Point[], at: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle] as Point).at <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
