import type { MetricDatum, StandardUnit } from "@aws-sdk/client-cloudwatch";

/**
 * One metric name for each signal, no dimensions, no metric math: an alarm on each is a plain statistic.
 * Three shapes, by what an interval without an event means.
 */

/** Events per interval: nothing happened is a zero, so each interval has a datapoint. Use Sum. */
export const COUNTERS = [
  "QueueRequests",
  "Queue5xx",
  "ListRequests",
  "List5xx",
  "ReadRequests",
  "Read5xx",
  "WriteRequests",
  "Write5xx",
  "Server5xx",
  "QueueEmptyForAdmin",
  "RoleLeak",
] as const;

/** Values of single events: no event has no value. A zero would drag percentiles and averages down. */
export const VALUES = ["QueueLatencyMs", "StaleVersion409"] as const;

/** Levels, as last checked, repeated each interval while the check works. Use Maximum. */
export const GAUGES = ["Divergence", "MissingAudit"] as const;

export type Counter = (typeof COUNTERS)[number];
export type Value = (typeof VALUES)[number];
export type Gauge = (typeof GAUGES)[number];

/** CloudWatch's limit on distinct values in one datum. */
const MAX_VALUES = 150;

/** Gathers signals between two publications. Pure: no clock, no I/O. */
export class Signals {
  private counters = new Map<Counter, number>();
  private values = new Map<Value, Map<number, number>>();
  private readonly gauges = new Map<Gauge, number>(GAUGES.map((name) => [name, 0]));

  count(name: Counter): void {
    this.counters.set(name, (this.counters.get(name) ?? 0) + 1);
  }

  observe(name: Value, value: number): void {
    const counts = this.values.get(name) ?? new Map<number, number>();
    counts.set(value, (counts.get(value) ?? 0) + 1);
    this.values.set(name, counts);
  }

  /** `undefined`: the check could not be made, so nothing may be claimed. */
  level(name: Gauge, value: number | undefined): void {
    if (value === undefined) this.gauges.delete(name);
    else this.gauges.set(name, value);
  }

  /** All that was gathered since the last call. */
  drain(at: Date): MetricDatum[] {
    const datum = (name: string, unit: StandardUnit, rest: Partial<MetricDatum>): MetricDatum => ({
      MetricName: name,
      Timestamp: at,
      // High resolution: alarm periods of 10 and 30 s need it.
      StorageResolution: 1,
      Unit: unit,
      ...rest,
    });
    const data = COUNTERS.map((name) => datum(name, "Count", { Value: this.counters.get(name) ?? 0 }));
    for (const [name, counts] of this.values) {
      const unit = name === "QueueLatencyMs" ? "Milliseconds" : "None";
      const distinct = [...counts];
      for (let start = 0; start < distinct.length; start += MAX_VALUES) {
        const part = distinct.slice(start, start + MAX_VALUES);
        data.push(
          datum(name, unit, { Values: part.map(([value]) => value), Counts: part.map(([, n]) => n) }),
        );
      }
    }
    for (const [name, value] of this.gauges) data.push(datum(name, "Count", { Value: value }));
    this.counters = new Map();
    this.values = new Map();
    return data;
  }
}
