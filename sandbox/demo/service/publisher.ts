import { type CloudWatchClient, type MetricDatum, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { log } from "./log";

/** What gathers signals between two publications. */
export interface Gathered {
  /** All that was gathered since the last call. */
  drain(at: Date): MetricDatum[];
}

/** Intervals kept while CloudWatch does not answer: five minutes of them at one a second. */
const MAX_BACKLOG = 300;

/**
 * Publishes signals in order, each under the time at which it was gathered. What could not be sent waits
 * for the next call, because an outage of CloudWatch must not swallow the errors that fell into it.
 */
export class Publisher {
  private readonly backlog: MetricDatum[][] = [];

  constructor(
    private readonly client: CloudWatchClient,
    private readonly namespace: string,
    private readonly signals: Gathered,
  ) {}

  async publish(): Promise<void> {
    this.backlog.push(this.signals.drain(new Date()));
    if (this.backlog.length > MAX_BACKLOG) {
      this.backlog.shift();
      log("metrics: dropped an interval that could not be published for too long");
    }
    for (let next = this.backlog[0]; next; next = this.backlog[0]) {
      await this.client.send(new PutMetricDataCommand({ Namespace: this.namespace, MetricData: next }));
      this.backlog.shift();
    }
  }
}
