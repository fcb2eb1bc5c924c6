import type { Input, Scope } from "../call";
import { type MetricId, MetricStore } from "../metrics/store";
import { type Upstream, UpstreamError } from "../upstream";

/** The metrics of a queue that its attributes tell at any moment, by the attributes' names. */
const ATTRIBUTE: Readonly<Record<string, string>> = {
  ApproximateNumberOfMessagesVisible: "ApproximateNumberOfMessages",
  ApproximateNumberOfMessagesNotVisible: "ApproximateNumberOfMessagesNotVisible",
  ApproximateNumberOfMessagesDelayed: "ApproximateNumberOfMessagesDelayed",
};

/** No queue is asked more often, in milliseconds: SQS itself publishes once a minute. */
const EVERY = 1_000;

/** Whether a metric is one that a queue's attributes tell. */
export const isOfQueue = ({ namespace, name, dimensions }: MetricId): boolean =>
  namespace === "AWS/SQS" && Object.hasOwn(ATTRIBUTE, name) && Object.keys(dimensions).join() === "QueueName";

/**
 * Metrics of queues, which the emulator does not publish: asked of their attributes whenever an alarm on them is
 * evaluated. So they begin with the first alarm, where SQS itself publishes for every queue that is used.
 */
export class QueueMetrics {
  readonly points = new MetricStore();
  readonly #asked = new Map<string, number>();

  constructor(
    private readonly upstream: Upstream,
    private readonly scope: Scope,
  ) {}

  /** Takes down what the queues of these metrics hold now. One that is not there publishes nothing. */
  async sample(ids: readonly MetricId[], now: number): Promise<void> {
    const queues = new Set(ids.filter(isOfQueue).map(({ dimensions }) => dimensions.QueueName ?? ""));
    await Promise.all([...queues].map((queue) => this.#ask(queue, now)));
  }

  async #ask(QueueName: string, now: number): Promise<void> {
    if (now - (this.#asked.get(QueueName) ?? Number.NEGATIVE_INFINITY) < EVERY) return;
    this.#asked.set(QueueName, now);
    for (const [name, value] of Object.entries(await this.#told(QueueName)))
      this.points.put({ namespace: "AWS/SQS", name, dimensions: { QueueName } }, [
        { at: now, count: 1, sum: value, min: value, max: value, unit: "Count", fine: true },
      ]);
  }

  async #told(QueueName: string): Promise<Record<string, number>> {
    const call = (operation: string, input: Input) => this.upstream.call("sqs", operation, input, this.scope);
    try {
      const { QueueUrl } = await call("GetQueueUrl", { QueueName });
      const asked = { QueueUrl, AttributeNames: Object.values(ATTRIBUTE) };
      const { Attributes = {} } = await call("GetQueueAttributes", asked);
      return Object.fromEntries(
        Object.entries(ATTRIBUTE).flatMap(([name, attribute]) => {
          const value = (Attributes as Record<string, unknown>)[attribute];
          return value === undefined ? [] : [[name, Number(value)]];
        }),
      );
    } catch (error) {
      if (error instanceof UpstreamError) return {};
      throw error;
    }
  }
}
