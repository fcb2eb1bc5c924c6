import { DescribeDBClustersCommand, DescribeDBInstancesCommand, RDSClient } from "@aws-sdk/client-rds";
import { withClient } from "../../../src/aws/clients";
import { type Known, known } from "../../../src/aws/known";
import { snapshotOf, type Tie } from "../../../src/gates/kinds/snapshot";
import { tieBefore } from "../../../src/gates/kinds/snapshot.look";
import type { Rollout } from "../../../src/rollout/rollout";

/** The database that a stage's promotion takes a snapshot of. */
export interface SnapshotFact {
  readonly stage: string;
  readonly kind: "instance" | "cluster";
  readonly of: string;
  readonly there: Known<boolean>;
  /** Whether it is the database that the gates read. */
  readonly tie: Tie;
}

/** Looks for the databases that promotions take snapshots of. Never throws. */
export async function readSources(rollout: Rollout, region: string, left: number): Promise<SnapshotFact[]> {
  const wanted = rollout.stages.flatMap((stage) => {
    const own = snapshotOf(rollout.name, stage);
    const host = rollout.database?.host;
    return own ? [{ stage: stage.name, own: { ...own, ...(host === undefined ? {} : { host }) } }] : [];
  });
  if (wanted.length === 0) return [];
  return withClient(RDSClient, { region }, (client) =>
    Promise.all(
      wanted.map(async ({ stage, own }) => {
        const [there, tie] = await Promise.all([
          known(() => isThere(client, own), left),
          tieBefore(own, region),
        ]);
        return { stage, kind: own.kind, of: own.of, there, tie };
      }),
    ),
  );
}

async function isThere(client: RDSClient, { kind, of }: Pick<SnapshotFact, "kind" | "of">): Promise<boolean> {
  try {
    if (kind === "instance") await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: of }));
    else await client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: of }));
    return true;
  } catch (error) {
    if (error instanceof Error && /NotFound/.test(error.name)) return false;
    throw error;
  }
}
