import { type AwsPlace, placeIn } from "../../../../src/aws/arn";
import { gapsIn } from "../../../../src/aws/keyPolicy";
import { isUsable } from "../../../../src/aws/keys";
import { alarmsMayPublish } from "../../../../src/aws/topicPolicy";
import type { Scope } from "../call";
import { textOf } from "../rule";
import { type Upstream, UpstreamError } from "../upstream";
import { entriesIn } from "../wire/xml";

/** AWS's own key for SNS, whose policy admits roles of the account alone. */
const OF_AWS = /(^|\/)alias\/aws\/sns$/;

/** Whether a topic takes what an alarm publishes, by the alarm's name. */
export type Hears = (alarm: string) => boolean;

/**
 * Which alarms a topic hears: by the policy of the topic, and where it is encrypted by that of its key. AWS tells nobody of
 * it: the alarm's history alone says that the action failed. What cannot be judged gets nowhere.
 * Sources: CloudWatch's guide, "Notifying users on alarm changes"; SNS's, "Encrypt an SNS topic from event sources".
 */
export async function heardBy(topicArn: string, scope: Scope, upstream: Upstream): Promise<Hears> {
  const place = placeIn(topicArn);
  const asked = { Action: "GetTopicAttributes", Version: "2010-03-31", TopicArn: topicArn };
  // Where there is no such topic, the emulator finds none either.
  const said = await orNothing(upstream.query("sns", asked, scope));
  if (said === undefined) return () => true;
  const { Policy, KmsMasterKeyId: key } = entriesIn(said);
  if (key && !(await admitsAlarms(key, place, scope, upstream))) return () => false;
  if (Policy === undefined) return () => true;
  const arnOf = (alarm: string) =>
    `arn:${place.partition}:cloudwatch:${place.region}:${place.account}:alarm:${alarm}`;
  return (alarm) => alarmsMayPublish(Policy, topicArn, [arnOf(alarm)]) === "allowed";
}

/** Whether alarms may use a key. */
async function admitsAlarms(
  key: string,
  place: AwsPlace,
  scope: Scope,
  upstream: Upstream,
): Promise<boolean> {
  if (OF_AWS.test(key)) return false;
  const described = (await orNothing(upstream.call("kms", "DescribeKey", { KeyId: key }, scope)))
    ?.KeyMetadata;
  const { Arn, KeyState, KeyManager } = (described ?? {}) as Readonly<Record<string, unknown>>;
  // A key that is disabled, or waits to be deleted, encrypts nothing.
  if (Arn === undefined || !isUsable({ state: textOf(KeyState) ?? "" }) || KeyManager === "AWS") return false;
  const wanted = { KeyId: Arn, PolicyName: "default" };
  const policy = textOf((await orNothing(upstream.call("kms", "GetKeyPolicy", wanted, scope)))?.Policy);
  // With a key that is gone nothing is encrypted any more.
  if (policy === undefined) return false;
  return !gapsIn(policy, "topics", place).some(({ statement: { Sid } }) => Sid === "CloudWatchAlarms");
}

/** An answer, or nothing where the emulator reports a failure. */
async function orNothing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof UpstreamError) return undefined;
    throw error;
  }
}
