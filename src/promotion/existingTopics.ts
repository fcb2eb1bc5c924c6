import { GetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { identify } from "../aws/caller";
import { awsClient } from "../aws/clients";
import { principalOf } from "../aws/identity/compare";
import { known } from "../aws/known";
import { isForService, listed, statementsIn } from "../aws/policyStatements";
import type { Rollout } from "../rollout/rollout";
import { topicElsewhere } from "../rollout/topics";
import type { Problem } from "../text/problem";

/** What AWS encrypts with where nobody names a key. Source: SNS's guide, "Data encryption". */
const OF_AWS = /(^|\/)alias\/aws\/sns$/;

/** What SNS says of a topic, as far as it is looked at. */
export interface TopicSeen {
  /** As SNS has it: an ARN, an id or an alias. Absent where it is not encrypted. */
  readonly kmsKey?: string | undefined;
  /** Its resource policy, as JSON. */
  readonly policy?: string | undefined;
}

/**
 * What keeps an alarm, or a function of ours, from publishing to a topic of the account's own. Pure. What a condition of
 * its policy narrows is not judged: a statement that admits CloudWatch under any condition counts.
 *
 * @param declared the key that config names
 * @param where the topic's place in config, as a person finds it
 */
export function topicFaults(
  arn: string,
  { kmsKey, policy }: TopicSeen,
  declared: string | undefined,
  where: string,
): Problem[] {
  const found: Problem[] = [];
  const [, , , region = "", account = ""] = arn.split(":");
  if (kmsKey !== undefined && OF_AWS.test(kmsKey))
    found.push({
      where,
      what: `${arn} is encrypted with AWS's own key, which CloudWatch may not use: its alarms would reach nobody`,
      remedy:
        "Encrypt it with a customer-managed key whose policy admits CloudWatch, and name that as kmsKey",
    });
  else if (kmsKey !== undefined && !isKey(kmsKey, declared))
    found.push({
      where: `${where}.kmsKey`,
      what: `${declared === undefined ? "is missing" : "names another key"}: ${arn} is encrypted with ${kmsKey}`,
      remedy: `Write the ARN of that key (arn:…:kms:${region}:${account}:key/…): functions that page have to be allowed to use it`,
    });
  else if (kmsKey === undefined && declared !== undefined)
    found.push({
      where: `${where}.kmsKey`,
      what: `names a key, and ${arn} is not encrypted`,
      remedy: "Take it out, or encrypt the topic with it",
    });
  if (policy !== undefined && !admitsCloudWatch(policy))
    found.push({
      where,
      what: `the policy of ${arn} admits no alarm of CloudWatch: its alarms would reach nobody`,
      remedy: `Add to its Statement: ${JSON.stringify({
        Sid: "CloudWatchAlarms",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: arn,
        Condition: { StringEquals: { "aws:SourceAccount": account } },
      })}`,
    });
  return found;
}

/** An alias or an id says of which key it is only where the ARN ends in it; what is not told apart is believed. */
function isKey(seen: string, declared: string | undefined): boolean {
  if (declared === undefined) return false;
  return seen.includes("alias/") || seen === declared || declared.endsWith(`key/${seen}`);
}

function admitsCloudWatch(policy: string): boolean {
  return statementsIn(policy).some(
    ({ Effect, Principal, Action }) =>
      Effect === "Allow" &&
      isForService(Principal, "cloudwatch.amazonaws.com") &&
      listed(Action).some((action) => /^(\*|sns:(\*|publish))$/i.test(action)),
  );
}

/**
 * What speaks against raising anything, by the topics of the account's own that config names. Asks nothing where it names
 * none. Never throws: a topic that cannot be read speaks against it, too.
 */
export async function existingTopicProblems(
  { existingTopics = {} }: Pick<Rollout, "existingTopics">,
  region: string,
): Promise<Problem[]> {
  const named = Object.entries(existingTopics);
  if (named.length === 0) return [];
  const client = awsClient(SNSClient, { region });
  try {
    // That it is not known who asks is said by itself.
    const who = await known(() => identify(region));
    const found = named.map(async ([topic, { arn, kmsKey }]): Promise<Problem[]> => {
      const where = `cutover:rollout.topics.${topic}`;
      const [, , , , account] = arn.split(":");
      const elsewhere = topicElsewhere(arn, region, { where: `${where}.arn`, says: "the stacks are in" });
      if (elsewhere) return [elsewhere];
      const own = who.ok ? principalOf(who.value).account : account;
      if (own !== account)
        return [
          {
            where: `${where}.arn`,
            what: `is a topic of ${account}, and the stacks are in ${own}`,
            remedy: "Name a topic of the account itself, and subscribe the other account's tools to that",
          },
        ];
      const read = await known(() => client.send(new GetTopicAttributesCommand({ TopicArn: arn })));
      if (!read.ok)
        return [
          {
            where,
            what: `${arn} cannot be read: ${read.why}`,
            remedy: "Name a topic that is there, in this account, and allow sns:GetTopicAttributes on it",
          },
        ];
      const { KmsMasterKeyId, Policy } = read.value.Attributes ?? {};
      return topicFaults(arn, { kmsKey: KmsMasterKeyId || undefined, policy: Policy }, kmsKey, where);
    });
    return (await Promise.all(found)).flat();
  } finally {
    client.destroy();
  }
}
