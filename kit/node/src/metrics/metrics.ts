import { within } from "../pace";
import { type Datum, type Sink, Unsendable } from "./datum";
import { Gathered, type MetricNames } from "./gather";
import { Signal, type SignalNames } from "./signal";

/** A period, in ms: rows are judged by the second. */
const PERIOD_MS = 1_000;
/** Periods kept while the service does not answer: five minutes of them. */
const MOST_WAITING = 300;
/** No sending takes longer, in ms. */
const SEND_MS = 10_000;

/** How metrics are opened. */
export interface MetricsOptions<Counter extends string, Value extends string, Level extends string>
  extends MetricNames<Counter, Value, Level> {
  readonly sink: Sink;
  /** Ms between two publications; `false`: `publish` is called instead. Default: one second. */
  readonly periodMs?: number | false;
  /** Dimensions of every metric. Default: none, as rows have it. */
  readonly dimensions?: Readonly<Record<string, string>>;
  /** Hears of problems, each once. Default: stderr. */
  readonly log?: (message: string) => void;
}

/** What became of metrics so far. */
export interface MetricsStatus {
  /** Periods that wait to be sent. */
  readonly waiting: number;
  /** Periods and values that were dropped. */
  readonly dropped: number;
  /** Why nothing could be sent last time; absent where it could. */
  readonly problem?: string;
}

/**
 * The metrics that rows watch: gathered, and published each second, in silence as zeros. What cannot be sent waits, under
 * the time at which it was gathered: an outage of CloudWatch must not swallow the errors that fell into it. Nothing here
 * throws into the app.
 */
export class Metrics<
  Counter extends string = never,
  Value extends string = never,
  Level extends string = never,
> extends Gathered<Counter, Value, Level> {
  private readonly waiting: Datum[][] = [];
  private sending: Promise<void> | undefined;
  private droppedPeriods = 0;
  private problem: string | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** Opens nothing yet: see `openMetrics`. */
  constructor(private readonly options: MetricsOptions<Counter, Value, Level>) {
    super(options);
  }

  /** Watches a handler: its requests, errors and latency, under names that begin with this one. */
  signal(name: string, names: SignalNames = {}): Signal {
    return new Signal(this as unknown as Gathered<string, string, never>, name, names);
  }

  /** Publishes what was gathered, and what waits. Never rejects. */
  async publish(): Promise<void> {
    const { dimensions } = this.options;
    const own = Object.entries(dimensions ?? {}).map(([Name, Value]) => ({ Name, Value }));
    const data = this.drain(new Date());
    if (data.length > 0)
      this.waiting.push(own.length === 0 ? data : data.map((datum) => ({ ...datum, Dimensions: own })));
    if (this.waiting.length > MOST_WAITING) {
      this.waiting.shift();
      this.droppedPeriods += 1;
      if (this.droppedPeriods === 1) this.say("a period could not be sent for too long, and is dropped");
    }
    this.sending ??= this.send().finally(() => {
      this.sending = undefined;
    });
    await this.sending;
  }

  /** What became of them so far. */
  status(): MetricsStatus {
    const { problem } = this;
    return {
      waiting: this.waiting.length,
      dropped: this.dropped + this.droppedPeriods,
      ...(problem === undefined ? {} : { problem }),
    };
  }

  /** Publishes every period, from now on. */
  start(): this {
    const periodMs = this.options.periodMs ?? PERIOD_MS;
    // Publishing alone keeps no process running.
    if (periodMs !== false) this.timer = setInterval(() => void this.publish(), periodMs).unref();
    return this;
  }

  /** Ends, after a last publication. Call it before the process exits: the last requests are told by it. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.sending;
    await this.publish();
    this.options.sink.close?.();
  }

  private async send(): Promise<void> {
    for (let next = this.waiting[0]; next; next = this.waiting[0]) {
      try {
        await within(SEND_MS, (signal) => this.options.sink.send(next, signal));
        this.note(undefined);
      } catch (error) {
        this.note(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
        if (!(error instanceof Unsendable)) return;
        this.droppedPeriods += 1;
      }
      // It may have been dropped meanwhile, being the oldest.
      if (this.waiting[0] === next) this.waiting.shift();
    }
  }

  private note(problem: string | undefined): void {
    if (problem === this.problem) return;
    this.problem = problem;
    this.say(problem ?? "can be sent again");
  }

  private say(message: string): void {
    const log = this.options.log ?? ((line) => console.error(line));
    log(`metrics: ${message}`);
  }
}

/** Opens metrics, and publishes them each second. */
export function openMetrics<
  const Counter extends string = never,
  const Value extends string = never,
  const Level extends string = never,
>(options: MetricsOptions<Counter, Value, Level>): Metrics<Counter, Value, Level> {
  return new Metrics(options).start();
}
