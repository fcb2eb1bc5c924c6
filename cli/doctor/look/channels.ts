import { LambdaClient } from "@aws-sdk/client-lambda";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SNSClient } from "@aws-sdk/client-sns";
import { placeIn } from "../../../src/aws/arn";
import { awsClient } from "../../../src/aws/clients";
import { type FunctionNow, functionNow } from "../../../src/aws/functions";
import { type Known, known } from "../../../src/aws/known";
import { channelName, channelsName } from "../../../src/aws/names";
import { messagesIn, QueueClient } from "../../../src/aws/queues";
import { type Subscriber, subscribersOf } from "../../../src/aws/topics";
import { type ChannelConfig, channelKindOf, secretOf } from "../../../src/channels/registry";
import type { Rollout } from "../../../src/rollout/rollout";
import { feedingTo, type LookedAt, type SecretFact, secretFact } from "./queued";

/** What AWS holds of one channel. Nothing in it quotes a secret. */
export interface ChannelFact {
  /** Its queue's ARN, whether it is there or not. */
  readonly queueArn: string;
  /** How many messages wait in its queue, and lie in its dead-letter queue; undefined where there is no such queue. */
  readonly waiting: Known<number | undefined>;
  readonly deadLetters: Known<number | undefined>;
  /** Who listens to the topic of its own; absent where its kind has none. */
  readonly ownTopic?: Known<readonly Subscriber[] | undefined> | undefined;
  /** Absent where its kind needs none. */
  readonly secret?: SecretFact | undefined;
}

/** What a rollout's channels are made of. */
export interface ChannelFacts {
  readonly channels: ReadonlyMap<string, ChannelFact>;
  /** The function that sends what their queues hold; undefined where it is not there. */
  readonly fn: Known<FunctionNow | undefined>;
  /** The states of what feeds the queues to it, by the queue's ARN: `Enabled`, `Disabled` and such. */
  readonly fed: Known<ReadonlyMap<string, string>>;
}

/**
 * Looks at all that a rollout's channels need. Never throws. A secret's text is judged here, and goes no further.
 *
 * @param keep is told each secret's text, so that no line holds it
 */
export async function readChannels(
  { name, channels = {} }: Rollout,
  { region, arn, left }: LookedAt,
  keep: (secret: string) => void,
): Promise<ChannelFacts> {
  const lambda = awsClient(LambdaClient, { region });
  const sqs = awsClient(QueueClient, { region });
  const sns = awsClient(SNSClient, { region });
  const secrets = awsClient(SecretsManagerClient, { region });
  const { partition, account } = placeIn(arn);
  const at = (service: string, what: string) => `arn:${partition}:${service}:${region}:${account}:${what}`;
  const read = <T>(work: () => Promise<T>) => known(work, left);
  const one = async (channel: string, config: ChannelConfig): Promise<[string, ChannelFact]> => {
    const called = channelName(name, channel);
    const [waiting, deadLetters, ownTopic, secret] = await Promise.all([
      read(() => messagesIn(sqs, called)),
      read(() => messagesIn(sqs, `${called}-dlq`)),
      channelKindOf(config).ownTopic && read(() => subscribersOf(sns, at("sns", called))),
      secretFact(secrets, secretOf(config), channelKindOf(config).secretProblem, read, keep),
    ]);
    return [channel, { queueArn: at("sqs", called), waiting, deadLetters, ownTopic, secret }];
  };
  try {
    const fn = channelsName(name);
    const [found, seen, fed] = await Promise.all([
      Promise.all(Object.entries(channels).map(([channel, config]) => one(channel, config))),
      read(() => functionNow(lambda, fn)),
      read(() => feedingTo(lambda, fn)),
    ]);
    return { channels: new Map(found), fn: seen, fed };
  } finally {
    for (const client of [lambda, sqs, sns, secrets]) client.destroy();
  }
}
