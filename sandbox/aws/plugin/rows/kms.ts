import * as z from "zod";
import { json } from "../../../plugin/spec";
import type { Props } from "../../../plugin/values";
import { service } from "../api";
import { pairsOf, regional, tagged } from "../row";
import type { Aws } from "../session";

const keys = service((aws) => aws.kms(), {
  ...{ key: "KeyId", as: pairsOf("TagKey", "TagValue"), list: "listResourceTags" },
});

async function rotate(aws: Aws, KeyId: string, on: boolean, days: number | undefined): Promise<void> {
  const kms = await aws.kms();
  if (on) await kms.enableKeyRotation({ KeyId, RotationPeriodInDays: days });
  else await kms.disableKeyRotation({ KeyId });
}

const Key = keys.row({
  inputs: {
    ...tagged,
    description: z.string().optional().meta({ computed: true }),
    keyUsage: z.string().default("ENCRYPT_DECRYPT").meta({ replaces: true }),
    customerMasterKeySpec: z.string().default("SYMMETRIC_DEFAULT").meta({ replaces: true, api: "KeySpec" }),
    multiRegion: z.boolean().optional().meta({ computed: true, replaces: true }),
    policy: json().optional().meta({ computed: true }),
    isEnabled: z.boolean().default(true).meta({ api: false }),
    enableKeyRotation: z.boolean().default(false).meta({ api: false }),
    rotationPeriodInDays: z.number().optional().meta({ computed: true, api: false }),
    deletionWindowInDays: z.number().optional().meta({ api: false }),
    bypassPolicyLockoutSafetyCheck: z.boolean().default(false),
  },
  outputs: ["arn", "keyId"],
  taggedBy: "keyId",
  create: "createKey",
  async completes(aws, id, inputs) {
    if (inputs.enableKeyRotation) await rotate(aws, id, true, inputs.rotationPeriodInDays);
    if (!inputs.isEnabled) await (await aws.kms()).disableKey({ KeyId: id });
  },
  read: "describeKey",
  key: (KeyId) => ({ KeyId }),
  id: ({ KeyMetadata }) => String((KeyMetadata as Props).KeyId),
  within: ({ KeyMetadata: found }) =>
    (found as Props).KeyState === "PendingDeletion" ? undefined : (found as Props),
  async shows({ MultiRegion = false, Enabled }, id, aws) {
    const kms = await aws.kms();
    const { Policy } = await kms.getKeyPolicy({ KeyId: id, PolicyName: "default" });
    const rotation = await kms.getKeyRotationStatus({ KeyId: id });
    return {
      multiRegion: MultiRegion,
      policy: Policy,
      isEnabled: Enabled,
      enableKeyRotation: rotation.KeyRotationEnabled ?? false,
      rotationPeriodInDays: rotation.RotationPeriodInDays,
    };
  },
  async update(aws, id, news, olds) {
    const kms = await aws.kms();
    // A disabled key takes no other change.
    if (news.isEnabled && !olds.isEnabled) await kms.enableKey({ KeyId: id });
    const { enableKeyRotation: on, rotationPeriodInDays: days } = news;
    if (on !== olds.enableKeyRotation || (on && days !== undefined && days !== olds.rotationPeriodInDays)) {
      await rotate(aws, id, on, days);
    }
    if (news.description !== undefined && news.description !== olds.description) {
      await kms.updateKeyDescription({ KeyId: id, Description: news.description });
    }
    if (news.policy !== undefined && news.policy !== olds.policy) {
      await kms.putKeyPolicy({ KeyId: id, PolicyName: "default", Policy: news.policy });
    }
    if (!news.isEnabled && olds.isEnabled) await kms.disableKey({ KeyId: id });
  },
  delete: "scheduleKeyDeletion",
  deletes: ({ deletionWindowInDays = 30 }) => ({ PendingWindowInDays: deletionWindowInDays }),
});

const Alias = keys.row({
  inputs: {
    ...regional,
    name: z.string().meta({ named: 256, around: () => ["alias/", ""], replaces: true, api: "AliasName" }),
    targetKeyId: z.string(),
  },
  outputs: ["arn", "targetKeyArn"],
  create: "createAlias",
  update: "updateAlias",
  delete: "deleteAlias",
  key: (AliasName) => ({ AliasName }),
  id: (_, { name }) => name,
  async read(aws, id, { targetKeyId: given }) {
    const kms = await aws.kms();
    for (let Marker: string | undefined, more = true; more; ) {
      const page = await kms.listAliases({ Marker });
      const found = page.Aliases?.find(({ AliasName }) => AliasName === id);
      if (found) {
        const key = found.TargetKeyId ?? "";
        // A program may name the key by its ARN.
        const targetKeyId = given?.endsWith(`/${key}`) ? given : key;
        const targetKeyArn = await aws.arn("kms", `key/${key}`);
        return { name: id, targetKeyId, arn: found.AliasArn, targetKeyArn };
      }
      more = page.Truncated === true;
      Marker = page.NextMarker;
    }
    return undefined;
  },
});

export const kms = { "aws:kms/key:Key": Key, "aws:kms/alias:Alias": Alias };
