import { PublishCommand, paginateListTopics, SNSClient } from "@aws-sdk/client-sns";
import { awsClient } from "../aws/clients";
import { TOPIC_SUFFIX, type TopicName } from "../aws/names";
import { publishInput } from "../aws/publish";
import { reasonOf } from "../text/problem";
import type { Message } from "./pages";

const EVERYONE = Object.keys(TOPIC_SUFFIX) as TopicName[];

/** Whose people are told. */
export interface Whose {
  readonly name: string;
  /** The ARNs of topics that are the account's own, as far as stack files tell them. */
  readonly existing?: Readonly<Partial<Record<TopicName, string>>> | undefined;
}

/**
 * Tells a rollout's people: by its topics, found by name, and by those of the account that stack files name. Break-glass
 * reads no Pulumi state. Returns who could not be told; never throws, since the flags are down by now.
 */
export async function tellEveryone(
  region: string,
  { name: rollout, existing = {} }: Whose,
  message: Message,
  topics: readonly TopicName[] = EVERYONE,
): Promise<string[]> {
  const sns = awsClient(SNSClient, { region });
  try {
    const wanted = new Set(topics);
    const found = new Map<string, string>();
    if ([...wanted].some((topic) => existing[topic] === undefined))
      for await (const { Topics = [] } of paginateListTopics({ client: sns }, {}))
        for (const { TopicArn = "" } of Topics) found.set(TopicArn.split(":").at(-1) ?? "", TopicArn);
    const told = await Promise.all(
      [...wanted].map(async (topic) => {
        const name = `${rollout}-${TOPIC_SUFFIX[topic]}`;
        const TopicArn = existing[topic] ?? found.get(name);
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
