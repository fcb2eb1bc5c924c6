import type { MetricDatum, StandardUnit } from "@aws-sdk/client-cloudwatch";

/** CloudWatch's limit on distinct values in one datum. */
const MAX_VALUES = 150;

/** What a service publishes: one metric name for each signal, no dimensions. */
export interface SignalNames<Counter, Value extends string, Gauge> {
  /** Events per interval; without one, zero. */
  readonly counters: readonly Counter[];
  /** Levels, zero until they are first set. */
  readonly gauges: readonly Gauge[];
  /** Units of values, where they have one. */
  readonly units: Readonly<Partial<Record<Value, StandardUnit>>>;
}

/** Gathers signals between two publications. Pure: no clock, no I/O. */
export class Signals<Counter extends string, Value extends string, Gauge extends string> {
  private counters = new Map<Counter, number>();
  private values = new Map<Value, Map<number, number>>();
  private readonly gauges: Map<Gauge, number>;

  constructor(private readonly names: SignalNames<Counter, Value, Gauge>) {
    this.gauges = new Map(names.gauges.map((name) => [name, 0]));
  }

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
    const data = this.names.counters.map((name) =>
      datum(name, "Count", { Value: this.counters.get(name) ?? 0 }),
    );
    for (const [name, counts] of this.values) {
      const unit = this.names.units[name] ?? "None";
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
