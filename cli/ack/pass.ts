import { randomUUID } from "node:crypto";
import { GetQueueUrlCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { type SeenPage, seenMessage } from "../../src/abort/seenPage";
import { withClient } from "../../src/aws/clients";
import { failure } from "../../src/aws/known";
import { channelName } from "../../src/aws/names";
import { QueueClient } from "../../src/aws/queues";
import { envelopeOf } from "../../src/channels/read";
import { channelKindOf } from "../../src/channels/registry";
import type { Rollout } from "../../src/rollout/rollout";
import { topicArnOf } from "../../src/rollout/topics";

/** What became of one channel: what it is called, and why it could not be told. */
export interface Passed {
  readonly channel: string;
  readonly problem?: string | undefined;
}

/**
 * Tells the channels that pages go to that a person saw one: each by its queue, from where it is sent however long its tool
 * is down. The topic's other subscriptions get nothing: nobody wants a mail or a call about it. Never throws.
 *
 * @param by who saw it, as AWS knows them
 */
export async function passOn(
  rollout: Rollout,
  region: string,
  page: SeenPage,
  by: string | undefined,
): Promise<Passed[]> {
  const told = Object.entries(rollout.channels ?? {}).filter(([, { topics }]) => topics.includes("onCall"));
  if (told.length === 0) return [];
  const named = ([name, config]: (typeof told)[number]) => `${name} (${channelKindOf(config).title})`;
  // Tools know a page by the account that it came from.
  if (by === undefined)
    return told.map((one) => ({ channel: named(one), problem: "STS does not tell which account this is" }));
  const now = Date.now();
  const topicArn = topicArnOf(rollout, by, region, "onCall");
  const MessageBody = envelopeOf(topicArn, seenMessage(page, by, now), { id: randomUUID(), now });
  return withClient(QueueClient, { region }, (sqs) =>
    Promise.all(
      told.map(async (one): Promise<Passed> => {
        const [name] = one;
        const channel = named(one);
        try {
          const { QueueUrl } = await sqs.send(
            new GetQueueUrlCommand({ QueueName: channelName(rollout.name, name) }),
          );
          await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
          return { channel };
        } catch (error) {
          return { channel, problem: failure(error).why };
        }
      }),
    ),
  );
}
