import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateDBInstanceCommand,
  type DBInstance,
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  paginateDescribeDBClusters,
  paginateDescribeDBInstances,
  RDSClient,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  type Tag,
} from "@aws-sdk/client-rds";
import { awsClient } from "../aws/clients";
import { proofName } from "../aws/names";
import { deleteDatabaseLines } from "../aws/typed";
import { onInterrupt } from "../text/interrupt";
import { reasonOf, UserError } from "../text/problem";

/** Which snapshot is restored, and for which promotion it was taken. */
export interface ToRestore {
  readonly rollout: string;
  readonly stage: string;
  readonly attempt: number;
  readonly snapshot: { readonly id: string; readonly kind: "instance" | "cluster"; readonly of: string };
  /** As large as this, such as `db.t4g.medium`. Absent: as the database itself. */
  readonly instanceClass?: string | undefined;
  readonly region: string;
  /** Waits between two looks at what is being made. Default: 15 s. */
  readonly pause?: () => Promise<unknown>;
}

/** A database that was restored, and is taken away again. */
export interface Temporary {
  readonly host: string;
  readonly port: number;
  /** When its snapshot was taken. */
  readonly takenAt: Date;
  /** How long it took until it was reached, in ms. */
  readonly tookMs: number;
}

/** What a temporary database is known by: whoever finds one knows whose it is. */
const TAG = "cutover:proof";
const LOOK_MS = 15_000;
/** So many looks: three hours, and no snapshot takes as long to be reached. What is not yet read is fetched behind it. */
const LOOKS = 720;
/** States from which nothing becomes available by itself. Source: Amazon RDS user guide, "Viewing DB instance status". */
const BROKEN = /^(failed|deleting|incompatible-|inaccessible-|insufficient-|restore-error|storage-full)/;

type Client = RDSClient;
const looked = () => sleep(LOOK_MS);

/**
 * Restores a snapshot to a temporary database beside its source: in the same subnets and security groups, without public
 * access, with no backups of its own. It is deleted again whatever happens, also where a signal ends us. Throws a `UserError`
 * where it cannot be restored, where one of an earlier run is left, or where this one cannot be deleted.
 */
export async function withTemporary<T>(asked: ToRestore, work: (at: Temporary) => Promise<T>): Promise<T> {
  const client = awsClient(RDSClient, { region: asked.region });
  const name = proofName(asked.rollout, asked.stage, asked.attempt);
  try {
    const [takenAt, source] = await Promise.all([takenOf(client, asked), sourceOf(client, asked)]);
    await requireNoneLeft(client, asked);
    const started = performance.now();
    const remove = () => removed(client, asked, name);
    const forget = onInterrupt(remove);
    let failed = true;
    try {
      await begin(client, asked, { name, source });
      const { host, port } = await reached(client, asked, name);
      const tookMs = Math.round(performance.now() - started);
      const done = await work({ host, port, takenAt, tookMs });
      failed = false;
      return done;
    } finally {
      forget();
      // What went wrong before is told rather than that it could not be tidied up; both are seen in the account.
      await (failed ? remove().catch((error: unknown) => console.error(reasonOf(error))) : remove());
    }
  } finally {
    client.destroy();
  }
}

async function takenOf(client: Client, { snapshot, stage }: ToRestore): Promise<Date> {
  const { id, kind, of } = snapshot;
  const found = await (kind === "instance"
    ? client
        .send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id }))
        .then(({ DBSnapshots: [one] = [] }) => one && { ...one, source: one.DBInstanceIdentifier })
    : client
        .send(new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: id }))
        .then(({ DBClusterSnapshots: [one] = [] }) => one && { ...one, source: one.DBClusterIdentifier })
  ).catch(unlessMissing);
  const wrong = !found
    ? "is not there"
    : found.source !== of
      ? `is one of ${found.source}, and not of ${of}`
      : found.Status !== "available"
        ? `is ${found.Status}, and not available`
        : undefined;
  if (found?.SnapshotCreateTime && wrong === undefined) return found.SnapshotCreateTime;
  throw cannot(
    id,
    wrong ?? "does not say when it was taken",
    `The promotion of ${stage} takes it: promote it, then prove it`,
  );
}

/** What the temporary one is like. */
interface Source {
  readonly instance: DBInstance;
  readonly cluster?: {
    readonly engine: string;
    readonly subnets?: string;
    readonly groups: string[];
    readonly iam: boolean;
  };
}

async function sourceOf(client: Client, { snapshot: { kind, of } }: ToRestore): Promise<Source> {
  const instanceOf = async (id: string) =>
    (await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: id })).catch(unlessMissing))
      ?.DBInstances?.[0];
  if (kind === "instance") {
    const instance = await instanceOf(of);
    if (instance) return { instance };
    throw cannot(
      of,
      "is not there",
      "What is restored goes where the instance is: its subnets and security groups are not known",
    );
  }
  const found = await client
    .send(new DescribeDBClustersCommand({ DBClusterIdentifier: of }))
    .catch(unlessMissing);
  const cluster = found?.DBClusters?.[0];
  const writer = cluster?.DBClusterMembers?.find(({ IsClusterWriter }) => IsClusterWriter);
  const instance = writer?.DBInstanceIdentifier ? await instanceOf(writer.DBInstanceIdentifier) : undefined;
  if (!cluster || !instance) throw cannot(of, "is not there, or has no writer", "Mend the cluster first");
  return {
    instance,
    cluster: {
      engine: cluster.Engine ?? "aurora-postgresql",
      ...(cluster.DBSubnetGroup ? { subnets: cluster.DBSubnetGroup } : {}),
      groups: (cluster.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? []),
      iam: cluster.IAMDatabaseAuthenticationEnabled ?? false,
    },
  };
}

/** One that is left costs money by the hour, and holds all data. One of a run that goes on looks the same. */
async function requireNoneLeft(
  client: Client,
  { rollout, snapshot: { kind }, region }: ToRestore,
): Promise<void> {
  const isOurs = (tags: readonly Tag[] = []) =>
    tags.some(({ Key, Value }) => Key === TAG && Value?.startsWith(`${rollout}/`));
  const left: string[] = [];
  if (kind === "instance") {
    for await (const { DBInstances = [] } of paginateDescribeDBInstances({ client }, {}))
      left.push(
        ...DBInstances.flatMap((one) => (isOurs(one.TagList) ? (one.DBInstanceIdentifier ?? []) : [])),
      );
  } else
    for await (const { DBClusters = [] } of paginateDescribeDBClusters({ client }, {}))
      left.push(...DBClusters.flatMap((one) => (isOurs(one.TagList) ? (one.DBClusterIdentifier ?? []) : [])));
  if (left.length === 0) return;
  throw new UserError(
    "A temporary database of an earlier proof is still there, or another proof is under way:",
    [
      ...left.map((name) => ({
        where: name,
        what: "was restored for a proof, and costs as long as it is there",
        remedy: `Where no proof is under way, delete it:\n${deleteDatabaseLines({ name, kind }, region).join("\n")}`,
      })),
    ],
  );
}

interface Making {
  readonly name: string;
  readonly source: Source;
}

async function begin(client: Client, asked: ToRestore, { name, source }: Making): Promise<void> {
  const { rollout, stage, attempt, snapshot, instanceClass } = asked;
  const { instance, cluster } = source;
  const Tags = [{ Key: TAG, Value: `${rollout}/${stage}/${attempt}` }];
  const size = instanceClass ?? instance.DBInstanceClass;
  const shared = { Tags, DeletionProtection: false };
  if (!cluster) {
    const groups = (instance.VpcSecurityGroups ?? []).flatMap(
      ({ VpcSecurityGroupId }) => VpcSecurityGroupId ?? [],
    );
    const subnets = instance.DBSubnetGroup?.DBSubnetGroupName;
    const parameters = instance.DBParameterGroups?.[0]?.DBParameterGroupName;
    await client.send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        ...shared,
        DBInstanceIdentifier: name,
        DBSnapshotIdentifier: snapshot.id,
        DBInstanceClass: size,
        PubliclyAccessible: false,
        MultiAZ: false,
        // It is gone before anybody would want one of its own.
        BackupRetentionPeriod: 0,
        EnableIAMDatabaseAuthentication: instance.IAMDatabaseAuthenticationEnabled ?? false,
        ...(groups.length > 0 ? { VpcSecurityGroupIds: groups } : {}),
        ...(subnets === undefined ? {} : { DBSubnetGroupName: subnets }),
        ...(parameters === undefined ? {} : { DBParameterGroupName: parameters }),
      }),
    );
    return;
  }
  await client.send(
    new RestoreDBClusterFromSnapshotCommand({
      ...shared,
      DBClusterIdentifier: name,
      SnapshotIdentifier: snapshot.id,
      Engine: cluster.engine,
      EnableIAMDatabaseAuthentication: cluster.iam,
      ...(cluster.groups.length > 0 ? { VpcSecurityGroupIds: cluster.groups } : {}),
      ...(cluster.subnets === undefined ? {} : { DBSubnetGroupName: cluster.subnets }),
    }),
  );
  await client.send(
    new CreateDBInstanceCommand({
      Tags,
      DBInstanceIdentifier: name,
      DBClusterIdentifier: name,
      DBInstanceClass: size,
      Engine: cluster.engine,
      PubliclyAccessible: false,
    }),
  );
}

/** Waits until it is there. */
async function reached(
  client: Client,
  asked: ToRestore,
  name: string,
): Promise<{ host: string; port: number }> {
  const { pause = looked } = asked;
  let status: string | undefined;
  for (let look = 0; look < LOOKS; look++) {
    const { DBInstances: [one] = [] } = await client.send(
      new DescribeDBInstancesCommand({ DBInstanceIdentifier: name }),
    );
    status = one?.DBInstanceStatus;
    const { Address: host, Port: port } = one?.Endpoint ?? {};
    if (status === "available" && host !== undefined && port !== undefined) return { host, port };
    if (BROKEN.test(status ?? "")) break;
    await pause();
  }
  throw cannot(
    asked.snapshot.id,
    `was restored to ${name}, which is ${status}`,
    "Find out in RDS's events why, and prove it again",
  );
}

/** Deletes what was made, as far as it was; RDS finishes by itself. */
async function removed(
  client: Client,
  { snapshot: { kind }, region, pause = looked }: ToRestore,
  name: string,
): Promise<void> {
  const input = { DBInstanceIdentifier: name, SkipFinalSnapshot: true };
  try {
    // One that is being made is not deleted before it is there.
    for (let look = 0; look < LOOKS; look++) {
      const refused = await client.send(new DeleteDBInstanceCommand(input)).then(() => false, isMade);
      if (!refused) break;
      await pause();
    }
    if (kind === "cluster")
      await client
        .send(new DeleteDBClusterCommand({ DBClusterIdentifier: name, SkipFinalSnapshot: true }))
        .catch(unlessMissing);
  } catch (error) {
    throw new UserError("The temporary database is still there:", [
      {
        where: name,
        what: `could not be deleted: ${reasonOf(error)}`,
        remedy: `It costs as long as it is there. Delete it:\n${deleteDatabaseLines({ name, kind }, region).join("\n")}`,
      },
    ]);
  }
}

function cannot(where: string, what: string, remedy: string): UserError {
  return new UserError("The snapshot cannot be restored:", [{ where, what, remedy }]);
}

function unlessMissing(error: unknown): undefined {
  if (/NotFound/.test((error as Error).name)) return undefined;
  throw error;
}

/** Whether it is only not yet ready to be deleted; nothing more is to be done where it is not there. */
function isMade(error: unknown): boolean {
  if (/InvalidDBInstanceState/.test((error as Error).name)) return true;
  unlessMissing(error);
  return false;
}
