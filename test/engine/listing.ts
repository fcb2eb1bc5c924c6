import {
  AppConfigClient,
  GetDeploymentCommand,
  ListApplicationsCommand,
  ListConfigurationProfilesCommand,
  ListDeploymentStrategiesCommand,
  ListDeploymentsCommand,
  ListEnvironmentsCommand,
  ListHostedConfigurationVersionsCommand,
} from "@aws-sdk/client-appconfig";
import { CloudWatch, CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { IAM } from "@aws-sdk/client-iam";
import { Lambda } from "@aws-sdk/client-lambda";
import {
  DescribeDBClusterSnapshotsCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import { Scheduler } from "@aws-sdk/client-scheduler";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { ListSubscriptionsCommand, ListTopicsCommand, SNS, SNSClient } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import { emulated } from "../../sandbox/aws/emulated";
import type { TestRollout } from "./harness";

/**
 * The names of all that a stage declares and that costs, acts or grants something: what it must not leave behind.
 * Of its promotion there stay a snapshot, the flag document and the ledger, on purpose.
 */
export async function partsOf({ ground }: TestRollout): Promise<string[]> {
  const at = emulated(ground.sandbox.aws);
  const clients = {
    cloudwatch: new CloudWatch(at),
    events: new EventBridge(at),
    iam: new IAM(at),
    lambda: new Lambda(at),
    logs: new CloudWatchLogs(at),
    scheduler: new Scheduler(at),
    secrets: new SecretsManager(at),
    sns: new SNS(at),
    sqs: new SQS(at),
  };
  const { cloudwatch, events, iam, lambda, logs, scheduler, secrets, sns, sqs } = clients;
  const names = (kind: string, found: readonly (string | undefined)[] = []) =>
    found.map((name) => `${kind} ${name}`);
  try {
    return (
      await Promise.all([
        cloudwatch.describeAlarms({}).then((all) =>
          names(
            "alarm",
            all.MetricAlarms?.map((a) => a.AlarmName),
          ),
        ),
        events.listRules({}).then((all) =>
          names(
            "rule",
            all.Rules?.map((a) => a.Name),
          ),
        ),
        iam.listRoles({}).then((all) =>
          names(
            "role",
            all.Roles?.map((a) => a.RoleName),
          ),
        ),
        lambda.listFunctions({}).then((all) =>
          names(
            "function",
            all.Functions?.map((a) => a.FunctionName),
          ),
        ),
        logs.describeLogGroups({}).then((all) =>
          names(
            "logs",
            all.logGroups?.map((a) => a.logGroupName),
          ),
        ),
        scheduler.listSchedules({}).then((all) =>
          names(
            "schedule",
            all.Schedules?.map((a) => a.Name),
          ),
        ),
        secrets.listSecrets({}).then((all) =>
          names(
            "secret",
            all.SecretList?.map((a) => a.Name),
          ),
        ),
        sns.listTopics({}).then((all) =>
          names(
            "topic",
            all.Topics?.map((a) => a.TopicArn),
          ),
        ),
        sns.listSubscriptions({}).then((all) =>
          names(
            "subscription",
            all.Subscriptions?.map((a) => a.SubscriptionArn),
          ),
        ),
        sqs.listQueues({}).then((all) => names("queue", all.QueueUrls)),
      ])
    )
      .flat()
      .sort();
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

/** All that there is outside of Pulumi: what a blocked promotion must leave exactly as it was. */
export async function worldOf(rollout: TestRollout): Promise<World> {
  const [flags, topics, alarms, snapshots, database] = await Promise.all([
    appconfig(rollout),
    sns(rollout),
    cloudwatch(rollout),
    rds(rollout),
    tables(rollout),
  ]);
  return { flags, topics, alarms, snapshots, database };
}

export interface World {
  readonly flags: readonly unknown[];
  readonly topics: readonly unknown[];
  readonly alarms: readonly { readonly AlarmName?: string | undefined }[];
  readonly snapshots: readonly { readonly DBSnapshotIdentifier?: string | undefined }[];
  readonly database: readonly unknown[];
}

async function appconfig({ ground }: TestRollout): Promise<unknown[]> {
  const client = new AppConfigClient(emulated(ground.sandbox.aws));
  try {
    const { Items: applications = [] } = await client.send(new ListApplicationsCommand({}));
    const { Items: strategies = [] } = await client.send(new ListDeploymentStrategiesCommand({}));
    const found: unknown[] = [...strategies];
    for (const application of applications) {
      const ApplicationId = application.Id;
      const { Items: environments = [] } = await client.send(new ListEnvironmentsCommand({ ApplicationId }));
      const { Items: profiles = [] } = await client.send(
        new ListConfigurationProfilesCommand({ ApplicationId }),
      );
      found.push(application, ...environments, ...profiles);
      for (const { Id: ConfigurationProfileId } of profiles) {
        const command = new ListHostedConfigurationVersionsCommand({ ApplicationId, ConfigurationProfileId });
        found.push(...((await client.send(command)).Items ?? []));
      }
      for (const { Id: EnvironmentId } of environments) {
        const { Items: deployments = [] } = await client.send(
          new ListDeploymentsCommand({ ApplicationId, EnvironmentId, MaxResults: 50 }),
        );
        for (const { DeploymentNumber } of deployments) {
          const { $metadata: _, ...deployment } = await client.send(
            new GetDeploymentCommand({ ApplicationId, EnvironmentId, DeploymentNumber }),
          );
          found.push(deployment);
        }
      }
    }
    return found;
  } finally {
    client.destroy();
  }
}

async function sns({ ground }: TestRollout): Promise<unknown[]> {
  const client = new SNSClient(emulated(ground.sandbox.aws));
  try {
    const { Topics = [] } = await client.send(new ListTopicsCommand({}));
    const { Subscriptions = [] } = await client.send(new ListSubscriptionsCommand({}));
    return [...Topics, ...Subscriptions];
  } finally {
    client.destroy();
  }
}

async function cloudwatch({ ground }: TestRollout): Promise<World["alarms"]> {
  const client = new CloudWatchClient(emulated(ground.sandbox.aws));
  try {
    const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ MaxRecords: 100 }));
    // CloudWatch judges alarms by itself, whatever anybody does.
    return MetricAlarms.map((alarm) =>
      Object.fromEntries(Object.entries(alarm).filter(([name]) => !name.startsWith("State"))),
    );
  } finally {
    client.destroy();
  }
}

async function rds({ ground }: TestRollout): Promise<World["snapshots"]> {
  const client = new RDSClient(emulated(ground.sandbox.aws));
  try {
    const { DBSnapshots = [] } = await client.send(new DescribeDBSnapshotsCommand({}));
    const { DBClusterSnapshots = [] } = await client.send(new DescribeDBClusterSnapshotsCommand({}));
    return [...DBSnapshots, ...(DBClusterSnapshots as World["snapshots"])];
  } finally {
    client.destroy();
  }
}

/** Every table with a fingerprint of its rows and who may do what with it; every role; every function. */
async function tables({ pool }: TestRollout): Promise<unknown[]> {
  const relations = await pool.query(`
    select c.relname, c.relacl::text, query_to_xml(
      format('select count(*) as n, md5(string_agg(t::text, e''\\n'' order by t::text)) as rows from %I.%I t',
             n.nspname, c.relname), false, true, '')::text as content
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'
    order by 1`);
  const roles = await pool.query("select * from pg_roles where rolname not like 'pg\\_%' order by oid");
  const schemas = await pool.query("select nspname, nspacl::text from pg_namespace order by 1");
  const functions = await pool.query(`
    select p.proname, md5(p.prosrc) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname not in ('pg_catalog', 'information_schema') order by 1`);
  return [...relations.rows, ...roles.rows, ...schemas.rows, ...functions.rows];
}
