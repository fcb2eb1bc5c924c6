import { suffixOf } from "../../src/aws/keyPolicy";
import { type Asked, each, type Grant } from "./asked";
import { channelSecrets, deliverySecrets } from "./outside";

const KEYS = "only where config names customer-managed keys (account.kmsKeys, topics.*.kmsKey)";

/** The customer-managed keys that config names, by what they encrypt: also those of topics that are there. */
function keys({ rollout }: Asked, ...uses: readonly ("topics" | "secrets" | "logs")[]): string[] {
  const own = uses.flatMap((use) => rollout.account?.kmsKeys[use] ?? []);
  const existing = Object.values(rollout.existingTopics ?? {}).flatMap(({ kmsKey }) => kmsKey ?? []);
  return [...new Set(uses.includes("topics") ? [...own, ...existing] : own)];
}

/** What it takes to use these keys. A key's own policy has to admit the account's roles as well. */
export const KEY_GRANTS: readonly Grant[] = [
  {
    sid: "ReadKeysPolicies",
    for: ["measure", "preview", "drift", "promote", "doctor"],
    actions: each(KEYS, "kms:DescribeKey", "kms:GetKeyPolicy"),
    on: (asked) => keys(asked, "topics", "secrets", "logs"),
  },
  {
    sid: "WriteWithKeys",
    for: ["promote"],
    actions: each(KEYS, "kms:Decrypt", "kms:GenerateDataKey"),
    on: (asked) => keys(asked, "topics", "secrets"),
  },
  {
    sid: "TellWithKeys",
    for: ["break-glass"],
    actions: each(KEYS, "kms:Decrypt", "kms:GenerateDataKey"),
    on: (asked) => keys(asked, "topics"),
  },
  {
    sid: "ReadWithKeys",
    for: ["drift", "break-glass"],
    actions: each(KEYS, "kms:Decrypt"),
    on: (asked) => keys(asked, "secrets"),
  },
  {
    sid: "DecryptOthersSecrets",
    for: ["doctor"],
    actions: each("only where a channel's or delivery's secret has a customer-managed key", "kms:Decrypt"),
    // Whose key encrypts a secret that somebody else keeps is not known: any, by way of Secrets Manager alone.
    on: (asked) =>
      [...channelSecrets(asked), ...deliverySecrets(asked)].length > 0
        ? [`arn:${asked.partition}:kms:${asked.region}:${asked.account}:key/*`]
        : [],
    when: ({ region, partition }) => ({
      StringEquals: {
        "kms:ViaService": `secretsmanager.${region}.${suffixOf(partition)}`,
      },
    }),
  },
];
