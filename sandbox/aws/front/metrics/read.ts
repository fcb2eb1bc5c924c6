import type { Input } from "../call";
import { listOf, numberOf, textOf } from "../rule";
import type { MetricId, Point } from "./store";

/** A time as any of the protocols writes it, in milliseconds of the epoch. */
export function timeOf(value: unknown): number | undefined {
  if (value instanceof Date) return value.getTime();
  const seconds = numberOf(value);
  if (seconds !== undefined) return Math.round(seconds * 1_000);
  if (typeof value === "object" && value !== null && "value" in value) return timeOf(value.value);
  if (typeof value !== "string") return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}

/** `[{ Name, Value }]` as a record. */
export function dimensionsOf(value: unknown): Record<string, string> {
  return Object.fromEntries(listOf(value).map(({ Name, Value }) => [String(Name), String(Value ?? "")]));
}

/** A metric as CloudWatch's operations name it. */
export function metricOf({ Namespace, MetricName, Dimensions }: Input): MetricId {
  return {
    namespace: textOf(Namespace) ?? "",
    name: textOf(MetricName) ?? "",
    dimensions: dimensionsOf(Dimensions),
  };
}

/** What one datum of PutMetricData says. */
export function pointsOf(datum: Input, now: number): readonly Point[] {
  const at = timeOf(datum.Timestamp) ?? now;
  const unit = textOf(datum.Unit) ?? "None";
  const fine = numberOf(datum.StorageResolution) === 1;
  const point = (count: number, sum: number, min: number, max: number) =>
    ({ at, count, sum, min, max, unit, fine }) satisfies Point;
  const set = datum.StatisticValues as Input | undefined;
  if (set !== undefined && set !== null) {
    const { SampleCount, Sum, Minimum, Maximum } = set;
    return [point(Number(SampleCount), Number(Sum), Number(Minimum), Number(Maximum))];
  }
  if (Array.isArray(datum.Values)) {
    const counts = listOf<unknown>(datum.Counts).map(Number);
    return datum.Values.map(Number).map((value, index) => {
      const count = counts[index] ?? 1;
      return point(count, value * count, value, value);
    });
  }
  const value = Number(datum.Value);
  return [point(1, value, value, value)];
}
