import type { Gathered } from "./gather";

/** The names of a signal's metrics, where they are not the default. */
export interface SignalNames {
  /** Default: the signal's name and `Requests`. */
  readonly requests?: string;
  /** Default: the signal's name and `Errors`. */
  readonly errors?: string;
  /** Default: the signal's name and `LatencyMs`; `false` for none. */
  readonly latency?: string | false;
}

/** What a handler does, as three metrics: requests and errors, which are zeros in silence, and latency in ms. */
export class Signal {
  private readonly requests: string;
  private readonly errors: string;
  private readonly latency: string | false;

  /** See `Metrics.signal`. */
  constructor(
    private readonly metrics: Gathered<string, string, never>,
    name: string,
    names: SignalNames,
  ) {
    this.requests = names.requests ?? `${name}Requests`;
    this.errors = names.errors ?? `${name}Errors`;
    this.latency = names.latency ?? `${name}LatencyMs`;
    metrics.declare(this.requests);
    metrics.declare(this.errors);
    if (this.latency !== false) metrics.declare(this.latency, "Milliseconds");
  }

  /**
   * Does the work, and counts it. What it returns or throws reaches the caller as it is.
   *
   * @param failed whether a result is an error, such as an answer with a status of 500; what throws is one anyway
   */
  watch<T>(work: () => T, failed: (result: Awaited<T>) => boolean = () => false): T {
    const began = performance.now();
    let result: T;
    try {
      result = work();
    } catch (error) {
      this.done(began, true);
      throw error;
    }
    if (isPromise(result))
      return result.then(
        (value: Awaited<T>) => {
          this.done(began, isFailed(failed, value));
          return value;
        },
        (error: unknown) => {
          this.done(began, true);
          throw error;
        },
      ) as T;
    this.done(began, isFailed(failed, result as Awaited<T>));
    return result;
  }

  /** Counts a request that is over, for who knows its outcome by other means. */
  done(began: number, failed: boolean): void {
    this.metrics.count(this.requests as never);
    if (failed) this.metrics.count(this.errors as never);
    // Whole milliseconds: CloudWatch takes few distinct values at a time.
    if (this.latency !== false)
      this.metrics.observe(this.latency as never, Math.round(performance.now() - began));
  }
}

/** A judge that fails must not fail the request; what cannot be judged counts as an error. */
function isFailed<T>(failed: (result: T) => boolean, value: T): boolean {
  try {
    return failed(value);
  } catch {
    return true;
  }
}

function isPromise<T>(value: T): value is T & Promise<Awaited<T>> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === "function";
}
