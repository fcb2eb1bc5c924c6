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
import { Pool } from "pg";
import { openSandbox, type Sandbox, silentProgress } from "../../../../sandbox";
import { emulated } from "../../../../sandbox/aws/emulated";
import type { FlagSource } from "../../../../sandbox/demo/service/flagWatcher";

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
  const pool = new Pool(sandbox.postgres);
  pool.on("error", () => {});

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
