import type { ConfigurationProfile, GrowthType, ReplicateTo, ValidatorType } from "@aws-sdk/client-appconfig";
import { z } from "zod";
import { set, word } from "../../../plugin/spec";
import { type AwsTagging, regional, row, tagged } from "../row";

const tagging: AwsTagging = {
  by: "arn",
  list: async (aws, arn) =>
    (await (await aws.appconfig()).listTagsForResource({ ResourceArn: arn })).Tags ?? {},
  tag: async (aws, arn, tags) => (await aws.appconfig()).tagResource({ ResourceArn: arn, Tags: tags }),
  untag: async (aws, arn, keys) => (await aws.appconfig()).untagResource({ ResourceArn: arn, TagKeys: keys }),
};

/** Ids of the official plugin, so that an import by id reads the same in both. */
const join = (separator: string, ...parts: unknown[]) => parts.join(separator);
const split = (id: string, separator: string, form: string): string[] => {
  const parts = id.split(separator);
  if (parts.length !== form.split(separator).length)
    throw new Error(`an id must have the form ${form}, not ${id}`);
  return parts;
};

const Application = row({
  inputs: { ...tagged, name: z.string().meta({ named: 64 }), description: z.string().optional() },
  outputs: ["arn"],
  tagging,
  async create(aws, { name, description, tagsAll }) {
    const made = await (await aws.appconfig()).createApplication({
      Name: name,
      Description: description,
      Tags: tagsAll,
    });
    return made.Id as string;
  },
  async read(aws, id) {
    const found = await (await aws.appconfig()).getApplication({ ApplicationId: id });
    const arn = await aws.arn("appconfig", `application/${id}`);
    return { name: found.Name, description: found.Description ?? null, arn };
  },
  update: async (aws, id, { name, description }) =>
    (await aws.appconfig()).updateApplication({
      ApplicationId: id,
      Name: name,
      Description: description ?? "",
    }),
  delete: async (aws, id) => (await aws.appconfig()).deleteApplication({ ApplicationId: id }),
});

const monitor = z.object({ alarmArn: z.string(), alarmRoleArn: z.string().optional() });

const environmentId = (id: string) => {
  const [EnvironmentId, ApplicationId] = split(id, ":", "ENVIRONMENT:APPLICATION");
  return { EnvironmentId, ApplicationId };
};

const Environment = row({
  inputs: {
    ...tagged,
    applicationId: z.string().meta({ replaces: true }),
    name: z.string().meta({ named: 64 }),
    description: z.string().optional(),
    monitors: set(monitor).optional(),
  },
  outputs: ["arn", "environmentId", "state"],
  tagging,
  async create(aws, { applicationId, name, description, monitors, tagsAll }) {
    const made = await (await aws.appconfig()).createEnvironment({
      ApplicationId: applicationId,
      Name: name,
      Description: description,
      Monitors: monitors?.map(({ alarmArn, alarmRoleArn }) => ({
        AlarmArn: alarmArn,
        AlarmRoleArn: alarmRoleArn,
      })),
      Tags: tagsAll,
    });
    return join(":", made.Id, applicationId);
  },
  async read(aws, id) {
    const key = environmentId(id);
    const found = await (await aws.appconfig()).getEnvironment(key);
    const path = `application/${key.ApplicationId}/environment/${key.EnvironmentId}`;
    return {
      applicationId: key.ApplicationId,
      name: found.Name,
      description: found.Description ?? null,
      monitors: found.Monitors?.map(({ AlarmArn, AlarmRoleArn }) => ({
        alarmArn: AlarmArn,
        ...(AlarmRoleArn ? { alarmRoleArn: AlarmRoleArn } : {}),
      })),
      arn: await aws.arn("appconfig", path),
      environmentId: key.EnvironmentId,
      state: found.State,
    };
  },
  update: async (aws, id, { name, description, monitors }) =>
    (await aws.appconfig()).updateEnvironment({
      ...environmentId(id),
      Name: name,
      Description: description ?? "",
      Monitors: (monitors ?? []).map(({ alarmArn, alarmRoleArn }) => ({
        AlarmArn: alarmArn,
        AlarmRoleArn: alarmRoleArn,
      })),
    }),
  delete: async (aws, id) => (await aws.appconfig()).deleteEnvironment(environmentId(id)),
});

const profileId = (id: string) => {
  const [ConfigurationProfileId, ApplicationId] = split(id, ":", "PROFILE:APPLICATION");
  return { ConfigurationProfileId, ApplicationId };
};

const validator = z.object({ type: word<ValidatorType>(), content: z.string().optional() });
const validators = (list: ReadonlyArray<{ type: ValidatorType; content?: string | undefined }> = []) =>
  list.map(({ type, content }) => ({ Type: type, Content: content ?? "" }));

const Profile = row({
  inputs: {
    ...tagged,
    applicationId: z.string().meta({ replaces: true }),
    locationUri: z.string().meta({ replaces: true }),
    type: z.string().default("AWS.Freeform").meta({ replaces: true }),
    name: z.string().meta({ named: 128 }),
    description: z.string().optional(),
    kmsKeyIdentifier: z.string().optional(),
    retrievalRoleArn: z.string().optional(),
    validators: set(validator).optional(),
  },
  outputs: ["arn", "configurationProfileId"],
  tagging,
  async create(aws, inputs) {
    const made: ConfigurationProfile = await (await aws.appconfig()).createConfigurationProfile({
      ApplicationId: inputs.applicationId,
      Name: inputs.name,
      LocationUri: inputs.locationUri,
      Type: inputs.type,
      Description: inputs.description,
      KmsKeyIdentifier: inputs.kmsKeyIdentifier,
      RetrievalRoleArn: inputs.retrievalRoleArn,
      Validators: validators(inputs.validators),
      Tags: inputs.tagsAll,
    });
    return join(":", made.Id, inputs.applicationId);
  },
  async read(aws, id) {
    const key = profileId(id);
    const found = await (await aws.appconfig()).getConfigurationProfile(key);
    const path = `application/${key.ApplicationId}/configurationprofile/${key.ConfigurationProfileId}`;
    return {
      applicationId: key.ApplicationId,
      locationUri: found.LocationUri,
      type: found.Type,
      name: found.Name,
      description: found.Description ?? null,
      kmsKeyIdentifier: found.KmsKeyIdentifier,
      retrievalRoleArn: found.RetrievalRoleArn,
      validators: found.Validators?.map(({ Type, Content }) => ({ type: Type, content: Content })),
      arn: await aws.arn("appconfig", path),
      configurationProfileId: key.ConfigurationProfileId,
    };
  },
  update: async (aws, id, inputs) =>
    (await aws.appconfig()).updateConfigurationProfile({
      ...profileId(id),
      Name: inputs.name,
      Description: inputs.description ?? "",
      KmsKeyIdentifier: inputs.kmsKeyIdentifier,
      RetrievalRoleArn: inputs.retrievalRoleArn,
      Validators: validators(inputs.validators),
    }),
  delete: async (aws, id) => (await aws.appconfig()).deleteConfigurationProfile(profileId(id)),
});

const Strategy = row({
  inputs: {
    ...tagged,
    name: z.string().meta({ named: 64, replaces: true }),
    deploymentDurationInMinutes: z.number(),
    growthFactor: z.number(),
    growthType: word<GrowthType>().default("LINEAR"),
    finalBakeTimeInMinutes: z.number().default(0),
    replicateTo: word<ReplicateTo>().meta({ replaces: true }),
    description: z.string().optional(),
  },
  outputs: ["arn"],
  tagging,
  async create(aws, inputs) {
    const made = await (await aws.appconfig()).createDeploymentStrategy({
      Name: inputs.name,
      DeploymentDurationInMinutes: inputs.deploymentDurationInMinutes,
      GrowthFactor: inputs.growthFactor,
      GrowthType: inputs.growthType,
      FinalBakeTimeInMinutes: inputs.finalBakeTimeInMinutes,
      ReplicateTo: inputs.replicateTo,
      Description: inputs.description,
      Tags: inputs.tagsAll,
    });
    return made.Id as string;
  },
  async read(aws, id) {
    const found = await (await aws.appconfig()).getDeploymentStrategy({ DeploymentStrategyId: id });
    return {
      name: found.Name,
      deploymentDurationInMinutes: found.DeploymentDurationInMinutes,
      growthFactor: found.GrowthFactor,
      growthType: found.GrowthType,
      finalBakeTimeInMinutes: found.FinalBakeTimeInMinutes ?? 0,
      replicateTo: found.ReplicateTo,
      description: found.Description ?? null,
      arn: await aws.arn("appconfig", `deploymentstrategy/${id}`),
    };
  },
  update: async (aws, id, inputs) =>
    (await aws.appconfig()).updateDeploymentStrategy({
      DeploymentStrategyId: id,
      DeploymentDurationInMinutes: inputs.deploymentDurationInMinutes,
      GrowthFactor: inputs.growthFactor,
      GrowthType: inputs.growthType,
      FinalBakeTimeInMinutes: inputs.finalBakeTimeInMinutes ?? 0,
      Description: inputs.description ?? "",
    }),
  delete: async (aws, id) => (await aws.appconfig()).deleteDeploymentStrategy({ DeploymentStrategyId: id }),
});

const versionId = (id: string) => {
  const [ApplicationId, ConfigurationProfileId, version] = split(id, "/", "APPLICATION/PROFILE/VERSION");
  return { ApplicationId, ConfigurationProfileId, VersionNumber: Number(version) };
};

const HostedVersion = row({
  inputs: {
    ...regional,
    applicationId: z.string().meta({ replaces: true }),
    configurationProfileId: z.string().meta({ replaces: true }),
    content: z.string().meta({ replaces: true, secret: true }),
    contentType: z.string().meta({ replaces: true }),
    description: z.string().optional().meta({ replaces: true }),
    versionLabel: z.string().optional().meta({ replaces: true }),
  },
  outputs: ["arn", "versionNumber"],
  async create(aws, inputs) {
    const made = await (await aws.appconfig()).createHostedConfigurationVersion({
      ApplicationId: inputs.applicationId,
      ConfigurationProfileId: inputs.configurationProfileId,
      Content: new TextEncoder().encode(inputs.content),
      ContentType: inputs.contentType,
      Description: inputs.description,
      VersionLabel: inputs.versionLabel,
    });
    return join("/", inputs.applicationId, inputs.configurationProfileId, made.VersionNumber);
  },
  async read(aws, id) {
    const key = versionId(id);
    const found = await (await aws.appconfig()).getHostedConfigurationVersion(key);
    const profile = `application/${key.ApplicationId}/configurationprofile/${key.ConfigurationProfileId}`;
    return {
      applicationId: key.ApplicationId,
      configurationProfileId: key.ConfigurationProfileId,
      content: new TextDecoder().decode(found.Content),
      contentType: found.ContentType,
      description: found.Description,
      versionLabel: found.VersionLabel,
      arn: await aws.arn("appconfig", `${profile}/hostedconfigurationversion/${key.VersionNumber}`),
      versionNumber: key.VersionNumber,
    };
  },
  delete: async (aws, id) => (await aws.appconfig()).deleteHostedConfigurationVersion(versionId(id)),
});

const deploymentId = (id: string) => {
  const [ApplicationId, EnvironmentId, number] = split(id, "/", "APPLICATION/ENVIRONMENT/NUMBER");
  return { ApplicationId, EnvironmentId, DeploymentNumber: Number(number) };
};

/** Creating it only starts the deployment; deleting it does nothing, since what was deployed cannot be undone. */
const Deployment = row({
  inputs: {
    ...tagged,
    applicationId: z.string().meta({ replaces: true }),
    environmentId: z.string().meta({ replaces: true }),
    configurationProfileId: z.string().meta({ replaces: true }),
    configurationVersion: z.string().meta({ replaces: true }),
    deploymentStrategyId: z.string().meta({ replaces: true }),
    description: z.string().optional().meta({ replaces: true }),
    kmsKeyIdentifier: z.string().optional().meta({ replaces: true }),
  },
  outputs: ["arn", "deploymentNumber", "kmsKeyArn", "state"],
  tagging,
  async create(aws, inputs) {
    const started = await (await aws.appconfig()).startDeployment({
      ApplicationId: inputs.applicationId,
      EnvironmentId: inputs.environmentId,
      ConfigurationProfileId: inputs.configurationProfileId,
      ConfigurationVersion: inputs.configurationVersion,
      DeploymentStrategyId: inputs.deploymentStrategyId,
      Description: inputs.description,
      KmsKeyIdentifier: inputs.kmsKeyIdentifier,
      Tags: inputs.tagsAll,
    });
    return join("/", inputs.applicationId, inputs.environmentId, started.DeploymentNumber);
  },
  async read(aws, id) {
    const key = deploymentId(id);
    const found = await (await aws.appconfig()).getDeployment(key);
    const path = `application/${key.ApplicationId}/environment/${key.EnvironmentId}`;
    return {
      applicationId: key.ApplicationId,
      environmentId: key.EnvironmentId,
      configurationProfileId: found.ConfigurationProfileId,
      configurationVersion: found.ConfigurationVersion,
      deploymentStrategyId: found.DeploymentStrategyId,
      description: found.Description,
      kmsKeyIdentifier: found.KmsKeyIdentifier,
      arn: await aws.arn("appconfig", `${path}/deployment/${key.DeploymentNumber}`),
      deploymentNumber: key.DeploymentNumber,
      kmsKeyArn: found.KmsKeyArn,
      state: found.State,
    };
  },
  delete: async () => undefined,
});

export const appconfig = {
  "aws:appconfig/application:Application": Application,
  "aws:appconfig/environment:Environment": Environment,
  "aws:appconfig/configurationProfile:ConfigurationProfile": Profile,
  "aws:appconfig/deploymentStrategy:DeploymentStrategy": Strategy,
  "aws:appconfig/hostedConfigurationVersion:HostedConfigurationVersion": HostedVersion,
  "aws:appconfig/deployment:Deployment": Deployment,
};
