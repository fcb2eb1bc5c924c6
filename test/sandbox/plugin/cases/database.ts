import type { Cases, World } from "./case";

async function instance({ aws }: World): Promise<string> {
  const DBInstanceIdentifier = `db-${Date.now()}`;
  await (await aws.rds()).createDBInstance({
    DBInstanceIdentifier,
    DBInstanceClass: "db.t4g.micro",
    Engine: "postgres",
    MasterUsername: "ops",
    MasterUserPassword: "not-a-secret",
    AllocatedStorage: 20,
  });
  return DBInstanceIdentifier;
}

async function cluster({ aws }: World): Promise<string> {
  const DBClusterIdentifier = `cluster-${Date.now()}`;
  await (await aws.rds()).createDBCluster({
    DBClusterIdentifier,
    Engine: "aurora-postgresql",
    MasterUsername: "ops",
    MasterUserPassword: "not-a-secret",
  });
  return DBClusterIdentifier;
}

export const database: Cases = {
  "aws:rds/snapshot:Snapshot": async (world) => ({
    inputs: {
      dbInstanceIdentifier: await instance(world),
      dbSnapshotIdentifier: "before-stage-b",
      tags: { stage: "stageB" },
    },
    updates: [{ tags: { stage: "other" } }],
    replaces: { dbInstanceIdentifier: "other", dbSnapshotIdentifier: "other" },
  }),

  "aws:rds/clusterSnapshot:ClusterSnapshot": async (world) => ({
    inputs: { dbClusterIdentifier: await cluster(world), dbClusterSnapshotIdentifier: "before-stage-b" },
    updates: [{ tags: { stage: "other" } }],
    replaces: { dbClusterIdentifier: "other", dbClusterSnapshotIdentifier: "other" },
  }),
};
