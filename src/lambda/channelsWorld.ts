import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { ChangeMessageVisibilityCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { awsClient } from "../aws/clients";
import { KeptLog } from "../aws/keptLog";
import { QueueClient } from "../aws/queues";
import { type ChannelWorld, deliver, type Fate, NoSecret } from "../channels/deliver";
import type { Answer, Outgoing } from "../channels/kind";
import type { ChannelsSettings, QueuedChannel } from "./channelsSettings";

/** As SQS hands messages to a function. Source: Lambda developer guide, "Using Lambda with Amazon SQS". */
export interface QueueEvent {
  readonly Records: readonly {
    readonly messageId: string;
    readonly receiptHandle: string;
    readonly body: string;
    readonly attributes: { readonly ApproximateReceiveCount: string };
    readonly eventSourceARN: string;
  }[];
}
type QueueRecord = QueueEvent["Records"][number];

/** What goes back to the queue: those that are not named were delivered. */
export interface Failures {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** Tools answer within a second or two; a longer silence is tried again. */
const ANSWER_WITHIN_MS = 10_000;
/** Of an answer only its beginning is read. Bytes. */
const ANSWER_BYTES = 4_096;
/** What no later try finds otherwise, until somebody mends it. Source: Secrets Manager API reference, GetSecretValue. */
const NO_SECRET =
  /^(ResourceNotFoundException|AccessDeniedException|DecryptionFailure|InvalidRequestException)$/;

/** The channels' world in AWS, with the credentials of whoever runs it. */
export class ChannelsWorld implements ChannelWorld {
  private readonly secrets: SecretsManagerClient;
  private readonly sns: SNSClient;
  private readonly sqs: SQSClient;
  private readonly sent: KeptLog;

  constructor(
    private readonly settings: ChannelsSettings,
    readonly log: (entry: object) => void,
  ) {
    const { region, sentGroup } = settings;
    this.secrets = awsClient(SecretsManagerClient, { region });
    this.sns = awsClient(SNSClient, { region });
    this.sqs = awsClient(QueueClient, { region });
    this.sent = new KeptLog(region, sentGroup);
  }

  readonly now = Date.now;

  /** Delivers what a queue held. What is to be tried again stays in the queue for that long. */
  async handle({ Records }: QueueEvent): Promise<Failures> {
    const again = await Promise.all(Records.map((record) => this.one(record)));
    return {
      batchItemFailures: again.flatMap((itemIdentifier) => (itemIdentifier ? [{ itemIdentifier }] : [])),
    };
  }

  /** The message's id where it is to be tried again. */
  private async one(record: QueueRecord): Promise<string | undefined> {
    const { settings } = this;
    const channel = settings.channels.find(({ queueArn }) => queueArn === record.eventSourceARN);
    if (!channel)
      throw new Error(`${record.eventSourceARN} is the queue of no channel of ${settings.rollout}`);
    const tries = Number(record.attributes.ApproximateReceiveCount);
    const fate = await deliver(settings.rollout, channel, { body: record.body, tries }, this);
    if (fate.kind !== "sent") this.log({ event: fate.kind, channel: channel.name, tries, ...fate });
    if (fate.kind === "refused") await this.giveUp(channel, record, fate.why);
    if (fate.kind !== "again") return undefined;
    await this.wait(channel, record, fate);
    return record.messageId;
  }

  private async wait(
    { queueUrl: QueueUrl }: QueuedChannel,
    { receiptHandle: ReceiptHandle }: QueueRecord,
    { seconds: VisibilityTimeout }: Extract<Fate, { kind: "again" }>,
  ): Promise<void> {
    const asked = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout });
    // Without it, the queue's own time passes.
    await this.sqs
      .send(asked)
      .catch((error: unknown) => this.log({ event: "not-put-off", reason: String(error) }));
  }

  /** Throws where it cannot be kept: then it stays where it is, and is tried again. */
  private async giveUp(
    { deadLetterQueueUrl }: QueuedChannel,
    { body }: QueueRecord,
    why: string,
  ): Promise<void> {
    await this.sqs.send(
      new SendMessageCommand({
        QueueUrl: deadLetterQueueUrl,
        MessageBody: body,
        MessageAttributes: { why: { DataType: "String", StringValue: why.slice(0, 1_000) } },
      }),
    );
  }

  async secret(SecretId: string): Promise<string> {
    try {
      const { SecretString = "" } = await this.secrets.send(new GetSecretValueCommand({ SecretId }));
      return SecretString;
    } catch (error) {
      if (error instanceof Error && NO_SECRET.test(error.name)) throw new NoSecret(error.name);
      throw error;
    }
  }

  async post({ url, headers, body }: Extract<Outgoing, { via: "http" }>): Promise<Answer> {
    const answer = await fetch(url, {
      method: "POST",
      headers,
      body,
      // A key is sent to the address that was declared, and to no other.
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const retryAfter = answer.headers.get("retry-after") ?? undefined;
    return { status: answer.status, body: await beginning(answer), retryAfter };
  }

  async publish(TopicArn: string, Message: string): Promise<void> {
    await this.sns.send(new PublishCommand({ TopicArn, Message }));
  }

  async kept(prefix: string): Promise<ReadonlySet<string>> {
    return new Set((await this.sent.keys(prefix)).keys());
  }

  keep(key: string, text: string): Promise<void> {
    return this.sent.keep(key, text);
  }
}

async function beginning({ body }: Response): Promise<string> {
  if (!body) return "";
  const parts: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop closes the answer.
  for await (const part of body) {
    parts.push(part);
    length += part.byteLength;
    if (length >= ANSWER_BYTES) break;
  }
  return Buffer.concat(parts).subarray(0, ANSWER_BYTES).toString("utf8");
}
