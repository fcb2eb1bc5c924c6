import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppConfig } from "@aws-sdk/client-appconfig";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { emulated } from "../../../sandbox/aws/emulated";
import { type MiniStack, startMiniStack } from "../../../sandbox/aws/ministack";
import { freePort } from "../../../sandbox/host/ports";
import { Processes, type Service } from "../../../sandbox/host/processes";
import { ENVIRONMENT_NAME, PROFILE_NAME } from "../../../src/aws/names";
import type { Flags } from "../../../src/flags/flags";
import { silentProgress } from "../../../src/text/progress";

const REGION = "eu-central-1";
/** Only an app that hangs takes as long, in ms: a flip is seen within 15 s. */
const PATIENCE_MS = 90_000;

/** A datum of a metric, as CloudWatch tells it. */
export interface Told {
  /** The beginning of its second, in seconds since the epoch. */
  readonly at: number;
  readonly sum: number;
}

/** The AWS that an app of a page finds: an AppConfig with the flags of a rollout, CloudWatch, and its logs. */
export class AppWorld {
  readonly dir = mkdtempSync(join(tmpdir(), "cutover-app-"));
  readonly processes = new Processes(this.dir);
  /** Folders that go with it. */
  readonly folders = [this.dir];
  aws!: MiniStack;
  appConfig!: AppConfig;
  cloudWatch!: CloudWatch;
  logs!: CloudWatchLogs;
  #ids!: {
    ApplicationId: string;
    EnvironmentId: string;
    ConfigurationProfileId: string;
    DeploymentStrategyId: string;
  };

  static async open(): Promise<AppWorld> {
    const world = new AppWorld();
    const { dir, processes } = world;
    const env = process.env as Record<string, string>;
    world.aws = await startMiniStack({ dir, processes, env, progress: silentProgress });
    const settings = emulated({ endpoint: world.aws.endpoint, region: REGION });
    world.appConfig = new AppConfig(settings);
    world.cloudWatch = new CloudWatch(settings);
    world.logs = new CloudWatchLogs(settings);
    return world;
  }

  /** What an app is run with: nothing of ours but where programs are, and where AWS is. */
  env(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    return {
      PATH: process.env.PATH ?? "",
      HOME: this.dir,
      AWS_ENDPOINT_URL: this.aws.endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_EC2_METADATA_DISABLED: "true",
      ...more,
    };
  }

  /** Makes the store of a rollout, under the names that Cutover gives it. */
  async store(rollout: string): Promise<void> {
    const { appConfig } = this;
    const { Id: ApplicationId = "" } = await appConfig.createApplication({ Name: rollout });
    const [environment, profile, strategy] = await Promise.all([
      appConfig.createEnvironment({ ApplicationId, Name: ENVIRONMENT_NAME }),
      appConfig.createConfigurationProfile({ ApplicationId, Name: PROFILE_NAME, LocationUri: "hosted" }),
      appConfig.createDeploymentStrategy({
        Name: `${rollout}-at-once`,
        DeploymentDurationInMinutes: 0,
        FinalBakeTimeInMinutes: 0,
        GrowthFactor: 100,
        ReplicateTo: "NONE",
      }),
    ]);
    this.#ids = {
      ApplicationId,
      EnvironmentId: environment.Id ?? "",
      ConfigurationProfileId: profile.Id ?? "",
      DeploymentStrategyId: strategy.Id ?? "",
    };
  }

  /** Deploys a document of flags, whatever it says. */
  async deploy(flags: Flags): Promise<void> {
    const { ApplicationId, ConfigurationProfileId } = this.#ids;
    const { VersionNumber } = await this.appConfig.createHostedConfigurationVersion({
      ApplicationId,
      ConfigurationProfileId,
      ContentType: "application/json",
      Content: new TextEncoder().encode(JSON.stringify(flags)),
    });
    const { DeploymentNumber } = await this.appConfig.startDeployment({
      ...this.#ids,
      ConfigurationVersion: String(VersionNumber),
    });
    const { EnvironmentId } = this.#ids;
    await until("the deployment is complete", async () => {
      const one = await this.appConfig.getDeployment({ ApplicationId, EnvironmentId, DeploymentNumber });
      return one.State === "COMPLETE";
    });
  }

  /**
   * Types a command of a page that goes on until it is ended, on a free port of loopback. Resolves once it answers.
   *
   * @param command with the port that the page names in it
   */
  async serve(
    command: string,
    at: {
      readonly port: string;
      readonly path: string;
      readonly cwd: string;
      readonly env: Record<string, string>;
    },
  ): Promise<{ readonly url: string; readonly service: Service }> {
    const port = await freePort();
    if (!command.includes(at.port)) throw new Error(`${command} names no port ${at.port}`);
    const typed = command.replace(at.port, String(port));
    const service = await this.processes.spawn("app", "/bin/sh", ["-c", `exec ${typed}`], at);
    const url = `http://127.0.0.1:${port}`;
    await until("the app answers", async () => {
      if (!service.running) throw new Error(`The app has ended:\n${readFileSync(service.log, "utf8")}`);
      return (await fetch(`${url}${at.path}`).catch(() => undefined))?.ok === true;
    });
    return { url, service };
  }

  /** What CloudWatch has of a metric without dimensions, by the second, oldest first. */
  async told(namespace: string, name: string): Promise<Told[]> {
    const metric = { Namespace: namespace, MetricName: name };
    const { MetricDataResults: [found] = [] } = await this.cloudWatch.getMetricData({
      MetricDataQueries: [{ Id: "m", MetricStat: { Metric: metric, Period: 1, Stat: "Sum" } }],
      StartTime: new Date(Date.now() - 1_800_000),
      EndTime: new Date(Date.now() + 60_000),
      ScanBy: "TimestampAscending",
    });
    const sums = found?.Values ?? [];
    return (found?.Timestamps ?? []).map((at, index) => ({
      at: at.getTime() / 1_000,
      sum: sums[index] ?? 0,
    }));
  }

  async close(): Promise<void> {
    for (const client of [this.appConfig, this.cloudWatch, this.logs]) client?.destroy();
    await this.processes.stop();
    await this.processes.release();
    for (const folder of this.folders) rmSync(folder, { recursive: true, force: true });
  }
}

/** Waits until something is so; throws with `what` where it never is. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const ends = Date.now() + PATIENCE_MS; !(await holds()); await sleep(200))
    if (Date.now() > ends) throw new Error(`${what}: not within ${PATIENCE_MS / 1_000} s`);
}
