import {
  AppConfigClient,
  CreateApplicationCommand,
  CreateConfigurationProfileCommand,
  CreateDeploymentStrategyCommand,
  CreateEnvironmentCommand,
  CreateHostedConfigurationVersionCommand,
  StartDeploymentCommand,
} from "@aws-sdk/client-appconfig";
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import type { Pool } from "pg";
import { expect } from "vitest";
import { openSandbox, type Sandbox, silentProgress } from "../../../../sandbox";
import type { FlagSource } from "../../../../sandbox/appEnv";
import { declareServices } from "../../../../sandbox/aws/ecs";
import { emulated } from "../../../../sandbox/aws/emulated";
import { migrate } from "../../../../sandbox/demo/ops-view/migrate";
import { seed } from "../../../../sandbox/demo/ops-view/seed";
import { openPool } from "../../../../sandbox/postgres/reach";
import { type EcsService, restartServers } from "../../../../src/flags/restart";

/** The flags of the demo: all down, and those that its first promotion raises. */
export const OFF = { OPS_VIEW_DB_READ: false, OPS_VIEW_DB_WRITE: false };
export const READ = { OPS_VIEW_DB_READ: true, OPS_VIEW_DB_WRITE: false };
/** The ECS service whose deployments restart servers that read their flags at their start alone. */
export const SERVICE: EcsService = { cluster: "ops", service: "ops-view" };
export const TOKENS = { analyst: "t-analyst", verifier: "t-verifier", admin: "t-admin" };

/** A sandbox with an AppConfig profile for the demo's flags, made by hand: no engine, no components. */
export interface Demo {
  sandbox: Sandbox;
  pool: Pool;
  flags: FlagSource;
  /** Deploys a flag document, whatever it is. */
  deploy(document: unknown): Promise<void>;
  /** A metric's statistic since the demo was opened, or undefined without a datapoint. */
  metric(name: string, statistic: "Sum" | "Maximum" | "Average" | "SampleCount"): Promise<number | undefined>;
  close(): Promise<void>;
}

export async function openDemo(): Promise<Demo> {
  const openedAt = new Date();
  const sandbox = await openSandbox({ progress: silentProgress });
  const aws = emulated(sandbox.aws);
  const [appConfig, cloudWatch] = [new AppConfigClient(aws), new CloudWatchClient(aws)];
  const pool = openPool(sandbox.postgres);

  const flags = { application: "ops-view", environment: "sandbox", profile: "flags" };
  const { Id: ApplicationId } = await appConfig.send(
    new CreateApplicationCommand({ Name: flags.application }),
  );
  const { Id: EnvironmentId } = await appConfig.send(
    new CreateEnvironmentCommand({ ApplicationId, Name: flags.environment }),
  );
  const { Id: ConfigurationProfileId } = await appConfig.send(
    new CreateConfigurationProfileCommand({ ApplicationId, Name: flags.profile, LocationUri: "hosted" }),
  );
  const { Id: DeploymentStrategyId } = await appConfig.send(
    new CreateDeploymentStrategyCommand({
      Name: "at-once",
      DeploymentDurationInMinutes: 0,
      FinalBakeTimeInMinutes: 0,
      GrowthFactor: 100,
      ReplicateTo: "NONE",
    }),
  );

  return {
    sandbox,
    pool,
    flags,
    async deploy(document) {
      const { VersionNumber } = await appConfig.send(
        new CreateHostedConfigurationVersionCommand({
          ApplicationId,
          ConfigurationProfileId,
          ContentType: "application/json",
          Content: Buffer.from(JSON.stringify(document)),
        }),
      );
      await appConfig.send(
        new StartDeploymentCommand({
          ApplicationId,
          EnvironmentId,
          ConfigurationProfileId,
          DeploymentStrategyId,
          ConfigurationVersion: String(VersionNumber),
        }),
      );
    },
    async metric(name, statistic) {
      const { Datapoints = [] } = await cloudWatch.send(
        new GetMetricStatisticsCommand({
          Namespace: "OpsView",
          MetricName: name,
          StartTime: openedAt,
          EndTime: new Date(Date.now() + 60_000),
          Period: 3_600,
          Statistics: [statistic],
        }),
      );
      const values = Datapoints.map((point) => point[statistic] ?? 0);
      if (values.length === 0) return undefined;
      return statistic === "Sum" || statistic === "SampleCount"
        ? values.reduce((total, value) => total + value, 0)
        : Math.max(...values);
    },
    async close() {
      await pool.end();
      appConfig.destroy();
      cloudWatch.destroy();
      await sandbox.stop();
    },
  };
}

/** Makes the demo's tables, with the seed's rows. */
export async function fill({ pool }: Pick<Demo, "pool">): Promise<void> {
  await migrate(pool);
  await seed(pool, { tokens: TOKENS });
}

/** Declares `SERVICE`. From then on our own environment leads to the demo's AWS, so that it can be restarted. */
export async function declareService({ sandbox }: Pick<Demo, "sandbox">): Promise<void> {
  const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = sandbox.env;
  Object.assign(process.env, { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
  await declareServices(sandbox.aws, [SERVICE]);
}

/** Deploys `SERVICE` anew, as a promotion does. */
export async function restartService({ sandbox }: Pick<Demo, "sandbox">): Promise<void> {
  expect(await restartServers(sandbox.aws.region, [SERVICE])).toEqual([{ service: "ops/ops-view" }]);
}
