import { SNSClient } from "@aws-sdk/client-sns";
import { placeIn } from "../aws/arn";
import { withClient } from "../aws/clients";
import { principalOf } from "../aws/identity/compare";
import type { KeyReader } from "../aws/keys";
import { type Known, known } from "../aws/known";
import { type TopicNow, topicNow } from "../aws/topicNow";
import { type Alarmed, alarmArns, alarmsToOnCall } from "../rollout/alarmNames";
import type { Rollout } from "../rollout/rollout";
import { type KeyDoubt, keyDoubt, policyFaults } from "../rollout/topicFaults";
import { topicElsewhere } from "../rollout/topics";
import type { Problem } from "../text/problem";

/**
 * What keeps an alarm, or a function of ours, from publishing to a topic of the account's own. What the key itself says is
 * judged with the others that config names. Pure.
 *
 * @param declared the key that config names
 * @param alarms the ARNs of those that publish. Functions of ours and whoever promotes publish to every topic
 * @param where the topic's place in config, as a person finds it
 */
export function existingTopicFaults(
  arn: string,
  seen: TopicNow,
  declared: string | undefined,
  { alarms, where }: { readonly alarms: readonly string[]; readonly where: string },
): Problem[] {
  const doubt = keyDoubt(seen, declared, { alarms });
  const { kmsKey, policy } = seen;
  const found = doubt === undefined ? [] : [keyProblem(doubt, arn, kmsKey, where)];
  if (policy === undefined) return found;
  return [...found, ...policyFaults(arn, policy, { alarms, roles: true }).map((one) => ({ where, ...one }))];
}

function keyProblem(doubt: KeyDoubt, arn: string, kmsKey: string | undefined, where: string): Problem {
  const { region, account } = placeIn(arn);
  const another = {
    where: `${where}.kmsKey`,
    remedy: `Write the ARN of that key (arn:…:kms:${region}:${account}:key/…): functions that page have to be allowed to use it`,
  };
  const takeOut = { where: `${where}.kmsKey`, remedy: "Take it out, or encrypt the topic with it" };
  switch (doubt) {
    case "of-aws":
      return {
        where,
        what: `${arn} is encrypted with AWS's own key, which CloudWatch may not use: its alarms would reach nobody`,
        remedy:
          "Encrypt it with a customer-managed key whose policy admits CloudWatch, and name that as kmsKey",
      };
    case "declared-of-aws":
      return { ...takeOut, what: `names a key, and ${arn} is encrypted with AWS's own` };
    case "none":
      return { ...takeOut, what: `names a key, and ${arn} is not encrypted` };
    case "undeclared":
      return { ...another, what: `is missing: ${arn} is encrypted with ${kmsKey}` };
    case "another":
      return { ...another, what: `names another key: ${arn} is encrypted with ${kmsKey}` };
  }
}

/**
 * What speaks against raising anything, by the topics of the account's own that config names. Asks nothing where it names
 * none. Never throws: a topic that cannot be read speaks against it, too.
 *
 * @param on where, the ARN of whoever asks, and what reads keys
 */
export async function existingTopicProblems(
  { existingTopics = {}, ...rollout }: Alarmed & Pick<Rollout, "existingTopics">,
  { region, who, keys }: { readonly region: string; readonly who: Known<string>; readonly keys: KeyReader },
): Promise<Problem[]> {
  const named = Object.entries(existingTopics);
  if (named.length === 0) return [];
  return withClient(SNSClient, { region }, async (client) => {
    const found = named.map(async ([topic, { arn, kmsKey }]): Promise<Problem[]> => {
      const where = `cutover:rollout.topics.${topic}`;
      const { account } = placeIn(arn);
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
      const read = await known(() => topicNow(client, keys, arn, known));
      if (!read.ok || !read.value)
        return [
          {
            where,
            what: `${arn} ${read.ok ? "is not there" : `cannot be read: ${read.why}`}`,
            remedy: "Name a topic that is there, in this account, and allow sns:GetTopicAttributes on it",
          },
        ];
      const alarms = topic === "onCall" ? alarmArns(alarmsToOnCall(rollout), arn) : [];
      return existingTopicFaults(arn, read.value, kmsKey, { alarms, where });
    });
    return (await Promise.all(found)).flat();
  });
}
