import * as z from "zod";
import { set } from "../../../plugin/spec";
import { callsOf, service } from "../api";
import { asMap, description, fixed, tagged } from "../row";
import { Deployment, HostedVersion } from "./appconfig-live";
import { idOf } from "./ids";

const appConfig = service((aws) => aws.appconfig(), { key: "ResourceArn", as: asMap });

const Application = appConfig.row({
  inputs: { ...tagged, name: z.string().meta({ named: 64 }), description: description() },
  outputs: ["arn"],
  ...callsOf("Application"),
  key: (ApplicationId) => ({ ApplicationId }),
  id: ({ Id }) => String(Id),
  shows: async (_, id, aws) => ({ arn: await aws.arn("appconfig", `application/${id}`) }),
});

const environmentId = idOf(":", { EnvironmentId: "ENVIRONMENT", ApplicationId: "APPLICATION" });

const Environment = appConfig.row({
  inputs: {
    ...tagged,
    applicationId: fixed(),
    name: z.string().meta({ named: 64 }),
    description: description(),
    monitors: set(z.object({ alarmArn: z.string(), alarmRoleArn: z.string().optional() }))
      .optional()
      .meta({ clear: [] }),
  },
  outputs: ["arn", "environmentId", "state"],
  ...callsOf("Environment"),
  key: environmentId,
  id: ({ Id }, { applicationId }) => `${Id}:${applicationId}`,
  async shows(_, id, aws) {
    const { ApplicationId, EnvironmentId } = environmentId(id);
    const path = `application/${ApplicationId}/environment/${EnvironmentId}`;
    return { arn: await aws.arn("appconfig", path), environmentId: EnvironmentId };
  },
});

const profileId = idOf(":", { ConfigurationProfileId: "PROFILE", ApplicationId: "APPLICATION" });

const Profile = appConfig.row({
  inputs: {
    ...tagged,
    applicationId: fixed(),
    locationUri: fixed(),
    type: z.string().default("AWS.Freeform").meta({ replaces: true }),
    name: z.string().meta({ named: 128 }),
    description: description(),
    kmsKeyIdentifier: z.string().optional(),
    retrievalRoleArn: z.string().optional(),
    validators: set(z.object({ type: z.string(), content: z.string().optional().meta({ clear: "" }) }))
      .optional()
      .meta({ clear: [] }),
  },
  outputs: ["arn", "configurationProfileId"],
  ...callsOf("ConfigurationProfile"),
  key: profileId,
  id: ({ Id }, { applicationId }) => `${Id}:${applicationId}`,
  async shows(_, id, aws) {
    const { ApplicationId, ConfigurationProfileId } = profileId(id);
    const path = `application/${ApplicationId}/configurationprofile/${ConfigurationProfileId}`;
    return { arn: await aws.arn("appconfig", path), configurationProfileId: ConfigurationProfileId };
  },
});

const Strategy = appConfig.row({
  inputs: {
    ...tagged,
    name: z.string().meta({ named: 64, replaces: true }),
    deploymentDurationInMinutes: z.number(),
    growthFactor: z.number(),
    growthType: z.string().default("LINEAR"),
    finalBakeTimeInMinutes: z.number().default(0),
    replicateTo: fixed(),
    description: description(),
  },
  outputs: ["arn"],
  ...callsOf("DeploymentStrategy"),
  key: (DeploymentStrategyId) => ({ DeploymentStrategyId }),
  id: ({ Id }) => String(Id),
  shows: async ({ FinalBakeTimeInMinutes }, id, aws) => ({
    finalBakeTimeInMinutes: FinalBakeTimeInMinutes ?? 0,
    arn: await aws.arn("appconfig", `deploymentstrategy/${id}`),
  }),
});

export const appconfig = {
  "aws:appconfig/application:Application": Application,
  "aws:appconfig/environment:Environment": Environment,
  "aws:appconfig/configurationProfile:ConfigurationProfile": Profile,
  "aws:appconfig/deploymentStrategy:DeploymentStrategy": Strategy,
  "aws:appconfig/hostedConfigurationVersion:HostedConfigurationVersion": HostedVersion,
  "aws:appconfig/deployment:Deployment": Deployment,
};
