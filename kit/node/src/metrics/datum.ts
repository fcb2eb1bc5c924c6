/** CloudWatch's limit on distinct values in one datum. Source: PutMetricData. */
export const MOST_VALUES = 150;

/** CloudWatch's words for units; these are what an app needs. */
export type Unit = "Count" | "Milliseconds" | "Seconds" | "Percent" | "Bytes" | "None";

/** What one metric has to say of one period, in the shape that PutMetricData takes. */
export interface Datum {
  readonly MetricName: string;
  readonly Timestamp: Date;
  readonly Unit: Unit;
  /** High resolution, in seconds: alarm periods of 10 and 30 s need it. */
  readonly StorageResolution: 1;
  readonly Value?: number;
  readonly Values?: number[];
  readonly Counts?: number[];
  readonly Dimensions?: { readonly Name: string; readonly Value: string }[];
}

/** Where data go. One file for each. */
export interface Sink {
  /**
   * Sends the data of one period, all or none. Rejects where that was not possible; it is tried again then, unless the
   * error is `Unsendable`.
   *
   * @param signal aborts once it has taken too long: what went on then would go on beside the next try
   */
  send(data: readonly Datum[], signal: AbortSignal): Promise<void>;
  /** Ends what it holds. */
  close?(): void;
}

/** Data that will never be taken: trying again would hold up those behind them. */
export class Unsendable extends Error {}
