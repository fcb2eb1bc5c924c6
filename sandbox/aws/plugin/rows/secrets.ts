import * as z from "zod";
import { json, set } from "../../../plugin/spec";
import { fromApi, service, toApi } from "../api";
import { fixed, pairs, regional, row, tagged, told } from "../row";

const { tagging } = service((aws) => aws.secrets(), { key: "SecretId", list: "describeSecret" });

const secret = {
  ...tagged,
  name: z.string().meta({ named: 512, replaces: true }),
  description: told(),
  kmsKeyId: z.string().optional(),
  policy: json().optional().meta({ computed: true, api: false }),
  recoveryWindowInDays: z.number().default(30).meta({ api: false }),
  forceOverwriteReplicaSecret: z.boolean().default(false),
};

const Secret = row({
  inputs: secret,
  outputs: ["arn"],
  tagging: tagging(),
  async create(aws, inputs) {
    const secrets = await aws.secrets();
    const tags = { Tags: pairs(inputs.tagsAll) };
    const made = await secrets.createSecret({ Name: inputs.name, ...toApi(secret, { ...inputs }), ...tags });
    if (inputs.policy) await secrets.putResourcePolicy({ SecretId: made.ARN, ResourcePolicy: inputs.policy });
    return made.ARN as string;
  },
  async read(aws, id) {
    const secrets = await aws.secrets();
    const found = await secrets.describeSecret({ SecretId: id });
    if (found.DeletedDate) return undefined;
    const { ResourcePolicy } = await secrets.getResourcePolicy({ SecretId: id });
    return { ...fromApi(secret, { ...found }), policy: ResourcePolicy, arn: found.ARN };
  },
  async update(aws, id, news, olds) {
    const secrets = await aws.secrets();
    const { description: Description = "", kmsKeyId: KmsKeyId } = news;
    if (Description !== olds.description || KmsKeyId !== olds.kmsKeyId) {
      await secrets.updateSecret({ SecretId: id, Description, KmsKeyId });
    }
    if (news.policy !== undefined && news.policy !== olds.policy) {
      await secrets.putResourcePolicy({ SecretId: id, ResourcePolicy: news.policy });
    }
  },
  async delete(aws, id, { recoveryWindowInDays: days }) {
    const how = days === 0 ? { ForceDeleteWithoutRecovery: true } : { RecoveryWindowInDays: days };
    await (await aws.secrets()).deleteSecret({ SecretId: id, ...how });
  },
});

const locate = (id: string) => {
  const [SecretId, VersionId] = id.split("|");
  return { SecretId, VersionId };
};

const Version = row({
  inputs: {
    ...regional,
    secretId: fixed(),
    secretString: z.string().optional().meta({ replaces: true, secret: true }),
    secretBinary: z.string().optional().meta({ replaces: true, secret: true }),
    versionStages: set(z.string()).optional().meta({ computed: true }),
  },
  outputs: ["arn", "secretArn", "versionId"],
  async create(aws, { secretId, secretString, secretBinary, versionStages }) {
    const made = await (await aws.secrets()).putSecretValue({
      SecretId: secretId,
      SecretString: secretString,
      SecretBinary: secretBinary === undefined ? undefined : Buffer.from(secretBinary, "base64"),
      VersionStages: versionStages,
    });
    return `${secretId}|${made.VersionId}`;
  },
  async read(aws, id) {
    const key = locate(id);
    const found = await (await aws.secrets()).getSecretValue(key);
    return {
      secretId: key.SecretId,
      secretString: found.SecretString,
      secretBinary: found.SecretBinary && Buffer.from(found.SecretBinary).toString("base64"),
      versionStages: found.VersionStages,
      arn: found.ARN,
      secretArn: found.ARN,
      versionId: found.VersionId,
    };
  },
  async update(aws, id, news, olds) {
    const secrets = await aws.secrets();
    const { SecretId, VersionId } = locate(id);
    const [now, before] = [news.versionStages ?? [], olds.versionStages ?? []];
    for (const VersionStage of now.filter((stage) => !before.includes(stage))) {
      await secrets.updateSecretVersionStage({ SecretId, VersionStage, MoveToVersionId: VersionId });
    }
    for (const VersionStage of before.filter((stage) => !now.includes(stage) && stage !== "AWSCURRENT")) {
      await secrets.updateSecretVersionStage({ SecretId, VersionStage, RemoveFromVersionId: VersionId });
    }
  },
  /** The service forgets versions without stages by itself, and does not let go of the current one. */
  async delete(aws, id, { versionStages = [] }) {
    const secrets = await aws.secrets();
    const { SecretId, VersionId } = locate(id);
    for (const VersionStage of versionStages.filter((stage) => stage !== "AWSCURRENT")) {
      await secrets.updateSecretVersionStage({ SecretId, VersionStage, RemoveFromVersionId: VersionId });
    }
  },
});

export const secrets = {
  "aws:secretsmanager/secret:Secret": Secret,
  "aws:secretsmanager/secretVersion:SecretVersion": Version,
};
