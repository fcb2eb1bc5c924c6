import { awsClient } from "../aws/clients";
import { principalOf } from "../aws/identity/compare";
import { gapsIn, type KeyGap, type KeyUse } from "../aws/keyPolicy";
import { type Known, known } from "../aws/known";
import type { Rollout } from "../rollout/rollout";
import type { Problem } from "../text/problem";

/**
 * What speaks against raising anything, by the keys that the account asks for: a topic whose key does not admit
 * CloudWatch takes every alarm, and delivers none. Never throws: a key whose policy cannot be read speaks against it, too.
 *
 * @param who the ARN of whoever asks
 */
export async function keyProblems(
  { account, existingTopics = {} }: Pick<Rollout, "account" | "existingTopics">,
  region: string,
  who: Known<string>,
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
  const { GetKeyPolicyCommand, KMSClient } = await import("@aws-sdk/client-kms");
  const client = awsClient(KMSClient, { region });
  try {
    // That it is not known who asks is said by itself.
    if (!who.ok) return [];
    const place = { ...principalOf(who.value), region };
    const found = uses.map(async ([use, KeyId, path]): Promise<Problem[]> => {
      const where = `cutover:rollout.${path}`;
      const read = await known(async () => {
        const { Policy = "{}" } = await client.send(
          new GetKeyPolicyCommand({ KeyId, PolicyName: "default" }),
        );
        return gapsIn(Policy, use, place);
      });
      if (!read.ok)
        return [
          {
            where,
            what: `the policy of ${KeyId} cannot be read: ${read.why}`,
            remedy: "Allow kms:GetKeyPolicy on it",
          },
        ];
      if (read.value.length === 0) return [];
      return [
        {
          where,
          what: `the policy of ${KeyId} does not admit ${read.value.map(({ statement: { Sid } }) => WHO[Sid ?? ""]).join(" and ")}`,
          remedy: remedyOf(read.value),
        },
      ];
    });
    return (await Promise.all(found)).flat();
  } finally {
    client.destroy();
  }
}

function remedyOf(gaps: readonly KeyGap[]): string {
  const add = `Add to its Statement: ${gaps.map(({ statement }) => JSON.stringify(statement)).join(", ")}`;
  return gaps.some(({ denied }) => denied)
    ? `Take them out of its Deny statements, which win over any other. Unless they are admitted already: ${add}`
    : add;
}

/** To on-call's topic alone alarms publish; to the others only roles of this account do, as they alone read secrets. */
const usedBy = (topic: string): KeyUse => (topic === "onCall" ? "topics" : "secrets");

const WHO: Readonly<Record<string, string>> = {
  CloudWatchAlarms: "CloudWatch, whose alarms would reach nobody",
  CloudWatchLogs: "CloudWatch Logs, which would keep nothing",
  RolesOfThisAccount: "the roles of this account, which use it",
};
