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
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  DescribeDBClusterSnapshotsCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import { ListSubscriptionsCommand, ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { awsAt, type TestRollout } from "./harness";

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
  const client = new AppConfigClient(awsAt(ground.sandbox));
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
  const client = new SNSClient(awsAt(ground.sandbox));
  try {
    const { Topics = [] } = await client.send(new ListTopicsCommand({}));
    const { Subscriptions = [] } = await client.send(new ListSubscriptionsCommand({}));
    return [...Topics, ...Subscriptions];
  } finally {
    client.destroy();
  }
}

async function cloudwatch({ ground }: TestRollout): Promise<World["alarms"]> {
  const client = new CloudWatchClient(awsAt(ground.sandbox));
  try {
    return (await client.send(new DescribeAlarmsCommand({ MaxRecords: 100 }))).MetricAlarms ?? [];
  } finally {
    client.destroy();
  }
}

async function rds({ ground }: TestRollout): Promise<World["snapshots"]> {
  const client = new RDSClient(awsAt(ground.sandbox));
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
