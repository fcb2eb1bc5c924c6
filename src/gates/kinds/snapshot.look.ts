import {
  type DBSnapshot,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import { withClient } from "../../aws/clients";
import { awsFailure, failed } from "../../aws/failure";
import { reasonOf } from "../../text/problem";
import type { Gate } from "../gate";
import type { Sources } from "../look";
import type { Seen } from "../observation";
import { type Tie, tieOf } from "./snapshot";

/** Looks for the snapshot that this promotion takes, and for where its database is reached. */
export async function observeSnapshot({ snapshot }: Pick<Gate, "snapshot">, region: string): Promise<Seen> {
  if (!snapshot) return failed("no-data", "the stage declares no snapshot");
  const missing = failed("no-data", `there is no snapshot ${snapshot.id}`);
  try {
    return await withClient(RDSClient, { region }, async (client) => {
      const found = await readSnapshot(client, snapshot);
      return found ? { ...found, ...(await reached(client, snapshot)) } : missing;
    });
  } catch (error) {
    return /NotFound/.test((error as Error).name) ? missing : awsFailure(error);
  }
}

type Wanted = NonNullable<Gate["snapshot"]>;
type Snapshot = Extract<Seen, { kind: "snapshot" }>;

/** Not asked where nothing depends on it: no gate reads a database, or config says the host. */
async function reached(client: RDSClient, wanted: Wanted): Promise<Pick<Snapshot, "endpoints">> {
  if (wanted.host === undefined || wanted.reachedAs !== undefined) return {};
  try {
    return { endpoints: await endpointsOf(client, wanted) };
  } catch (error) {
    if (/NotFound/.test((error as Error).name)) return {};
    throw error;
  }
}

/** The hosts of an instance, or of a cluster: its own, its readers' and the custom ones. */
async function endpointsOf(client: RDSClient, { kind, of }: Pick<Wanted, "kind" | "of">): Promise<string[]> {
  const told = (hosts: readonly (string | undefined)[]) => hosts.flatMap((host) => host ?? []);
  if (kind === "instance") {
    const { DBInstances = [] } = await client.send(
      new DescribeDBInstancesCommand({ DBInstanceIdentifier: of }),
    );
    const own = DBInstances.filter(({ DBInstanceIdentifier }) => DBInstanceIdentifier === of);
    return told(own.map(({ Endpoint }) => Endpoint?.Address));
  }
  const { DBClusters = [] } = await client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: of }));
  return DBClusters.filter(({ DBClusterIdentifier }) => DBClusterIdentifier === of).flatMap(
    ({ Endpoint, ReaderEndpoint, CustomEndpoints = [] }) =>
      told([Endpoint, ReaderEndpoint, ...CustomEndpoints]),
  );
}

/**
 * Before anything is taken: why the snapshot would be of another database than the gates read, as far as RDS says so.
 * What cannot be read now is judged with the snapshot, right before the flip. Never throws.
 */
export async function tieBefore(wanted: Wanted, region: string): Promise<Tie> {
  try {
    const { endpoints } = await withClient(RDSClient, { region }, (client) => reached(client, wanted));
    return tieOf(wanted, endpoints);
  } catch (error) {
    return { kind: "unknown", what: reasonOf(error) };
  }
}

/** A snapshot as RDS tells of it; undefined where it tells of another. Throws RDS's own error, be it that there is none. */
export async function readSnapshot(
  client: RDSClient,
  { kind, id }: Pick<Wanted, "kind" | "id">,
): Promise<Snapshot | undefined> {
  if (kind === "instance") {
    const { DBSnapshots } = await client.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id }));
    const one = DBSnapshots?.find((other) => other.DBSnapshotIdentifier === id);
    return one && described(id, one.DBInstanceIdentifier, one);
  }
  const { DBClusterSnapshots } = await client.send(
    new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: id }),
  );
  const one = DBClusterSnapshots?.find((other) => other.DBClusterSnapshotIdentifier === id);
  return one && described(id, one.DBClusterIdentifier, one);
}

function described(
  id: string,
  of = "",
  { Status: status = "unknown", SnapshotCreateTime: at }: Pick<DBSnapshot, "Status" | "SnapshotCreateTime">,
): Snapshot {
  return { kind: "snapshot", id, of, status, ...(at ? { createdAt: at.toISOString() } : {}) };
}

export const look = (gate: Pick<Gate, "snapshot">, { region }: Sources): Promise<Seen> =>
  observeSnapshot(gate, region);
