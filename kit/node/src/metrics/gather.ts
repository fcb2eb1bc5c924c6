import { type Datum, MOST_VALUES, type Unit } from "./datum";

/** So many distinct values of one metric are kept in a period; more of them are dropped and counted. */
const MOST_DISTINCT = 10_000;

/** The metrics of an app, by what a period without an event means. */
export interface MetricNames<Counter extends string, Value extends string, Level extends string> {
  /** Events per period; without one, zero: each period has a datapoint. Watch their Sum. */
  readonly counters?: readonly Counter[];
  /** Values of single events, with their unit; no event has no value. Watch an average or a percentile. */
  readonly values?: Readonly<Record<Value, Unit>>;
  /** Levels as last checked, repeated each period, zero until they are first set. Watch their Maximum. */
  readonly levels?: readonly Level[];
}

/** Gathers metrics between two publications. No clock, no I/O, and nothing in it throws. */
export class Gathered<
  Counter extends string = never,
  Value extends string = never,
  Level extends string = never,
> {
  private readonly counters = new Map<string, number>();
  private readonly units = new Map<string, Unit>();
  private readonly levels = new Map<string, number>();
  private values = new Map<string, Map<number, number>>();
  private lost = 0;

  constructor({ counters = [], values, levels = [] }: MetricNames<Counter, Value, Level> = {}) {
    for (const name of counters) this.counters.set(name, 0);
    for (const [name, unit] of Object.entries<Unit>(values ?? {})) this.units.set(name, unit);
    for (const name of levels) this.levels.set(name, 0);
  }

  /** How many values were dropped: no number, or too many of them. */
  get dropped(): number {
    return this.lost;
  }

  /** Counts an event. */
  count(name: Counter, by = 1): void {
    if (Number.isFinite(by)) this.counters.set(name, (this.counters.get(name) ?? 0) + by);
    else this.lost += 1;
  }

  /** Notes the value of an event. */
  observe(name: Value, value: number): void {
    const counts = this.values.get(name) ?? new Map<number, number>();
    const before = counts.get(value);
    if (!Number.isFinite(value) || (before === undefined && counts.size >= MOST_DISTINCT)) {
      this.lost += 1;
      return;
    }
    counts.set(value, (before ?? 0) + 1);
    this.values.set(name, counts);
  }

  /** Sets a level. `undefined`: the check could not be made, so nothing may be claimed until it is. */
  level(name: Level, value: number | undefined): void {
    if (value === undefined || !Number.isFinite(value)) this.levels.delete(name);
    else this.levels.set(name, value);
  }

  /** Names a counter, or a value with its unit, that is published from now on: a counter also in silence. */
  declare(name: string, unit?: Unit): void {
    if (unit !== undefined) this.units.set(name, unit);
    else if (!this.counters.has(name)) this.counters.set(name, 0);
  }

  /** All that was gathered since the last call. */
  drain(at: Date): Datum[] {
    const common = { Timestamp: at, StorageResolution: 1 } as const;
    const data: Datum[] = [];
    for (const [name, value] of this.counters) {
      data.push({ MetricName: name, Unit: "Count", ...common, Value: value });
      this.counters.set(name, 0);
    }
    for (const [name, counts] of this.values) {
      const distinct = [...counts];
      for (let start = 0; start < distinct.length; start += MOST_VALUES) {
        const part = distinct.slice(start, start + MOST_VALUES);
        const [values, times] = [part.map(([value]) => value), part.map(([, n]) => n)];
        const unit = this.units.get(name) ?? "None";
        data.push({ MetricName: name, Unit: unit, ...common, Values: values, Counts: times });
      }
    }
    for (const [name, value] of this.levels)
      data.push({ MetricName: name, Unit: "Count", ...common, Value: value });
    this.values = new Map();
    return data;
  }
}
