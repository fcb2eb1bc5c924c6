import { proofsOf } from "../../src/aws/names";
import { bucketOf } from "../../src/gates/dumps/address";
import { arn } from "./arn";
import { snapshots, unnamed } from "./arns";
import { type Asked, each, type Grant } from "./asked";

const WHERE = "only where dumps lie in a bucket (backup)";

/** The bucket of the rollout's dumps; nothing where there is none. */
function bucket({ rollout, partition }: Asked): string[] {
  const at = rollout.backup && bucketOf(rollout.backup.dumps);
  return at ? [`arn:${partition}:s3:::${at.bucket}`] : [];
}

/** What lies there of this rollout. */
function dumps(asked: Asked): string[] {
  const { rollout } = asked;
  const { prefix = "" } = (rollout.backup && bucketOf(rollout.backup.dumps)) ?? {};
  return bucket(asked).map((arn) => `${arn}/${prefix}${rollout.name}/*`);
}

const PROVES = "only where a snapshot is proven to come back (prove-backup --snapshot)";
const PROVES_CLUSTER = "only where a snapshot of an Aurora cluster is proven to come back";

/** The snapshots that may be restored: where a record of it can be kept. */
function restorable(asked: Asked): string[] {
  return asked.rollout.backup === undefined
    ? []
    : snapshots(asked).filter((one) => /:(cluster-)?snapshot:/.test(one));
}

/** What they are restored to, and nothing else: it is deleted again. */
function temporary(asked: Asked, ...kinds: readonly ("db" | "cluster")[]): string[] {
  const restored = restorable(asked);
  if (restored.length === 0) return [];
  const clusters = restored.some((one) => one.includes(":cluster-snapshot:"));
  return kinds
    .filter((kind) => kind === "db" || clusters)
    .map((kind) => arn(asked, "rds", `${kind}:${proofsOf(asked.rollout.name)}-*`));
}

/** Groups of parameters, options and subnets that the source has, whose names only RDS knows. */
const groups = (asked: Asked, ...kinds: readonly string[]) =>
  kinds.map((kind) => arn(asked, "rds", `${kind}:*`));

/** What gates see of dumps, and what whoever takes and proves them does. */
export const BACKUP_GRANTS: readonly Grant[] = [
  {
    // Without it, what is not there looks like what may not be read.
    sid: "FindBackups",
    for: ["measure", "preview", "drift", "promote", "doctor", "backup"],
    actions: each(WHERE, "s3:ListBucket"),
    on: bucket,
  },
  {
    sid: "ReadBackups",
    for: ["measure", "preview", "drift", "promote", "doctor", "backup"],
    actions: each(WHERE, "s3:GetObject"),
    on: dumps,
  },
  {
    sid: "KeepBackups",
    for: ["backup"],
    actions: each(WHERE, "s3:AbortMultipartUpload", "s3:PutObject"),
    on: dumps,
  },
  {
    sid: "FindProofs",
    for: ["backup"],
    actions: {
      ...each(PROVES, "rds:DescribeDBInstances", "rds:DescribeDBSnapshots"),
      ...each(PROVES_CLUSTER, "rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusters"),
    },
    on: (asked) => (restorable(asked).length > 0 ? unnamed() : []),
  },
  {
    sid: "RestoreProofs",
    for: ["backup"],
    actions: {
      ...each(PROVES, "rds:AddTagsToResource", "rds:RestoreDBInstanceFromDBSnapshot"),
      ...each(PROVES_CLUSTER, "rds:CreateDBInstance", "rds:RestoreDBClusterFromSnapshot"),
    },
    on: (asked) =>
      restorable(asked).length === 0
        ? []
        : [
            ...restorable(asked),
            ...temporary(asked, "db", "cluster"),
            ...groups(asked, "subgrp", "pg", "og", "cluster-pg"),
          ],
  },
  {
    sid: "DeleteProofs",
    for: ["backup"],
    actions: {
      ...each(PROVES, "rds:DeleteDBInstance"),
      ...each(PROVES_CLUSTER, "rds:DeleteDBCluster"),
    },
    on: (asked) => temporary(asked, "db", "cluster"),
  },
];
