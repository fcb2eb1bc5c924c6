import { PublishCommand, paginateListTopics, SNSClient } from "@aws-sdk/client-sns";
import { withClient } from "../aws/clients";
import { TOPICS, type TopicName, topicName } from "../aws/names";
import { publishInput } from "../aws/publish";
import { topicNameIn } from "../rollout/topics";
import { reasonOf } from "../text/problem";
import type { Message } from "./pages";

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
export function tellEveryone(
  region: string,
  whose: Whose,
  message: Message,
  topics: readonly TopicName[] = TOPICS,
): Promise<string[]> {
  const tell = (sns: SNSClient) => tellAll(sns, whose, message, topics);
  return withClient(SNSClient, { region }, tell).catch((error: unknown) => [reasonOf(error)]);
}

async function tellAll(
  sns: SNSClient,
  { name: rollout, existing = {} }: Whose,
  message: Message,
  topics: readonly TopicName[],
): Promise<string[]> {
  const found = new Map<string, string>();
  if (topics.some((topic) => existing[topic] === undefined))
    for await (const { Topics = [] } of paginateListTopics({ client: sns }, {}))
      for (const { TopicArn = "" } of Topics) found.set(topicNameIn(TopicArn), TopicArn);
  const told = await Promise.all(
    topics.map(async (topic) => {
      const name = topicName(rollout, topic);
      const TopicArn = existing[topic] ?? found.get(name);
      if (TopicArn === undefined) return `${name} is not there`;
      return sns.send(new PublishCommand(publishInput(TopicArn, message))).then(
        () => undefined,
        (error: unknown) => `${name}: ${reasonOf(error)}`,
      );
    }),
  );
  return told.filter((problem) => problem !== undefined);
}
