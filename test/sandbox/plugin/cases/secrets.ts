import { arnOf, type Cases } from "./case";

const SECRET = "aws:secretsmanager/secret:Secret";
const KEY = "aws:kms/key:Key";

export const secrets: Cases = {
  [SECRET]: () => ({
    inputs: { description: "probe's password", recoveryWindowInDays: 0, tags: { a: "b" } },
    updates: [
      { description: "other" },
      { tags: { c: "d" } },
      { recoveryWindowInDays: 7 },
      { recoveryWindowInDays: 0 },
    ],
    replaces: { name: "other" },
    unread: ["recoveryWindowInDays"],
  }),

  "aws:secretsmanager/secretVersion:SecretVersion": async (world) => ({
    inputs: { secretId: arnOf(await world.has(SECRET, { recoveryWindowInDays: 0 })), secretString: "hush" },
    replaces: { secretId: "other", secretString: "other", secretBinary: "aGk=" },
    stays: true,
  }),

  [KEY]: () => ({
    inputs: { description: "alarms' topic", deletionWindowInDays: 7, enableKeyRotation: true },
    updates: [
      { description: "other" },
      { enableKeyRotation: false },
      { isEnabled: false },
      { tags: { c: "d" } },
    ],
    replaces: { keyUsage: "SIGN_VERIFY", customerMasterKeySpec: "RSA_2048", multiRegion: true },
    unread: ["deletionWindowInDays"],
  }),

  "aws:kms/alias:Alias": async (world) => ({
    inputs: { targetKeyId: (await world.has(KEY, {})).id },
    updates: [{ targetKeyId: arnOf(await world.has(KEY, { description: "second" })) }],
    replaces: { name: "alias/other" },
  }),
};
