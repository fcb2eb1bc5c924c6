import { placeIn } from "../aws/arn";
import { type TopicName, topicOf } from "../aws/names";
import type { Problem } from "../text/problem";
import type { ExistingTopic } from "./config/topics";

/** Topics that are the account's own, by what they are used for. */
export type ExistingTopics = Readonly<Partial<Record<TopicName, ExistingTopic>>>;

interface Named {
  readonly name: string;
  readonly existingTopics?: ExistingTopics | undefined;
}

/**
 * Where a topic of a rollout is: the account's own, where config names one, or else the one that the first stage makes.
 *
 * @param caller the ARN of whoever asks, in the account of both
 */
export function topicArnOf(rollout: Named, caller: string, region: string, topic: TopicName): string {
  return rollout.existingTopics?.[topic]?.arn ?? topicOf(caller, region, rollout.name, topic);
}

/**
 * What is wrong with a topic of the account's own that is in another region.
 *
 * @param region where the rollout is
 * @param says the same as the end of a sentence
 */
export function topicElsewhere(
  arn: string,
  region: string,
  { where, says }: { readonly where: string; readonly says: string },
): Problem | undefined {
  const { region: of } = placeIn(arn);
  if (of === region) return undefined;
  return {
    where,
    what: `is a topic in ${of}, and ${says} ${region}: an alarm reaches none in another region`,
    remedy: `Name a topic in ${region}`,
  };
}

/** The name at the end of a topic's ARN. */
export function topicNameIn(arn: string): string {
  return arn.split(":").at(-1) ?? "";
}

/** The ARNs of the topics that are the account's own. */
export function existingArns({
  existingTopics = {},
}: Pick<Named, "existingTopics">): Partial<Record<TopicName, string>> {
  return Object.fromEntries(Object.entries(existingTopics).map(([topic, { arn }]) => [topic, arn]));
}
