import type { Cases, World } from "./case";

const APPLICATION = "aws:appconfig/application:Application";
const PROFILE = "aws:appconfig/configurationProfile:ConfigurationProfile";
const STRATEGY = "aws:appconfig/deploymentStrategy:DeploymentStrategy";

const atOnce = { deploymentDurationInMinutes: 0, growthFactor: 100, replicateTo: "NONE" };

async function flags(world: World) {
  const { id: applicationId } = await world.has(APPLICATION, {});
  const { state } = await world.has(PROFILE, { applicationId, locationUri: "hosted" });
  return { applicationId, configurationProfileId: state.configurationProfileId };
}

export const appconfig: Cases = {
  [APPLICATION]: () => ({
    inputs: { name: "ops-view", description: "d", tags: { a: "b" } },
    updates: [{ description: "e" }, { description: undefined }, { name: "other" }, { tags: { c: "d" } }],
  }),

  "aws:appconfig/environment:Environment": async (world) => ({
    inputs: {
      applicationId: (await world.has(APPLICATION, {})).id,
      monitors: [{ alarmArn: "arn:aws:cloudwatch:us-east-1:0:alarm:x" }],
    },
    updates: [{ description: "e" }, { name: "live" }, { tags: { c: "d" } }, { monitors: [] }],
    replaces: { applicationId: "other" },
  }),

  [PROFILE]: async (world) => ({
    inputs: {
      applicationId: (await world.has(APPLICATION, {})).id,
      locationUri: "hosted",
      validators: [{ type: "JSON_SCHEMA", content: '{"type":"object"}' }],
    },
    updates: [{ description: "e" }, { name: "flags" }, { validators: [] }],
    replaces: {
      applicationId: "other",
      locationUri: "ssm-parameter://x",
      type: "AWS.AppConfig.FeatureFlags",
    },
  }),

  [STRATEGY]: () => ({
    inputs: { ...atOnce, finalBakeTimeInMinutes: 3 },
    updates: [
      { description: "e" },
      { finalBakeTimeInMinutes: 1 },
      { growthFactor: 50, growthType: "EXPONENTIAL" },
    ],
    replaces: { name: "other", replicateTo: "SSM_DOCUMENT" },
  }),

  "aws:appconfig/hostedConfigurationVersion:HostedConfigurationVersion": async (world) => ({
    inputs: {
      ...(await flags(world)),
      content: '{"READ":true}',
      contentType: "application/json",
      description: "stageA",
    },
    replaces: {
      applicationId: "other",
      configurationProfileId: "other",
      content: "{}",
      contentType: "text/plain",
      description: "stageB",
      versionLabel: "v2",
    },
    unread: ["description"],
  }),

  "aws:appconfig/deployment:Deployment": async (world) => {
    const profile = await flags(world);
    const version = await world.has("aws:appconfig/hostedConfigurationVersion:HostedConfigurationVersion", {
      ...profile,
      content: "{}",
      contentType: "application/json",
    });
    const { applicationId } = profile;
    const environment = await world.has("aws:appconfig/environment:Environment", { applicationId });
    return {
      inputs: {
        ...profile,
        environmentId: environment.state.environmentId,
        configurationVersion: String(version.state.versionNumber),
        deploymentStrategyId: (await world.has(STRATEGY, atOnce)).id,
        description: "ops-view/stageA/1",
      },
      updates: [{ tags: { a: "b" } }],
      replaces: {
        applicationId: "other",
        environmentId: "other",
        configurationProfileId: "other",
        configurationVersion: "9",
        deploymentStrategyId: "other",
        description: "ops-view/stageA/2",
        kmsKeyIdentifier: "key",
      },
      stays: true,
    };
  },
};
