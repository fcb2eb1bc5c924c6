import {
  DescribeDBClusterSnapshotsCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import { awsClient } from "../../aws/clients";
import { awsFailure } from "../../aws/failure";
import type { Gate } from "../gate";
import type { Seen } from "../observation";

/** Looks for the snapshot that this promotion takes. */
export async function observeSnapshot({ snapshot }: Pick<Gate, "snapshot">, region: string): Promise<Seen> {
  if (!snapshot) return { kind: "failure", failure: "no-data", message: "the stage declares no snapshot" };
  const client = awsClient(RDSClient, { region });
  try {
    const found = await (snapshot.kind === "instance"
      ? ofInstance(client, snapshot.id)
      : ofCluster(client, snapshot.id));
    return found ?? { kind: "failure", failure: "no-data", message: `there is no snapshot ${snapshot.id}` };
  } catch (error) {
    if (/NotFound/.test((error as Error).name))
      return { kind: "failure", failure: "no-data", message: `there is no snapshot ${snapshot.id}` };
    return awsFailure(error);
  } finally {
    client.destroy();
  }
}

async function ofInstance(client: RDSClient, id: string): Promise<Seen | undefined> {
  const { DBSnapshots } = await client.send(new DescribeDBSnapshotsCommand({ DBSnapshotIdentifier: id }));
  const one = DBSnapshots?.find((other) => other.DBSnapshotIdentifier === id);
  return one && describe(id, one.DBInstanceIdentifier, one.Status, one.SnapshotCreateTime);
}

async function ofCluster(client: RDSClient, id: string): Promise<Seen | undefined> {
  const { DBClusterSnapshots } = await client.send(
    new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: id }),
  );
  const one = DBClusterSnapshots?.find((other) => other.DBClusterSnapshotIdentifier === id);
  return one && describe(id, one.DBClusterIdentifier, one.Status, one.SnapshotCreateTime);
}

function describe(
  id: string,
  of: string | undefined,
  status: string | undefined,
  createdAt: Date | undefined,
): Seen {
  return {
    kind: "snapshot",
    id,
    of: of ?? "",
    status: status ?? "unknown",
    ...(createdAt ? { createdAt: createdAt.toISOString() } : {}),
  };
}
