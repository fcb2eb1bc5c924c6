import type { RDS } from "@aws-sdk/client-rds";
import * as z from "zod";
import { set } from "../../../plugin/spec";
import type { Patience } from "../../../plugin/table";
import type { Props } from "../../../plugin/values";
import { service } from "../api";
import { fixed, tagged } from "../row";
import type { Aws } from "../session";

const databases = service((aws) => aws.rds(), {
  key: "ResourceName",
  answer: "TagList",
  tag: "addTagsToResource",
  untag: "removeTagsFromResource",
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

interface Found {
  readonly Status?: string | undefined;
}

/** How snapshots of one kind are found and shared. */
interface Calls {
  readonly find: (rds: RDS, id: string) => Promise<Found | undefined>;
  readonly share: (rds: RDS, id: string, change: Sharing) => Promise<unknown>;
}

type Sharing = NonNullable<ReturnType<typeof sharing>>;

/** Nothing is called where nothing is shared: the emulator has no snapshot attributes. */
function sharing(now: readonly string[] = [], before: readonly string[] = []) {
  const ValuesToAdd = now.filter((account) => !before.includes(account));
  const ValuesToRemove = before.filter((account) => !now.includes(account));
  return ValuesToAdd.length + ValuesToRemove.length > 0
    ? { AttributeName: "restore", ValuesToAdd, ValuesToRemove }
    : undefined;
}

/** Snapshots of an instance, or of a cluster, whose names and calls are the same but for that word. */
function changes({ find, share }: Calls) {
  const shared = async (aws: Aws, id: string, now?: readonly string[], before?: readonly string[]) => {
    const change = sharing(now, before);
    if (change) await share(await aws.rds(), id, change);
  };
  return {
    async settle(aws: Aws, id: string, { sharedAccounts }: Shared, patience: Patience) {
      await untilAvailable(`snapshot ${id}`, async () => (await find(await aws.rds(), id))?.Status, patience);
      await shared(aws, id, sharedAccounts);
    },
    update: (aws: Aws, id: string, news: Shared, olds: Shared) =>
      shared(aws, id, news.sharedAccounts, olds.sharedAccounts),
  };
}

interface Shared {
  readonly sharedAccounts?: readonly string[] | undefined;
}

const sharedAccounts = set(z.string()).optional().meta({ api: false });

const instances = changes({
  find: async (rds, id) => (await rds.describeDBSnapshots({ DBSnapshotIdentifier: id })).DBSnapshots?.[0],
  share: (rds, id, change) => rds.modifyDBSnapshotAttribute({ DBSnapshotIdentifier: id, ...change }),
});

const Snapshot = {
  ...databases.row({
    inputs: { ...tagged, dbInstanceIdentifier: fixed(), dbSnapshotIdentifier: fixed(), sharedAccounts },
    outputs: [
      ...["allocatedStorage", "availabilityZone", "dbSnapshotArn", "encrypted", "engine", "engineVersion"],
      ...["iops", "kmsKeyId", "licenseModel", "optionGroupName", "port", "snapshotType", "status"],
      ...["sourceDbSnapshotIdentifier", "sourceRegion", "storageType", "vpcId"],
    ],
    taggedBy: "dbSnapshotArn",
    create: "createDBSnapshot",
    read: "describeDBSnapshots",
    delete: "deleteDBSnapshot",
    key: (DBSnapshotIdentifier) => ({ DBSnapshotIdentifier }),
    id: (_, { dbSnapshotIdentifier }) => dbSnapshotIdentifier,
    within: ({ DBSnapshots = [] }) => (DBSnapshots as Props[])[0],
  }),
  ...instances,
};

const clusters = changes({
  find: async (rds, DBClusterSnapshotIdentifier) =>
    (await rds.describeDBClusterSnapshots({ DBClusterSnapshotIdentifier })).DBClusterSnapshots?.[0],
  share: (rds, id, change) =>
    rds.modifyDBClusterSnapshotAttribute({ DBClusterSnapshotIdentifier: id, ...change }),
});

const ClusterSnapshot = {
  ...databases.row({
    inputs: { ...tagged, dbClusterIdentifier: fixed(), dbClusterSnapshotIdentifier: fixed(), sharedAccounts },
    outputs: [
      ...["allocatedStorage", "availabilityZones", "dbClusterSnapshotArn", "engine", "engineVersion"],
      ...["kmsKeyId", "licenseModel", "port", "snapshotType", "sourceDbClusterSnapshotArn", "status"],
      ...["storageEncrypted", "vpcId"],
    ],
    taggedBy: "dbClusterSnapshotArn",
    create: "createDBClusterSnapshot",
    read: "describeDBClusterSnapshots",
    delete: "deleteDBClusterSnapshot",
    key: (DBClusterSnapshotIdentifier) => ({ DBClusterSnapshotIdentifier }),
    id: (_, { dbClusterSnapshotIdentifier }) => dbClusterSnapshotIdentifier,
    within: ({ DBClusterSnapshots = [] }) => (DBClusterSnapshots as Props[])[0],
  }),
  ...clusters,
};

export const rds = {
  "aws:rds/snapshot:Snapshot": Snapshot,
  "aws:rds/clusterSnapshot:ClusterSnapshot": ClusterSnapshot,
};
