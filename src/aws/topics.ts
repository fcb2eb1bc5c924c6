import { createHash } from "node:crypto";
import {
  GetSubscriptionAttributesCommand,
  paginateListSubscriptionsByTopic,
  type SNSClient,
} from "@aws-sdk/client-sns";

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

/** The subscribers of a topic, however many. Undefined where there is no such topic. */
export async function subscribersOf(client: SNSClient, topicArn: string): Promise<Subscriber[] | undefined> {
  const found: Subscriber[] = [];
  try {
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic(
      { client },
      { TopicArn: topicArn },
    ))
      for (const { SubscriptionArn = "", Protocol = "", Endpoint = "" } of Subscriptions) {
        // In the place of an ARN stands `PendingConfirmation`, or `Deleted` for a while. Source: SNS's reference.
        if (SubscriptionArn === "Deleted") continue;
        const confirmed = SubscriptionArn.startsWith("arn:");
        const filtered = confirmed && (await isFiltered(client, SubscriptionArn));
        // One that has gone since it was listed.
        if (filtered === undefined) continue;
        found.push({ protocol: Protocol, endpoint: Endpoint, confirmed, ...(filtered ? { filtered } : {}) });
      }
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  return found;
}

/** Whether SNS says that there is no such thing. */
export const isNotFound = (error: unknown) => error instanceof Error && /^NotFound/.test(error.name);

/**
 * A digest of what a topic reaches: its confirmed subscriptions, in any order. Says whether they are the same ones,
 * and nothing of their endpoints, which may hold keys.
 */
export function listenersOf(topicArn: string, subscribers: readonly Subscriber[]): string {
  const heard = subscribers.flatMap(({ protocol, endpoint, confirmed, filtered = false }) =>
    confirmed ? [JSON.stringify([protocol, endpoint, filtered])] : [],
  );
  return createHash("sha256")
    .update([topicArn, ...heard.sort()].join("\n"))
    .digest("hex")
    .slice(0, 32);
}

/** An empty policy filters nothing. Undefined where there is no such subscription. */
async function isFiltered(client: SNSClient, SubscriptionArn: string): Promise<boolean | undefined> {
  try {
    const { Attributes = {} } = await client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    return !/^(\s*\{\s*\}\s*)?$/.test(Attributes.FilterPolicy ?? "");
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
