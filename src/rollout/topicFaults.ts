import { placeIn } from "../aws/arn";
import type { Known } from "../aws/known";
import type { PolicyVerdict } from "../aws/policyVerdict";
import { isOfAws, type TopicNow } from "../aws/topicNow";
import { alarmsMayPublish, rolesMayPublish } from "../aws/topicPolicy";
import { type Fault, unknown } from "./guardFault";
import { keyFaults } from "./keyFaults";
import { topicNameIn } from "./topics";

/** Who publishes to a topic. */
export interface Publishing {
  /** The ARNs of the alarms that do. */
  readonly alarms: readonly string[];
  /** Whether functions of ours and whoever promotes do as well. */
  readonly roles: boolean;
}

/** What is wrong with the key of a topic, beside what its own policy says. */
export type KeyDoubt =
  /** AWS manages it. */
  | "of-aws"
  /** Config names one, and the topic has AWS's own. */
  | "declared-of-aws"
  /** Config names none. */
  | "undeclared"
  | "another"
  /** Config names one, and the topic has none. */
  | "none";

/** How a topic's key differs from what config says of it. Pure. */
export function keyDoubt(
  seen: TopicNow,
  declared: string | undefined,
  { alarms }: Pick<Publishing, "alarms">,
): KeyDoubt | undefined {
  const { kmsKey } = seen;
  if (kmsKey === undefined) return declared === undefined ? undefined : "none";
  if (isOfAws(seen)) {
    if (alarms.length > 0) return "of-aws";
    return declared === undefined ? undefined : "declared-of-aws";
  }
  if (declared === undefined) return "undeclared";
  return isKey(seen, declared) ? undefined : "another";
}

/** What an alias leads to KMS alone says. Of one that it does not tell, the key is not known to be the right one. */
function isKey({ kmsKey = "", key }: TopicNow, declared: string): boolean {
  if (key?.ok) return key.value.arn === declared;
  return kmsKey === declared || (!kmsKey.includes("alias/") && declared.endsWith(`key/${kmsKey}`));
}

/** A topic that guards act through. */
export interface GuardTopic extends Publishing {
  readonly arn: string;
  /** The key that config names for it. */
  readonly declared?: string | undefined;
  /** What mends a key that is not as declared. */
  readonly remedy: string;
}

/**
 * What keeps a topic from taking what is published to it: its policy, its key, and the key's policy and state. Nothing of a
 * topic that is not there: whoever looks at its subscribers says so.
 */
export function topicFaults(topic: GuardTopic, seen: Known<TopicNow | undefined>): Fault[] {
  const { arn } = topic;
  if (!seen.ok) return [unknown(`whether the topic ${topicNameIn(arn)} takes what alarms tell it`, seen)];
  if (!seen.value) return [];
  const { policy } = seen.value;
  return [...ofKey(topic, seen.value), ...(policy === undefined ? [] : policyFaults(arn, policy, topic))];
}

function ofKey({ arn, declared, alarms, roles, remedy }: GuardTopic, seen: TopicNow): Fault[] {
  const name = topicNameIn(arn);
  const { kmsKey = "", key } = seen;
  const doubt = keyDoubt(seen, declared, { alarms });
  const wrong = (what: string): Fault[] => [{ what: `the topic ${name} is encrypted with ${what}`, remedy }];
  if (doubt === "of-aws")
    return wrong("AWS's own key, which CloudWatch may not use: its alarms would reach nobody");
  if (!key) return [];
  if (!key.ok) return [unknown(`whether the key of the topic ${name} (${kmsKey}) admits CloudWatch`, key)];
  // An alarm needs no more than the key's own policy. What a role may use is what config names.
  if (roles && doubt !== undefined)
    return wrong(`${kmsKey}, which is not the key that config names: functions that page may not use it`);
  return keyFaults(key.value.arn, key.value, roles ? "topics" : "alarms", placeIn(arn));
}

/** What a topic's policy says against those who publish: what cannot be told counts as well, in words of its own. */
export function policyFaults(arn: string, policy: string, { alarms, roles }: Publishing): Fault[] {
  const { account } = placeIn(arn);
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
    ...(roles ? [ofRoles[rolesMayPublish(policy, arn)]] : []),
  ];
  return said.flatMap((words) => {
    if (words === undefined) return [];
    const [what, remedy] = words;
    return [{ what: `the policy of ${arn} ${what}`, remedy }];
  });
}

type Words = Readonly<Partial<Record<PolicyVerdict, readonly [what: string, remedy: string]>>>;
