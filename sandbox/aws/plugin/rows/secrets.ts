import * as z from "zod";
import { json, set } from "../../../plugin/spec";
import { service } from "../api";
import { fixed, regional, tagged, told } from "../row";
import { idOf } from "./ids";

const manager = service((aws) => aws.secrets(), { key: "SecretId", list: "describeSecret" });

const Secret = manager.row({
  inputs: {
    ...tagged,
    name: z.string().meta({ named: 512, replaces: true }),
    description: told(),
    kmsKeyId: z.string().optional(),
    policy: json().optional().meta({ computed: true, api: false }),
    recoveryWindowInDays: z.number().default(30).meta({ api: false }),
    forceOverwriteReplicaSecret: z.boolean().default(false),
  },
  outputs: ["arn"],
  create: "createSecret",
  async completes(aws, SecretId, { policy }) {
    if (policy) await (await aws.secrets()).putResourcePolicy({ SecretId, ResourcePolicy: policy });
  },
  read: "describeSecret",
  key: (SecretId) => ({ SecretId }),
  id: ({ ARN }) => String(ARN),
  within: (found) => (found.DeletedDate ? undefined : found),
  async shows({ ARN }, id, aws) {
    const { ResourcePolicy } = await (await aws.secrets()).getResourcePolicy({ SecretId: id });
    return { policy: ResourcePolicy, arn: ARN };
  },
  async update(aws, id, news, olds) {
    const client = await aws.secrets();
    const { description: Description = "", kmsKeyId: KmsKeyId } = news;
    if (Description !== olds.description || KmsKeyId !== olds.kmsKeyId) {
      await client.updateSecret({ SecretId: id, Description, KmsKeyId });
    }
    if (news.policy !== undefined && news.policy !== olds.policy) {
      await client.putResourcePolicy({ SecretId: id, ResourcePolicy: news.policy });
    }
  },
  delete: "deleteSecret",
  deletes: ({ recoveryWindowInDays: days }) =>
    days === 0 ? { ForceDeleteWithoutRecovery: true } : { RecoveryWindowInDays: days },
});

const locate = idOf("|", { SecretId: "SECRET", VersionId: "VERSION" });

const Version = manager.row({
  inputs: {
    ...regional,
    secretId: fixed(),
    secretString: z.string().optional().meta({ replaces: true, secret: true }),
    secretBinary: z.string().optional().meta({ replaces: true, secret: true, api: false }),
    versionStages: set(z.string()).optional().meta({ computed: true }),
  },
  outputs: ["arn", "secretArn", "versionId"],
  create: "putSecretValue",
  read: "getSecretValue",
  key: locate,
  id: ({ VersionId }, { secretId }) => `${secretId}|${VersionId}`,
  sends: ({ secretBinary: given }) => ({
    SecretBinary: given === undefined ? undefined : Buffer.from(given, "base64"),
  }),
  shows: ({ SecretBinary: found, ARN }) => ({
    secretBinary: found && Buffer.from(found as Uint8Array).toString("base64"),
    arn: ARN,
    secretArn: ARN,
  }),
  async update(aws, id, news, olds) {
    const client = await aws.secrets();
    const { SecretId, VersionId } = locate(id);
    const [now, before] = [news.versionStages ?? [], olds.versionStages ?? []];
    for (const VersionStage of now.filter((stage) => !before.includes(stage))) {
      await client.updateSecretVersionStage({ SecretId, VersionStage, MoveToVersionId: VersionId });
    }
    for (const VersionStage of before.filter((stage) => !now.includes(stage) && stage !== "AWSCURRENT")) {
      await client.updateSecretVersionStage({ SecretId, VersionStage, RemoveFromVersionId: VersionId });
    }
  },
  /** The service forgets versions without stages by itself, and does not let go of the current one. */
  async delete(aws, id, { versionStages = [] }) {
    const client = await aws.secrets();
    const { SecretId, VersionId } = locate(id);
    for (const VersionStage of versionStages.filter((stage) => stage !== "AWSCURRENT")) {
      await client.updateSecretVersionStage({ SecretId, VersionStage, RemoveFromVersionId: VersionId });
    }
  },
});

export const secrets = {
  "aws:secretsmanager/secret:Secret": Secret,
  "aws:secretsmanager/secretVersion:SecretVersion": Version,
};
