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
import { onInterrupt, unlessBrokenOff } from "../text/interrupt";
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
  /** What RDS knows it by. */
  readonly name: string;
  /** As what RDS bills it, such as `db.t4g.medium`. */
  readonly instanceClass: string;
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
 * where it cannot be restored, where one of an earlier run is left, or where this one cannot be deleted. Once a signal has
 * come it neither returns nor throws: what fails from then on was broken off, and is no news of the snapshot.
 */
export async function withTemporary<T>(asked: ToRestore, work: (at: Temporary) => Promise<T>): Promise<T> {
  const client = awsClient(RDSClient, { region: asked.region });
  const name = proofName(asked.rollout, asked.stage, asked.attempt);
  try {
    const [takenAt, source] = await Promise.all([takenOf(client, asked), sourceOf(client, asked)]);
    await requireNoneLeft(client, asked);
    const started = performance.now();
    const instanceClass = asked.instanceClass ?? source.instance.DBInstanceClass ?? "";
    const making: Making = {
      name,
      source,
      instanceClass,
      made: { instance: false, cluster: false },
      begun: [],
    };
    asked.say?.(
      `${asked.snapshot.id} is restored to ${name}, ${aOrAn(instanceClass)} beside ${asked.snapshot.of}. That takes minutes, with much data hours, and is billed like any instance; ${name} is deleted afterwards, also after Ctrl-C.`,
    );
    const remove = () => removed(client, asked, making);
    const tidy = () => remove().catch((error: unknown) => console.error(wordsOf(error)));
    const forget = onInterrupt(() => {
      if (making.begun.length > 0)
        asked.say?.(
          `Broken off: ${name} is deleted as soon as RDS allows it, which is once it is made. A second Ctrl-C ends at once, and leaves it.`,
        );
      return tidy();
    });
    let failed = true;
    try {
      await begin(client, asked, making);
      const { host, port } = await reached(client, asked, name);
      const tookMs = Math.round(performance.now() - started);
      const done = await work({ name, instanceClass, host, port, takenAt, tookMs });
      failed = false;
      return done;
    } finally {
      await unlessBrokenOff();
      try {
        // What went wrong before is told rather than that it could not be tidied up; both are seen in the account.
        await (failed ? tidy() : remove());
      } finally {
        await unlessBrokenOff();
        // Not before: to delete it may take as long as to make it.
        forget();
      }
    }
  } finally {
    client.destroy();
  }
}

const aOrAn = (instanceClass: string) => (instanceClass === "" ? "an instance" : `a ${instanceClass}`);

/** What was made here, and is taken away again. */
interface Made {
  instance: boolean;
  cluster: boolean;
}

interface Making {
  readonly name: string;
  readonly source: Source;
  readonly instanceClass: string;
  readonly made: Made;
  /** What RDS was asked to make, and may not have answered yet: only then does it know what is to be deleted. */
  readonly begun: Promise<unknown>[];
}

/** What is there already was made by somebody else, since it was looked for: it is never ours to delete. */
async function make(
  { name, made, begun }: Making,
  kind: keyof Made,
  ask: () => Promise<unknown>,
): Promise<void> {
  await unlessBrokenOff();
  // Also where no answer comes: it may be there all the same.
  made[kind] = true;
  const asked = ask();
  begun.push(asked.catch(() => {}));
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
  { rollout, stage, attempt, snapshot }: ToRestore,
  making: Making,
): Promise<void> {
  const {
    name,
    instanceClass,
    source: { instance, cluster },
  } = making;
  const Tags = [{ Key: TAG, Value: `${rollout}/${stage}/${attempt}` }];
  const size = { DBInstanceIdentifier: name, DBInstanceClass: instanceClass || undefined };
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
    const restore = new RestoreDBInstanceFromDBSnapshotCommand({
      ...beside(instance, instance.DBSubnetGroup?.DBSubnetGroupName),
      ...size,
      DBSnapshotIdentifier: snapshot.id,
      PubliclyAccessible: false,
      MultiAZ: false,
      // It is gone before anybody would want one of its own.
      BackupRetentionPeriod: 0,
      DBParameterGroupName: instance.DBParameterGroups?.[0]?.DBParameterGroupName,
    });
    return make(making, "instance", () => client.send(restore));
  }
  const named = { DBClusterIdentifier: name, Engine: cluster.Engine ?? "aurora-postgresql" };
  const restore = new RestoreDBClusterFromSnapshotCommand({
    ...beside(cluster, cluster.DBSubnetGroup || undefined),
    ...named,
    SnapshotIdentifier: snapshot.id,
  });
  await make(making, "cluster", () => client.send(restore));
  const instanceIn = new CreateDBInstanceCommand({ ...named, ...size, Tags, PubliclyAccessible: false });
  await make(making, "instance", () => client.send(instanceIn));
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
  { snapshot: { kind }, region, say, pause = looked }: ToRestore,
  { name, made, begun }: Making,
): Promise<void> {
  await Promise.all(begun);
  /** One that is being made is not deleted before it is there. Returns whether there was one. */
  const once = async (remove: () => Promise<unknown>) => {
    for (let look = 0; look < LOOKS; look++) {
      const found = await remove().then(() => "there" as const, whatOf);
      if (found !== "busy") return found === "there";
      await pause();
    }
    throw new Error("it was still being made");
  };
  const how = { SkipFinalSnapshot: true };
  const instance = () => client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: name, ...how }));
  const cluster = () => client.send(new DeleteDBClusterCommand({ DBClusterIdentifier: name, ...how }));
  try {
    const gone = [made.instance && (await once(instance)), made.cluster && (await once(cluster))];
    if (gone.includes(true)) say?.(`RDS is deleting ${name}.`);
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

/** Whether what cannot be deleted is only not yet ready for it; nothing more is to be done where it is not there. */
function whatOf(error: unknown): "busy" | undefined {
  if (/InvalidDB(Instance|Cluster)State/.test((error as Error).name)) return "busy";
  return unlessMissing(error);
}
