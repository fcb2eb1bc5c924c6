import { GetTopicAttributesCommand, type SNSClient } from "@aws-sdk/client-sns";
import { unlessNamed } from "./failure";
import type { KeyNow, KeyReader } from "./keys";
import type { Known } from "./known";
import { NOT_FOUND } from "./topics";

/** What AWS encrypts with where nobody names a key. Source: SNS's guide, "Data encryption". */
const OF_AWS = /(^|\/)alias\/aws\/sns$/;

/** What SNS says of a topic, as far as it is looked at. */
export interface TopicNow {
  /** As SNS has it: an ARN, an id or an alias. Absent where it is not encrypted. */
  readonly kmsKey?: string | undefined;
  /** What KMS says of that key; absent where the alias alone tells that it is AWS's own. */
  readonly key?: Known<KeyNow> | undefined;
  /** Its resource policy, as JSON. */
  readonly policy?: string | undefined;
}

/** A topic, and what it is encrypted with. Undefined where there is no such topic. */
export async function topicNow(
  client: SNSClient,
  keys: Pick<KeyReader, "read">,
  TopicArn: string,
  read: <T>(work: () => Promise<T>) => Promise<Known<T>>,
): Promise<TopicNow | undefined> {
  const call = client.send(new GetTopicAttributesCommand({ TopicArn }));
  const answer = await unlessNamed(NOT_FOUND, undefined, call);
  if (!answer) return undefined;
  const { KmsMasterKeyId: kmsKey, Policy: policy } = answer.Attributes ?? {};
  if (!kmsKey) return { policy };
  return { policy, kmsKey, ...(OF_AWS.test(kmsKey) ? {} : { key: await read(() => keys.read(kmsKey)) }) };
}

/** Whether a topic is encrypted with a key that AWS manages: no service may use it in its own name. */
export function isOfAws({ kmsKey, key }: TopicNow): boolean {
  return kmsKey !== undefined && (OF_AWS.test(kmsKey) || (key?.ok === true && key.value.ofAws));
}
