import {
  type AppConfigClient,
  GetEnvironmentCommand,
  paginateListApplications,
  paginateListDeploymentStrategies,
} from "@aws-sdk/client-appconfig";
import { CloudWatchClient, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { GetAccountSettingsCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { awsClient } from "../../../src/aws/clients";
import { type Known, known } from "../../../src/aws/known";
import { appConfigClient } from "../../../src/flags/appConfigStore";
import { findStoreParts } from "../../../src/flags/find";
import { heldVersions } from "../../../src/flags/versions";

/** How much of what AWS limits is used, each part as far as it could be read. */
export interface Used {
  /** Names of AppConfig's applications, of every rollout and of others. */
  readonly applications: Known<readonly string[]>;
  /** Names of deployment strategies, but for AWS's own. */
  readonly strategies: Known<readonly string[]>;
  /** How many versions of the flag document there are; undefined without a flag store. */
  readonly versions: Known<number | undefined>;
  /** How many alarms AppConfig watches for the environment; undefined without one. */
  readonly monitors: Known<number | undefined>;
  /** Names of all alarms in the region. */
  readonly alarms: Known<readonly string[]>;
  /** Of Lambda: how many may run at once, and how many of them no function has reserved. */
  readonly concurrency: Known<{ readonly limit: number; readonly unreserved: number }>;
}

/** Reads what is used of the account's quotas. Never throws. */
export async function readUsed(rollout: string, region: string, left: number): Promise<Used> {
  const appConfig = appConfigClient(region);
  const cloudwatch = awsClient(CloudWatchClient, { region });
  const lambda = awsClient(LambdaClient, { region });
  const read = <T>(work: () => Promise<T>) => known(work, left);
  try {
    const parts = read(() => findStoreParts(appConfig, rollout, left / 2));
    const [applications, strategies, versions, monitors, alarms, concurrency] = await Promise.all([
      read(() => names(paginateListApplications({ client: appConfig }, {}))),
      read(async () =>
        (await names(paginateListDeploymentStrategies({ client: appConfig }, {}))).filter(
          (name) => !name.startsWith("AppConfig."),
        ),
      ),
      read(async () => versionsOf(appConfig, await parts, left / 2)),
      read(async () => monitorsOf(appConfig, await parts)),
      read(() => alarmNames(cloudwatch)),
      read(() => concurrencyOf(lambda)),
    ]);
    return { applications, strategies, versions, monitors, alarms, concurrency };
  } finally {
    for (const client of [appConfig, cloudwatch, lambda]) client.destroy();
  }
}

type Parts = Known<Awaited<ReturnType<typeof findStoreParts>>>;

async function names(
  pages: AsyncIterable<{ Items?: { Name?: string | undefined }[] | undefined }>,
): Promise<string[]> {
  const found: string[] = [];
  for await (const { Items = [] } of pages) found.push(...Items.map(({ Name = "" }) => Name));
  return found;
}

async function versionsOf(
  client: AppConfigClient,
  parts: Parts,
  patience: number,
): Promise<number | undefined> {
  const { applicationId, profileId } = partsOf(parts);
  if (applicationId === undefined || profileId === undefined) return undefined;
  return (await heldVersions(client, { applicationId, profileId }, patience)).length;
}

async function monitorsOf(client: AppConfigClient, parts: Parts): Promise<number | undefined> {
  const { applicationId, environmentId } = partsOf(parts);
  if (applicationId === undefined || environmentId === undefined) return undefined;
  const target = { ApplicationId: applicationId, EnvironmentId: environmentId };
  return ((await client.send(new GetEnvironmentCommand(target))).Monitors ?? []).length;
}

function partsOf(parts: Parts) {
  if (parts.ok) return parts.value;
  throw new Error(`the flag store cannot be found: ${parts.why}`);
}

async function alarmNames(client: CloudWatchClient): Promise<string[]> {
  const found: string[] = [];
  const query = { AlarmTypes: ["MetricAlarm" as const, "CompositeAlarm" as const] };
  for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms({ client }, query))
    found.push(...[...MetricAlarms, ...CompositeAlarms].map(({ AlarmName = "" }) => AlarmName));
  return found;
}

async function concurrencyOf(client: LambdaClient): Promise<{ limit: number; unreserved: number }> {
  const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
  const { ConcurrentExecutions, UnreservedConcurrentExecutions } = AccountLimit ?? {};
  if (ConcurrentExecutions === undefined || UnreservedConcurrentExecutions === undefined)
    throw new Error("Lambda does not say how many functions may run at once");
  return { limit: ConcurrentExecutions, unreserved: UnreservedConcurrentExecutions };
}
