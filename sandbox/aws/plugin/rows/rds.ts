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
async function untilAvailable(what: string, status: () => Promise<unknown>, patience: Patience) {
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

interface Shared {
  readonly sharedAccounts?: readonly string[] | undefined;
}

/** Snapshots of an instance, or of a cluster, whose names and calls are the same but for that word. */
function snapshots(of: "" | "Cluster", outputs: readonly string[]) {
  const inputs = {
    ...tagged,
    [`db${of || "Instance"}Identifier`]: fixed(),
    [`db${of}SnapshotIdentifier`]: fixed(),
    sharedAccounts: set(z.string()).optional().meta({ api: false }),
  };
  const read = `describeDB${of}Snapshots` as const;
  const key = (id: string) => ({ [`DB${of}SnapshotIdentifier`]: id });
  const within = (answer: Props) => (answer[`DB${of}Snapshots`] as Props[] | undefined)?.[0];
  /** Nothing is called where nothing is shared: the emulator has no snapshot attributes. */
  const share = async (aws: Aws, id: string, news: Shared, olds: Shared) => {
    const [now, before] = [news.sharedAccounts ?? [], olds.sharedAccounts ?? []];
    const ValuesToAdd = now.filter((account) => !before.includes(account));
    const ValuesToRemove = before.filter((account) => !now.includes(account));
    if (ValuesToAdd.length + ValuesToRemove.length === 0) return;
    const change = { AttributeName: "restore", ValuesToAdd, ValuesToRemove };
    await databases.call(aws, `modifyDB${of}SnapshotAttribute`, { ...key(id), ...change });
  };
  return databases.row({
    inputs,
    outputs,
    taggedBy: `db${of}SnapshotArn`,
    create: `createDB${of}Snapshot`,
    async settle(aws, id, given, patience) {
      const status = async () => within(await databases.call(aws, read, key(id)))?.Status;
      await untilAvailable(`snapshot ${id}`, status, patience);
      await share(aws, id, given, {});
    },
    read,
    update: (aws, id, news, olds) => share(aws, id, news, olds),
    delete: `deleteDB${of}Snapshot`,
    key,
    id: (_, given) => String((given as Props)[`db${of}SnapshotIdentifier`]),
    within,
  });
}

export const rds = {
  "aws:rds/snapshot:Snapshot": snapshots("", [
    ...["allocatedStorage", "availabilityZone", "dbSnapshotArn", "encrypted", "engine", "engineVersion"],
    ...["iops", "kmsKeyId", "licenseModel", "optionGroupName", "port", "snapshotType", "status"],
    ...["sourceDbSnapshotIdentifier", "sourceRegion", "storageType", "vpcId"],
  ]),
  "aws:rds/clusterSnapshot:ClusterSnapshot": snapshots("Cluster", [
    ...["allocatedStorage", "availabilityZones", "dbClusterSnapshotArn", "engine", "engineVersion"],
    ...["kmsKeyId", "licenseModel", "port", "snapshotType", "sourceDbClusterSnapshotArn", "status"],
    ...["storageEncrypted", "vpcId"],
  ]),
};
