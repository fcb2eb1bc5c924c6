import {
  DescribeDBClusterSnapshotsCommand,
  DescribeDBSnapshotsCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import { awsClient } from "../../aws/clients";
import { awsFailure, failed } from "../../aws/failure";
import type { Gate } from "../gate";
import type { Sources } from "../look";
import type { Seen } from "../observation";

/** Looks for the snapshot that this promotion takes. */
export async function observeSnapshot({ snapshot }: Pick<Gate, "snapshot">, region: string): Promise<Seen> {
  if (!snapshot) return failed("no-data", "the stage declares no snapshot");
  const missing = failed("no-data", `there is no snapshot ${snapshot.id}`);
  const client = awsClient(RDSClient, { region });
  try {
    const found = await (snapshot.kind === "instance"
      ? ofInstance(client, snapshot.id)
      : ofCluster(client, snapshot.id));
    return found ?? missing;
  } catch (error) {
    return /NotFound/.test((error as Error).name) ? missing : awsFailure(error);
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

export const look = (gate: Pick<Gate, "snapshot">, { region }: Sources): Promise<Seen> =>
  observeSnapshot(gate, region);
