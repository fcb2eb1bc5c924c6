import type { DBClusterSnapshot, DBSnapshot } from "@aws-sdk/client-rds";
import { z } from "zod";
import { set } from "../../../plugin/spec";
import type { Patience } from "../../../plugin/table";
import { type AwsTagging, fromPairs, pairs, row, tagged } from "../row";
import type { Aws } from "../session";

const tagging = (by: string): AwsTagging => ({
  by,
  list: async (aws, arn) =>
    fromPairs((await (await aws.rds()).listTagsForResource({ ResourceName: arn })).TagList),
  tag: async (aws, arn, tags) =>
    (await aws.rds()).addTagsToResource({ ResourceName: arn, Tags: pairs(tags) }),
  untag: async (aws, arn, keys) =>
    (await aws.rds()).removeTagsFromResource({ ResourceName: arn, TagKeys: keys }),
});

/** A snapshot that is not yet available proves nothing. Waits as long as the official plugin: 20 minutes. */
async function untilAvailable(what: string, status: () => Promise<string | undefined>, patience: Patience) {
  const end = Date.now() + (patience.seconds ?? 20 * 60) * 1000;
  for (let pause = 250; ; pause = Math.min(pause * 2, 10_000)) {
    const now = await status();
    if (now === "available") return;
    if (now === "failed") throw new Error(`${what} is in state "failed"`);
    if (Date.now() + pause > end) throw new Error(`${what} is still "${now}", not "available"`);
    patience.signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

const find = async (aws: Aws, id: string): Promise<DBSnapshot | undefined> =>
  (await (await aws.rds()).describeDBSnapshots({ DBSnapshotIdentifier: id })).DBSnapshots?.[0];

const findOfCluster = async (aws: Aws, id: string): Promise<DBClusterSnapshot | undefined> =>
  (await (await aws.rds()).describeDBClusterSnapshots({ DBClusterSnapshotIdentifier: id }))
    .DBClusterSnapshots?.[0];

/** Nothing is called where nothing is shared: the emulator has no snapshot attributes. */
function sharing(now: readonly string[] = [], before: readonly string[] = []) {
  const ValuesToAdd = now.filter((account) => !before.includes(account));
  const ValuesToRemove = before.filter((account) => !now.includes(account));
  return ValuesToAdd.length + ValuesToRemove.length > 0
    ? { AttributeName: "restore", ValuesToAdd, ValuesToRemove }
    : undefined;
}

async function share(aws: Aws, id: string, now?: readonly string[], before?: readonly string[]) {
  const change = sharing(now, before);
  if (change) await (await aws.rds()).modifyDBSnapshotAttribute({ DBSnapshotIdentifier: id, ...change });
}

async function shareOfCluster(aws: Aws, id: string, now?: readonly string[], before?: readonly string[]) {
  const change = sharing(now, before);
  if (change)
    await (await aws.rds()).modifyDBClusterSnapshotAttribute({ DBClusterSnapshotIdentifier: id, ...change });
}

const Snapshot = row({
  inputs: {
    ...tagged,
    dbInstanceIdentifier: z.string().meta({ replaces: true }),
    dbSnapshotIdentifier: z.string().meta({ replaces: true }),
    sharedAccounts: set(z.string()).optional(),
  },
  outputs: [
    ...["allocatedStorage", "availabilityZone", "dbSnapshotArn", "encrypted", "engine", "engineVersion"],
    ...["iops", "kmsKeyId", "licenseModel", "optionGroupName", "port", "snapshotType", "status"],
    ...["sourceDbSnapshotIdentifier", "sourceRegion", "storageType", "vpcId"],
  ],
  tagging: tagging("dbSnapshotArn"),
  async create(aws, { dbInstanceIdentifier, dbSnapshotIdentifier, tagsAll }) {
    await (await aws.rds()).createDBSnapshot({
      DBInstanceIdentifier: dbInstanceIdentifier,
      DBSnapshotIdentifier: dbSnapshotIdentifier,
      Tags: pairs(tagsAll),
    });
    return dbSnapshotIdentifier;
  },
  async settle(aws, id, { sharedAccounts }, patience) {
    await untilAvailable(`snapshot ${id}`, async () => (await find(aws, id))?.Status, patience);
    await share(aws, id, sharedAccounts);
  },
  async read(aws, id) {
    const found = await find(aws, id);
    if (!found) return undefined;
    return {
      dbInstanceIdentifier: found.DBInstanceIdentifier,
      dbSnapshotIdentifier: found.DBSnapshotIdentifier,
      allocatedStorage: found.AllocatedStorage,
      availabilityZone: found.AvailabilityZone,
      dbSnapshotArn: found.DBSnapshotArn,
      encrypted: found.Encrypted,
      engine: found.Engine,
      engineVersion: found.EngineVersion,
      iops: found.Iops,
      kmsKeyId: found.KmsKeyId,
      licenseModel: found.LicenseModel,
      optionGroupName: found.OptionGroupName,
      port: found.Port,
      snapshotType: found.SnapshotType,
      sourceDbSnapshotIdentifier: found.SourceDBSnapshotIdentifier,
      sourceRegion: found.SourceRegion,
      status: found.Status,
      storageType: found.StorageType,
      vpcId: found.VpcId,
    };
  },
  update: (aws, id, news, olds) => share(aws, id, news.sharedAccounts, olds.sharedAccounts),
  delete: async (aws, id) => (await aws.rds()).deleteDBSnapshot({ DBSnapshotIdentifier: id }),
});

const ClusterSnapshot = row({
  inputs: {
    ...tagged,
    dbClusterIdentifier: z.string().meta({ replaces: true }),
    dbClusterSnapshotIdentifier: z.string().meta({ replaces: true }),
    sharedAccounts: set(z.string()).optional(),
  },
  outputs: [
    ...["allocatedStorage", "availabilityZones", "dbClusterSnapshotArn", "engine", "engineVersion"],
    ...["kmsKeyId", "licenseModel", "port", "snapshotType", "sourceDbClusterSnapshotArn", "status"],
    ...["storageEncrypted", "vpcId"],
  ],
  tagging: tagging("dbClusterSnapshotArn"),
  async create(aws, { dbClusterIdentifier, dbClusterSnapshotIdentifier, tagsAll }) {
    await (await aws.rds()).createDBClusterSnapshot({
      DBClusterIdentifier: dbClusterIdentifier,
      DBClusterSnapshotIdentifier: dbClusterSnapshotIdentifier,
      Tags: pairs(tagsAll),
    });
    return dbClusterSnapshotIdentifier;
  },
  async settle(aws, id, { sharedAccounts }, patience) {
    await untilAvailable(`snapshot ${id}`, async () => (await findOfCluster(aws, id))?.Status, patience);
    await shareOfCluster(aws, id, sharedAccounts);
  },
  async read(aws, id) {
    const found = await findOfCluster(aws, id);
    if (!found) return undefined;
    return {
      dbClusterIdentifier: found.DBClusterIdentifier,
      dbClusterSnapshotIdentifier: found.DBClusterSnapshotIdentifier,
      allocatedStorage: found.AllocatedStorage,
      availabilityZones: found.AvailabilityZones,
      dbClusterSnapshotArn: found.DBClusterSnapshotArn,
      engine: found.Engine,
      engineVersion: found.EngineVersion,
      kmsKeyId: found.KmsKeyId,
      licenseModel: found.LicenseModel,
      port: found.Port,
      snapshotType: found.SnapshotType,
      sourceDbClusterSnapshotArn: found.SourceDBClusterSnapshotArn,
      status: found.Status,
      storageEncrypted: found.StorageEncrypted,
      vpcId: found.VpcId,
    };
  },
  update: (aws, id, news, olds) => shareOfCluster(aws, id, news.sharedAccounts, olds.sharedAccounts),
  delete: async (aws, id) => (await aws.rds()).deleteDBClusterSnapshot({ DBClusterSnapshotIdentifier: id }),
});

export const rds = {
  "aws:rds/snapshot:Snapshot": Snapshot,
  "aws:rds/clusterSnapshot:ClusterSnapshot": ClusterSnapshot,
};
