import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateDBInstanceCommand,
  type DBCluster,
  type DBInstance,
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  RDSClient,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
} from "@aws-sdk/client-rds";
import { awsClient } from "../aws/clients";
import { proofName } from "../aws/names";
import { deleteDatabaseLines } from "../aws/typed";
import { onInterrupt } from "../text/interrupt";
import { reasonOf, UserError } from "../text/problem";
import {
  cannot,
  requireNoneLeft,
  type Source,
  sourceOf,
  TAG,
  type ToRestore,
  takenOf,
  unlessMissing,
} from "./temporarySource";

/** A database that was restored, and is taken away again. */
export interface Temporary {
  readonly host: string;
  readonly port: number;
  /** When its snapshot was taken. */
  readonly takenAt: Date;
  /** How long it took until it was reached, in ms. */
  readonly tookMs: number;
}

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
    const made: Made = { instance: false, cluster: false };
    const remove = () => removed(client, asked, { name, made });
    const tidy = () => remove().catch((error: unknown) => console.error(wordsOf(error)));
    const forget = onInterrupt(tidy);
    let failed = true;
    try {
      await begin(client, asked, { name, source, made });
      const { host, port } = await reached(client, asked, name);
      const tookMs = Math.round(performance.now() - started);
      const done = await work({ host, port, takenAt, tookMs });
      failed = false;
      return done;
    } finally {
      try {
        // What went wrong before is told rather than that it could not be tidied up; both are seen in the account.
        await (failed ? tidy() : remove());
      } finally {
        // Not before: to delete it may take as long as to make it.
        forget();
      }
    }
  } finally {
    client.destroy();
  }
}

/** What was made here, and is taken away again. */
interface Made {
  instance: boolean;
  cluster: boolean;
}

interface Making {
  readonly name: string;
  readonly source: Source;
  readonly made: Made;
}

/** What is there already was made by somebody else, since it was looked for: it is never ours to delete. */
async function make({ name, made }: Making, kind: keyof Made, asked: Promise<unknown>): Promise<void> {
  // Also where no answer comes: it may be there all the same.
  made[kind] = true;
  await asked.catch((error: Error) => {
    if (!/AlreadyExists/.test(error.name)) throw error;
    made[kind] = false;
    throw cannot(
      name,
      "is there already, and was not made by this run",
      "Where another proof is under way, wait until it is over; else find out what it is",
    );
  });
}

async function begin(
  client: RDSClient,
  { rollout, stage, attempt, snapshot, instanceClass }: ToRestore,
  making: Making,
): Promise<void> {
  const {
    name,
    source: { instance, cluster },
  } = making;
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
    const restore = client.send(
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
    return make(making, "instance", restore);
  }
  const named = { DBClusterIdentifier: name, Engine: cluster.Engine ?? "aurora-postgresql" };
  const restore = client.send(
    new RestoreDBClusterFromSnapshotCommand({
      ...beside(cluster, cluster.DBSubnetGroup || undefined),
      ...named,
      SnapshotIdentifier: snapshot.id,
    }),
  );
  await make(making, "cluster", restore);
  const instanceIn = new CreateDBInstanceCommand({ ...named, ...size, Tags, PubliclyAccessible: false });
  await make(making, "instance", client.send(instanceIn));
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
  { name, made }: Pick<Making, "name" | "made">,
): Promise<void> {
  /** One that is being made is not deleted before it is there. */
  const once = async (remove: () => Promise<unknown>) => {
    for (let look = 0; look < LOOKS; look++) {
      if (!(await remove().then(() => false, isMade))) return;
      await pause();
    }
  };
  const how = { SkipFinalSnapshot: true };
  try {
    if (made.instance)
      await once(() => client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: name, ...how })));
    if (made.cluster)
      await once(() => client.send(new DeleteDBClusterCommand({ DBClusterIdentifier: name, ...how })));
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

/** With the lines to type as they are typed. */
const wordsOf = (error: unknown) => (error instanceof UserError ? error.message : reasonOf(error));

/** Whether it is only not yet ready to be deleted; nothing more is to be done where it is not there. */
function isMade(error: unknown): boolean {
  if (/InvalidDB(Instance|Cluster)State/.test((error as Error).name)) return true;
  unlessMissing(error);
  return false;
}
