import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";

/** As SQS hands messages to a function. Source: Lambda developer guide, "Using Lambda with Amazon SQS". */
export interface QueueEvent {
  readonly Records: readonly {
    readonly messageId: string;
    readonly receiptHandle: string;
    readonly body: string;
    readonly attributes: {
      readonly ApproximateReceiveCount: string;
      /** Ms since the epoch. */
      readonly SentTimestamp?: string | undefined;
    };
    readonly eventSourceARN: string;
  }[];
}
type QueueRecord = QueueEvent["Records"][number];

/** What goes back to the queue: those that are not named are done with. */
export interface Failures {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** A queue that a function works through. */
export interface WorkedQueue {
  /** What it is of. */
  readonly name: string;
  readonly queueArn: string;
  readonly queueUrl: string;
  /** Its dead-letter queue. */
  readonly deadLetterQueueUrl: string;
}

/** What a queue held. */
export interface Held {
  readonly body: string;
  /** How often it was received, 1 at first. */
  readonly tries: number;
  /** When it was sent, ms since the epoch; undefined where SQS does not say. */
  readonly sentAt?: number | undefined;
}

/** What becomes of a message. */
export type Fate =
  | { readonly kind: "done" }
  | { readonly kind: "again"; readonly seconds: number; readonly why: string }
  /** No further try can go well: it is moved to the dead-letter queue, where it is seen at once. */
  | { readonly kind: "refused"; readonly why: string };

/** Works through the queues of one function. What is to be tried again stays in its queue for that long. */
export class QueueWorker<Queue extends WorkedQueue> {
  constructor(
    private readonly sqs: SQSClient,
    private readonly queues: readonly Queue[],
    private readonly log: (entry: object) => void,
    private readonly work: (queue: Queue, held: Held) => Promise<Fate>,
  ) {}

  async handle({ Records }: QueueEvent): Promise<Failures> {
    const again = await Promise.all(Records.map((record) => this.one(record)));
    return {
      batchItemFailures: again.flatMap((itemIdentifier) => (itemIdentifier ? [{ itemIdentifier }] : [])),
    };
  }

  /** The message's id where it is to be tried again. */
  private async one(record: QueueRecord): Promise<string | undefined> {
    const queue = this.queues.find(({ queueArn }) => queueArn === record.eventSourceARN);
    if (!queue) throw new Error(`${record.eventSourceARN} is no queue of this function`);
    const { ApproximateReceiveCount, SentTimestamp } = record.attributes;
    const tries = Number(ApproximateReceiveCount);
    const sentAt = SentTimestamp === undefined ? undefined : Number(SentTimestamp);
    const fate = await this.work(queue, { body: record.body, tries, sentAt });
    if (fate.kind === "refused") await this.giveUp(queue, record, fate.why);
    if (fate.kind !== "again") return undefined;
    await this.wait(queue, record, fate.seconds);
    return record.messageId;
  }

  private async wait(
    { queueUrl: QueueUrl }: Queue,
    { receiptHandle: ReceiptHandle }: QueueRecord,
    VisibilityTimeout: number,
  ): Promise<void> {
    const asked = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout });
    // Without it, the queue's own time passes.
    await this.sqs
      .send(asked)
      .catch((error: unknown) => this.log({ event: "not-put-off", reason: String(error) }));
  }

  /** Throws where it cannot be kept: then it stays where it is, and is tried again. */
  private async giveUp({ deadLetterQueueUrl }: Queue, { body }: QueueRecord, why: string): Promise<void> {
    await this.sqs.send(
      new SendMessageCommand({
        QueueUrl: deadLetterQueueUrl,
        MessageBody: body,
        MessageAttributes: { why: { DataType: "String", StringValue: why.slice(0, 1_000) } },
      }),
    );
  }
}
