import { paginateListSubscriptionsByTopic, type SNSClient } from "@aws-sdk/client-sns";

/** Who listens to a topic. */
export interface Subscriber {
  /** As SNS calls it: `email`, `https`, `lambda` and such. */
  readonly protocol: string;
  /** May hold a key: it is compared, and never shown. */
  readonly endpoint: string;
  /** False until somebody confirmed it: nothing is delivered there. */
  readonly confirmed: boolean;
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
        found.push({
          protocol: Protocol,
          endpoint: Endpoint,
          confirmed: SubscriptionArn.startsWith("arn:"),
        });
      }
  } catch (error) {
    if (error instanceof Error && /^NotFound/.test(error.name)) return undefined;
    throw error;
  }
  return found;
}
