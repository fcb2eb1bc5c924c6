import { principalOf } from "../aws/identity/compare";
import type { KeyUse } from "../aws/keyPolicy";
import type { KeyReader } from "../aws/keys";
import { type Known, known } from "../aws/known";
import { keyFaults } from "../rollout/keyFaults";
import type { Rollout } from "../rollout/rollout";
import type { Problem } from "../text/problem";

/**
 * What speaks against raising anything, by the keys that the account asks for: a topic whose key does not admit
 * CloudWatch takes every alarm, and delivers none. Never throws: a key whose policy cannot be read speaks against it, too.
 *
 * @param on where, the ARN of whoever asks, and what reads keys
 */
export async function keyProblems(
  { account, existingTopics = {} }: Pick<Rollout, "account" | "existingTopics">,
  { region, who, keys }: { readonly region: string; readonly who: Known<string>; readonly keys: KeyReader },
): Promise<Problem[]> {
  const uses = [
    ...(Object.entries(account?.kmsKeys ?? {}) as [KeyUse, string][]).map(
      ([use, key]) => [use, key, `account.kmsKeys.${use}`] as const,
    ),
    ...Object.entries(existingTopics).flatMap(([topic, { kmsKey }]) =>
      kmsKey === undefined ? [] : [[usedBy(topic), kmsKey, `topics.${topic}.kmsKey`] as const],
    ),
  ];
  if (uses.length === 0) return [];
  // That it is not known who asks is said by itself.
  if (!who.ok) return [];
  const place = { ...principalOf(who.value), region };
  const found = uses.map(async ([use, KeyId, path]): Promise<Problem[]> => {
    const where = `cutover:rollout.${path}`;
    const read = await known(() => keys.read(KeyId));
    if (!read.ok)
      return [
        {
          where,
          what: `the policy of ${KeyId} cannot be read: ${read.why}`,
          remedy: "Allow kms:DescribeKey and kms:GetKeyPolicy on it",
        },
      ];
    return keyFaults(KeyId, read.value, use, place).map(({ what, remedy }) => ({ where, what, remedy }));
  });
  return (await Promise.all(found)).flat();
}

/** To on-call's topic alone alarms publish; to the others only roles of this account do, as they alone read secrets. */
const usedBy = (topic: string): KeyUse => (topic === "onCall" ? "topics" : "secrets");
