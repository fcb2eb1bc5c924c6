import * as z from "zod";
import { service } from "../api";
import { asMap, fixed, regional, tagged } from "../row";
import { idOf } from "./ids";

const appConfig = service((aws) => aws.appconfig(), { key: "ResourceArn", as: asMap });

const versionId = idOf("/", {
  ...{ ApplicationId: "APPLICATION", ConfigurationProfileId: "PROFILE", VersionNumber: "VERSION" },
});

/** A version of the flag document. */
export const HostedVersion = appConfig.row({
  inputs: {
    ...regional,
    applicationId: fixed(),
    configurationProfileId: fixed(),
    content: z.string().meta({ replaces: true, secret: true }),
    contentType: fixed(),
    description: fixed().optional(),
    versionLabel: fixed().optional(),
  },
  outputs: ["arn", "versionNumber"],
  create: "createHostedConfigurationVersion",
  read: "getHostedConfigurationVersion",
  delete: "deleteHostedConfigurationVersion",
  key: versionId,
  id: ({ VersionNumber }, { applicationId, configurationProfileId }) =>
    `${applicationId}/${configurationProfileId}/${VersionNumber}`,
  sends: ({ content }) => ({ Content: new TextEncoder().encode(content) }),
  async shows({ Content }, id, aws) {
    const { ApplicationId, ConfigurationProfileId, VersionNumber } = versionId(id);
    const profile = `application/${ApplicationId}/configurationprofile/${ConfigurationProfileId}`;
    return {
      content: new TextDecoder().decode(Content as Uint8Array),
      arn: await aws.arn("appconfig", `${profile}/hostedconfigurationversion/${VersionNumber}`),
      versionNumber: Number(VersionNumber),
    };
  },
});

const deploymentId = idOf("/", {
  ...{ ApplicationId: "APPLICATION", EnvironmentId: "ENVIRONMENT", DeploymentNumber: "NUMBER" },
});

/** Creating it only starts the deployment; deleting it does nothing, since what was deployed cannot be undone. */
export const Deployment = appConfig.row({
  inputs: {
    ...tagged,
    applicationId: fixed(),
    environmentId: fixed(),
    configurationProfileId: fixed(),
    configurationVersion: fixed(),
    deploymentStrategyId: fixed(),
    description: fixed().optional(),
    kmsKeyIdentifier: fixed().optional(),
  },
  outputs: ["arn", "deploymentNumber", "kmsKeyArn", "state"],
  create: "startDeployment",
  read: "getDeployment",
  key: deploymentId,
  id: ({ DeploymentNumber }, { applicationId, environmentId }) =>
    `${applicationId}/${environmentId}/${DeploymentNumber}`,
  async shows(_, id, aws) {
    const { ApplicationId, EnvironmentId, DeploymentNumber } = deploymentId(id);
    const path = `application/${ApplicationId}/environment/${EnvironmentId}/deployment/${DeploymentNumber}`;
    return { arn: await aws.arn("appconfig", path), deploymentNumber: Number(DeploymentNumber) };
  },
});
