import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateDBInstanceCommand,
  type DBCluster,
  type DBInstance,
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  paginateDescribeDBClusters,
  paginateDescribeDBInstances,
  RDSClient,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from "@aws-sdk/client-rds";
import { awsClient } from "../aws/clients";
import { proofName } from "../aws/names";
import { deleteDatabaseLines } from "../aws/typed";
import { readSnapshot } from "../gates/kinds/snapshot.look";
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
      await begin(client, asked, name, source);
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

async function takenOf(client: RDSClient, { snapshot, stage }: ToRestore): Promise<Date> {
  const { id, of } = snapshot;
  const found = await readSnapshot(client, snapshot).catch(unlessMissing);
  const wrong = !found
    ? "is not there"
    : found.of !== of
      ? `is one of ${found.of}, and not of ${of}`
      : found.status !== "available"
        ? `is ${found.status}, and not available`
        : undefined;
  if (found?.createdAt !== undefined && wrong === undefined) return new Date(found.createdAt);
  throw cannot(
    id,
    wrong ?? "does not say when it was taken",
    `The promotion of ${stage} takes it: promote it, then prove it`,
  );
}

/** What the temporary one is like: its instance's source, and of an Aurora cluster that is restored the cluster's. */
interface Source {
  readonly instance: DBInstance;
  readonly cluster?: DBCluster;
}

async function sourceOf(client: RDSClient, { snapshot: { kind, of } }: ToRestore): Promise<Source> {
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
  return { instance, cluster };
}

/** One that is left costs money by the hour, and holds all data. One of a run that goes on looks the same. */
async function requireNoneLeft(
  client: RDSClient,
  { rollout, snapshot: { kind }, region }: ToRestore,
): Promise<void> {
  const isOurs = ({ TagList = [] }: Pick<DBInstance & DBCluster, "TagList">) =>
    TagList.some(({ Key, Value }) => Key === TAG && Value?.startsWith(`${rollout}/`));
  const left: string[] = [];
  if (kind === "instance") {
    for await (const { DBInstances = [] } of paginateDescribeDBInstances({ client }, {}))
      left.push(...DBInstances.filter(isOurs).flatMap(({ DBInstanceIdentifier: id }) => id ?? []));
  } else
    for await (const { DBClusters = [] } of paginateDescribeDBClusters({ client }, {}))
      left.push(...DBClusters.filter(isOurs).flatMap(({ DBClusterIdentifier: id }) => id ?? []));
  if (left.length === 0) return;
  throw new UserError(
    "A temporary database of an earlier proof is still there, or another proof is under way:",
    left.map((name) => ({
      where: name,
      what: "was restored for a proof, and costs as long as it is there",
      remedy: `Where no proof is under way, delete it:\n${deleteDatabaseLines({ name, kind }, region).join("\n")}`,
    })),
  );
}

async function begin(
  client: RDSClient,
  { rollout, stage, attempt, snapshot, instanceClass }: ToRestore,
  name: string,
  { instance, cluster }: Source,
): Promise<void> {
  const Tags = [{ Key: TAG, Value: `${rollout}/${stage}/${attempt}` }];
  const size = { DBInstanceIdentifier: name, DBInstanceClass: instanceClass ?? instance.DBInstanceClass };
  const beside = (source: DBInstance | DBCluster, subnets: string | undefined) => {
    const groups = (source.VpcSecurityGroups ?? []).flatMap(({ VpcSecurityGroupId: id }) => id ?? []);
    return {
      Tags,
      DeletionProtection: false,
      EnableIAMDatabaseAuthentication: source.IAMDatabaseAuthenticationEnabled ?? false,
      VpcSecurityGroupIds: groups.length > 0 ? groups : undefined,
      DBSubnetGroupName: subnets,
    };
  };
  if (!cluster) {
    await client.send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        ...beside(instance, instance.DBSubnetGroup?.DBSubnetGroupName),
        ...size,
        DBSnapshotIdentifier: snapshot.id,
        PubliclyAccessible: false,
        MultiAZ: false,
        // It is gone before anybody would want one of its own.
        BackupRetentionPeriod: 0,
        DBParameterGroupName: instance.DBParameterGroups?.[0]?.DBParameterGroupName,
      }),
    );
    return;
  }
  const made = { DBClusterIdentifier: name, Engine: cluster.Engine ?? "aurora-postgresql" };
  await client.send(
    new RestoreDBClusterFromSnapshotCommand({
      ...beside(cluster, cluster.DBSubnetGroup || undefined),
      ...made,
      SnapshotIdentifier: snapshot.id,
    }),
  );
  await client.send(new CreateDBInstanceCommand({ ...made, ...size, Tags, PubliclyAccessible: false }));
}

/** Waits until it is there. */
async function reached(
  client: RDSClient,
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
  client: RDSClient,
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
