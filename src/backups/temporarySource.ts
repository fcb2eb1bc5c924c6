import {
  type DBCluster,
  type DBInstance,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  paginateDescribeDBClusters,
  paginateDescribeDBInstances,
  type RDSClient,
} from "@aws-sdk/client-rds";
import { deleteDatabaseLines } from "../aws/typed";
import { readSnapshot } from "../gates/kinds/snapshot.look";
import { UserError } from "../text/problem";

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
  /** Told what is under way, as a sentence, before it begins. */
  readonly say?: (what: string) => void;
}

/** What a temporary database is known by: whoever finds one knows whose it is. */
export const TAG = "cutover:proof";

export async function takenOf(client: RDSClient, { snapshot, stage }: ToRestore): Promise<Date> {
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
export interface Source {
  readonly instance: DBInstance;
  readonly cluster?: DBCluster;
}

export async function sourceOf(client: RDSClient, { snapshot: { kind, of } }: ToRestore): Promise<Source> {
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
export async function requireNoneLeft(
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

export function cannot(where: string, what: string, remedy: string): UserError {
  return new UserError("The snapshot cannot be restored:", [{ where, what, remedy }]);
}

export function unlessMissing(error: unknown): undefined {
  if (/NotFound/.test((error as Error).name)) return undefined;
  throw error;
}
