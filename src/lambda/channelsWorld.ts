import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { awsClient } from "../aws/clients";
import { KeptLog } from "../aws/keptLog";
import { QueueClient } from "../aws/queues";
import { secretText } from "../aws/secretText";
import { type ChannelWorld, deliver } from "../channels/deliver";
import type { Outgoing } from "../channels/kind";
import { askOutside, type OutsideAnswer } from "../text/askOutside";
import type { ChannelsSettings, QueuedChannel } from "./channelsSettings";
import { type Failures, type Held, type QueueEvent, QueueWorker, type Fate as WorkFate } from "./queueWorker";

/** Of an answer only its beginning is read. Bytes. */
const ANSWER_BYTES = 4_096;

/** The channels' world in AWS, with the credentials of whoever runs it. */
export class ChannelsWorld implements ChannelWorld {
  private readonly secrets: SecretsManagerClient;
  private readonly sns: SNSClient;
  private readonly worker: QueueWorker<QueuedChannel>;
  private readonly sent: KeptLog;

  constructor(
    private readonly settings: ChannelsSettings,
    readonly log: (entry: object) => void,
  ) {
    const { region, sentGroup } = settings;
    this.secrets = awsClient(SecretsManagerClient, { region });
    this.sns = awsClient(SNSClient, { region });
    const sqs = awsClient(QueueClient, { region });
    this.worker = new QueueWorker(sqs, settings.channels, log, (channel, held) => this.work(channel, held));
    this.sent = new KeptLog(region, sentGroup);
  }

  readonly now = Date.now;

  /** Delivers what a queue held. What is to be tried again stays in the queue for that long. */
  handle(event: QueueEvent): Promise<Failures> {
    return this.worker.handle(event);
  }

  private async work(channel: QueuedChannel, { body, tries }: Held): Promise<WorkFate> {
    const fate = await deliver(this.settings.rollout, channel, { body, tries }, this);
    if (fate.kind !== "sent") this.log({ event: fate.kind, channel: channel.name, tries, ...fate });
    return fate.kind === "sent" || fate.kind === "spared" ? { kind: "done" } : fate;
  }

  secret(name: string): Promise<string> {
    return secretText(this.secrets, name);
  }

  post({ url, headers, body }: Extract<Outgoing, { via: "http" }>): Promise<OutsideAnswer> {
    return askOutside({ method: "POST", url, headers, body }, ANSWER_BYTES);
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
