import { listenersOf } from "../aws/topics";
import { ACKNOWLEDGE_WITHIN_MS, ACKNOWLEDGED_FOR_MS, type Acknowledged } from "../flags/acknowledged";
import { short } from "../text/command";
import { showDuration } from "../text/duration";
import { type Alarmed, alarmArns, alarmsToOnCall } from "./alarmNames";
import { type GuardFacts, reachesPerson, reachesSurely } from "./guardFacts";
import { type Fault, restore, unknown } from "./guardFault";
import type { Rollout } from "./rollout";
import { topicFaults } from "./topicFaults";
import { topicNameIn } from "./topics";

type Facts = Pick<GuardFacts, "onCall" | "onCallTopic" | "onCallArn" | "acknowledged" | "now">;

type Judged = Alarmed & Pick<Rollout, "account" | "existingTopics">;

/** What keeps the on-call topic from reaching a person: from taking what is published to it, or from somebody who hears it. */
export function personFaults(rollout: Judged, facts: Facts): Fault[] {
  const { onCallArn: arn, onCallTopic } = facts;
  const there = rollout.existingTopics?.onCall;
  const first = rollout.stages[0]?.name ?? "";
  const topic = {
    ...{ arn, roles: true, alarms: alarmArns(alarmsToOnCall(rollout), arn) },
    declared: there ? there.kmsKey : rollout.account?.kmsKeys.topics,
    remedy: there
      ? "Encrypt it with a customer-managed key whose policy admits CloudWatch, and name that as topics.onCall.kmsKey"
      : `${restore(first)}. To have it encrypted, name a customer-managed key as account.kmsKeys.topics in Pulumi.${first}.yaml`,
  };
  return [...topicFaults(topic, onCallTopic), ...listenerFaults(rollout, facts)];
}

/**
 * A person is reached by a confirmed subscription that is by itself a person's, or through whatever listens where somebody
 * acknowledged a page lately.
 */
function listenerFaults(rollout: Judged, { onCall, onCallArn, acknowledged, now }: Facts): Fault[] {
  if (!onCall.ok) return [unknown("who listens to the on-call topic", onCall)];
  const first = rollout.stages[0]?.name ?? "";
  const topic = topicNameIn(onCallArn);
  const there = rollout.existingTopics?.onCall;
  if (!onCall.value)
    return [
      {
        what: `the topic ${topic} is not there: nobody would be paged`,
        remedy: there
          ? `Name a topic that is there under topics.onCall in Pulumi.${first}.yaml`
          : restore(first),
      },
    ];
  const all = onCall.value;
  if (all.some(reachesSurely)) return [];
  const heard = all.some(({ confirmed, filtered }) => confirmed && !filtered);
  if (heard && !acknowledged.ok)
    return [unknown(`whether a page to ${topic} was acknowledged`, acknowledged)];
  const doubt =
    heard && acknowledged.ok ? doubtOf(topic, acknowledged.value, listenersOf(onCallArn, all), now) : "";
  if (heard && doubt === undefined) return [];
  const also = heard
    ? `. Or, where what listens pages a person, have that person acknowledge a page: ${short.pageOnCall(first)}`
    : "";
  const people = all.filter(reachesPerson);
  // Programs listen, too: what is said of people is not so of every subscription.
  const theirs = heard ? " that is a person's" : "";
  const [what, remedy] = people.some(({ confirmed }) => confirmed)
    ? [
        `every confirmed subscription of ${topic}${theirs} has a filter policy: it may keep alarms from people`,
        `Take the filter policy off in SNS${there ? "" : `, or ${lower(restore(first))}`}`,
      ]
    : people.length > 0
      ? [
          `no subscription of ${topic}${theirs} is confirmed: nobody would be paged`,
          `Confirm one: an e-mail by the link in the mail that SNS sent to it, an https endpoint by the SubscribeURL that SNS posted to it. Where that has gone, ask for another one: delete the pending subscription in SNS, then ${there ? "subscribe it anew" : lower(restore(first))}`,
        ]
      : [
          all.length > 0
            ? `${topic} has no subscription that reaches a person (e-mail, SMS or https), only ${[...new Set(all.map(({ protocol }) => protocol))].join(", ")}`
            : `${topic} has no subscription: nobody would be paged`,
          there
            ? `Subscribe somebody to ${there.arn} in SNS: it is the account's own topic`
            : `Declare one under topics.onCall in Pulumi.${first}.yaml, then ${short.ofStack("up", first)}. Where it is declared and was deleted: ${lower(restore(first))}`,
        ];
  return [{ what: `${what}${doubt ? `, and ${doubt}` : ""}`, remedy: `${remedy}${also}` }];
}

/** Why what was acknowledged does not show that a person is reached now; undefined where it does. */
function doubtOf(
  topic: string,
  { page, unanswered }: Acknowledged,
  listeners: string,
  now: number,
): string | undefined {
  if (unanswered !== undefined)
    return `nobody acknowledged the page of deployment ${unanswered} within ${showDuration(ACKNOWLEDGE_WITHIN_MS)}`;
  if (!page) return "nobody has acknowledged a page to it";
  if (now - page.at > ACKNOWLEDGED_FOR_MS)
    return `the page that was acknowledged, of deployment ${page.deployment}, is ${showDuration(now - page.at)} old and counted for ${showDuration(ACKNOWLEDGED_FOR_MS)}`;
  if (page.listeners !== listeners)
    return `what listens to ${topic} is not what it was when the page of deployment ${page.deployment} was acknowledged`;
  return undefined;
}

const lower = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1);
