import {
  GetSubscriptionAttributesCommand,
  paginateListSubscriptionsByTopic,
  type SNSClient,
} from "@aws-sdk/client-sns";
import { digestOf } from "../text/digest";
import { unlessNamed } from "./failure";

/** Who listens to a topic. */
export interface Subscriber {
  /** As SNS calls it: `email`, `https`, `lambda` and such. */
  readonly protocol: string;
  /** May hold a key: it is compared, and never shown. */
  readonly endpoint: string;
  /** False until somebody confirmed it: nothing is delivered there. */
  readonly confirmed: boolean;
  /** True where a filter policy decides what is delivered there. */
  readonly filtered?: boolean | undefined;
}

/** What SNS calls its answer that there is no such thing. */
export const NOT_FOUND = /^NotFound/;

/** The subscribers of a topic, however many. Undefined where there is no such topic. */
export function subscribersOf(client: SNSClient, topicArn: string): Promise<Subscriber[] | undefined> {
  return unlessNamed(NOT_FOUND, undefined, listedSubscribers(client, topicArn));
}

async function listedSubscribers(client: SNSClient, TopicArn: string): Promise<Subscriber[]> {
  const found: Subscriber[] = [];
  for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client }, { TopicArn }))
    for (const { SubscriptionArn = "", Protocol = "", Endpoint = "" } of Subscriptions) {
      // In the place of an ARN stands `PendingConfirmation`, or `Deleted` for a while. Source: SNS's reference.
      if (SubscriptionArn === "Deleted") continue;
      const confirmed = SubscriptionArn.startsWith("arn:");
      const filtered = confirmed && (await isFiltered(client, SubscriptionArn));
      // One that has gone since it was listed.
      if (filtered === undefined) continue;
      found.push({ protocol: Protocol, endpoint: Endpoint, confirmed, ...(filtered ? { filtered } : {}) });
    }
  return found;
}

/**
 * A digest of what a topic reaches: its confirmed subscriptions, in any order. Says whether they are the same ones,
 * and nothing of their endpoints, which may hold keys.
 */
export function listenersOf(topicArn: string, subscribers: readonly Subscriber[]): string {
  const heard = subscribers.flatMap(({ protocol, endpoint, confirmed, filtered = false }) =>
    confirmed ? [JSON.stringify([protocol, endpoint, filtered])] : [],
  );
  return digestOf([topicArn, ...heard.sort()].join("\n"), 32);
}

/** An empty policy filters nothing. Undefined where there is no such subscription. */
async function isFiltered(client: SNSClient, SubscriptionArn: string): Promise<boolean | undefined> {
  const call = client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
  const answer = await unlessNamed(NOT_FOUND, undefined, call);
  return answer && !/^(\s*\{\s*\}\s*)?$/.test(answer.Attributes?.FilterPolicy ?? "");
}
