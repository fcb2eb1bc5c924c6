import { GetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { awsClient } from "../aws/clients";
import { principalOf } from "../aws/identity/compare";
import { type Known, known } from "../aws/known";
import type { PolicyVerdict } from "../aws/policyVerdict";
import { alarmsMayPublish, rolesMayPublish } from "../aws/topicPolicy";
import { type Alarmed, alarmArns, alarmsToOnCall } from "../rollout/alarmNames";
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

/** Who publishes to a topic. */
export interface Publishing {
  /** The ARNs of the alarms that do. Functions of ours and whoever promotes publish to every topic. */
  readonly alarms: readonly string[];
  /** The topic's place in config, as a person finds it. */
  readonly where: string;
}

/**
 * What keeps an alarm, or a function of ours, from publishing to a topic of the account's own. Pure.
 *
 * @param declared the key that config names
 */
export function topicFaults(
  arn: string,
  { kmsKey, policy }: TopicSeen,
  declared: string | undefined,
  { alarms, where }: Publishing,
): Problem[] {
  const found: Problem[] = [];
  const [, , , region = "", account = ""] = arn.split(":");
  const ofAws = kmsKey !== undefined && OF_AWS.test(kmsKey);
  if (ofAws && alarms.length > 0)
    found.push({
      where,
      what: `${arn} is encrypted with AWS's own key, which CloudWatch may not use: its alarms would reach nobody`,
      remedy:
        "Encrypt it with a customer-managed key whose policy admits CloudWatch, and name that as kmsKey",
    });
  else if (ofAws && declared !== undefined)
    found.push({
      where: `${where}.kmsKey`,
      what: `names a key, and ${arn} is encrypted with AWS's own`,
      remedy: "Take it out, or encrypt the topic with it",
    });
  else if (kmsKey !== undefined && !ofAws && !isKey(kmsKey, declared))
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
  return policy === undefined ? found : [...found, ...policyFaults(arn, policy, { alarms, where })];
}

/** What a topic's policy says against those who publish: what cannot be told counts as well, in words of its own. */
function policyFaults(arn: string, policy: string, { alarms, where }: Publishing): Problem[] {
  const [, , , , account = ""] = arn.split(":");
  const admitting = JSON.stringify({
    Sid: "CloudWatchAlarms",
    Effect: "Allow",
    Principal: { Service: "cloudwatch.amazonaws.com" },
    Action: "sns:Publish",
    Resource: arn,
    Condition: { StringEquals: { "aws:SourceAccount": account } },
  });
  const conditions =
    "Let its conditions ask for no more than aws:SourceAccount, aws:SourceArn, aws:SecureTransport and aws:PrincipalIsAWSService, which are judged here";
  const unread = (what: string, whom: string) =>
    `${what} under conditions of which it cannot be told whether ${whom} meet them`;
  const ofAlarms: Words = {
    denied: [
      "denies CloudWatch to publish: its alarms would reach nobody",
      "Take cloudwatch.amazonaws.com out of its Deny statements",
    ],
    "maybe-denied": [unread("denies publishing", "these alarms"), conditions],
    "not-allowed": [
      "admits no alarm of CloudWatch: its alarms would reach nobody",
      `Add to its Statement: ${admitting}`,
    ],
    unknown: [unread("lets CloudWatch publish", "these alarms"), `Add to its Statement: ${admitting}`],
  };
  // What their own policies let them do, a topic's only takes away.
  const ofRoles: Words = {
    denied: [
      "denies the roles of this account to publish: what functions and promotions say would reach nobody",
      "Take them out of its Deny statements",
    ],
    "maybe-denied": [unread("denies publishing", "the roles of this account"), conditions],
  };
  const said = [
    ...(alarms.length > 0 ? [ofAlarms[alarmsMayPublish(policy, arn, alarms)]] : []),
    ofRoles[rolesMayPublish(policy, arn)],
  ];
  return said.flatMap((words) => {
    if (words === undefined) return [];
    const [what, remedy] = words;
    return [{ where, what: `the policy of ${arn} ${what}`, remedy }];
  });
}

type Words = Readonly<Partial<Record<PolicyVerdict, readonly [what: string, remedy: string]>>>;

/** An alias or an id says of which key it is only where the ARN ends in it; what is not told apart is believed. */
function isKey(seen: string, declared: string | undefined): boolean {
  if (declared === undefined) return false;
  return seen.includes("alias/") || seen === declared || declared.endsWith(`key/${seen}`);
}

/**
 * What speaks against raising anything, by the topics of the account's own that config names. Asks nothing where it names
 * none. Never throws: a topic that cannot be read speaks against it, too.
 *
 * @param who the ARN of whoever asks
 */
export async function existingTopicProblems(
  { existingTopics = {}, ...rollout }: Alarmed & Pick<Rollout, "existingTopics">,
  region: string,
  who: Known<string>,
): Promise<Problem[]> {
  const named = Object.entries(existingTopics);
  if (named.length === 0) return [];
  const client = awsClient(SNSClient, { region });
  try {
    const found = named.map(async ([topic, { arn, kmsKey }]): Promise<Problem[]> => {
      const where = `cutover:rollout.topics.${topic}`;
      const [, , , , account] = arn.split(":");
      const elsewhere = topicElsewhere(arn, region, { where: `${where}.arn`, says: "the stacks are in" });
      if (elsewhere) return [elsewhere];
      // That it is not known who asks is said by itself.
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
      const alarms = topic === "onCall" ? alarmArns(alarmsToOnCall(rollout), arn) : [];
      return topicFaults(arn, { kmsKey: KmsMasterKeyId || undefined, policy: Policy }, kmsKey, {
        alarms,
        where,
      });
    });
    return (await Promise.all(found)).flat();
  } finally {
    client.destroy();
  }
}
