import { PublishCommand, paginateListTopics, SNSClient } from "@aws-sdk/client-sns";
import { awsClient } from "../aws/clients";
import { TOPIC_SUFFIX, type TopicName } from "../aws/names";
import { publishInput } from "../aws/publish";
import { reasonOf } from "../text/problem";
import type { Message } from "./pages";

const EVERYONE = Object.keys(TOPIC_SUFFIX) as TopicName[];

/**
 * Tells a rollout's people, its topics found by name: break-glass reads no Pulumi state. Returns who could not be
 * told; never throws, since the flags are down by now.
 */
export async function tellEveryone(
  region: string,
  rollout: string,
  message: Message,
  topics: readonly TopicName[] = EVERYONE,
): Promise<string[]> {
  const sns = awsClient(SNSClient, { region });
  try {
    const wanted = new Set(topics.map((topic) => `${rollout}-${TOPIC_SUFFIX[topic]}`));
    const found = new Map<string, string>();
    for await (const { Topics = [] } of paginateListTopics({ client: sns }, {}))
      for (const { TopicArn = "" } of Topics) found.set(TopicArn.split(":").at(-1) ?? "", TopicArn);
    const told = await Promise.all(
      [...wanted].map(async (name) => {
        const TopicArn = found.get(name);
        if (TopicArn === undefined) return `${name} is not there`;
        return sns.send(new PublishCommand(publishInput(TopicArn, message))).then(
          () => undefined,
          (error: unknown) => `${name}: ${reasonOf(error)}`,
        );
      }),
    );
    return told.filter((problem) => problem !== undefined);
  } catch (error) {
    return [reasonOf(error)];
  } finally {
    sns.destroy();
  }
}
