import { beforeEach, expect, it, test } from "vitest";
import { withTemporary } from "../../../src/backups/temporary";
import type { ToRestore } from "../../../src/backups/temporarySource";
import { openFront } from "../../sandbox/aws/front/world";
import { fakeAws, pointAwsTo } from "../../support/standIn";

const xml = (action: string, result: string) =>
  `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`;

/** What RDS says of a cluster with one writer, and of what is made. */
const says = (status = "available") => ({
  DescribeDBClusterSnapshots: xml(
    "DescribeDBClusterSnapshots",
    "<DBClusterSnapshots><DBClusterSnapshot><DBClusterSnapshotIdentifier>shop-stageb-attempt-1</DBClusterSnapshotIdentifier><DBClusterIdentifier>shop</DBClusterIdentifier><Status>available</Status><SnapshotCreateTime>2026-01-01T00:00:00Z</SnapshotCreateTime></DBClusterSnapshot></DBClusterSnapshots>",
  ),
  DescribeDBClusters: xml(
    "DescribeDBClusters",
    "<DBClusters><DBCluster><DBClusterIdentifier>shop</DBClusterIdentifier><Engine>aurora-postgresql</Engine><DBSubnetGroup>inner</DBSubnetGroup><DBClusterMembers><DBClusterMember><DBInstanceIdentifier>shop-1</DBInstanceIdentifier><IsClusterWriter>true</IsClusterWriter></DBClusterMember></DBClusterMembers></DBCluster></DBClusters>",
  ),
  DescribeDBInstances: xml(
    "DescribeDBInstances",
    `<DBInstances><DBInstance><DBInstanceIdentifier>shop-1</DBInstanceIdentifier><DBInstanceClass>db.r6g.large</DBInstanceClass><DBInstanceStatus>${status}</DBInstanceStatus><Endpoint><Address>proof.internal</Address><Port>5432</Port></Endpoint></DBInstance></DBInstances>`,
  ),
});

const asked: ToRestore = {
  ...{ rollout: "shop", stage: "stageB", attempt: 1, region: "eu-central-1" },
  snapshot: { id: "shop-stageb-attempt-1", kind: "cluster", of: "shop" },
  pause: () => Promise.resolve(),
};

const made = ["RestoreDBClusterFromSnapshot", "CreateDBInstance", "DeleteDBInstance", "DeleteDBCluster"];
let front: Awaited<ReturnType<typeof openFront>>;
const did = () => front.asked.map(({ what }) => what).filter((what) => made.includes(what));

beforeEach(async () => {
  front = await openFront(says());
  pointAwsTo(front.endpoint);
});

it("restores an Aurora cluster with one instance, and deletes the instance before the cluster", async () => {
  const at = await withTemporary(asked, async (temporary) => temporary);
  expect(at).toMatchObject({ host: "proof.internal", port: 5432, takenAt: new Date("2026-01-01T00:00:00Z") });
  expect(did()).toEqual(made);
});

it("deletes it where the work on it fails, and tells of that", async () => {
  await expect(withTemporary(asked, () => Promise.reject(new Error("no way in")))).rejects.toThrow(
    "no way in",
  );
  expect(did()).toEqual(made);
});

it("does not wait for one that will never be there", async () => {
  Object.assign(front.says, says("incompatible-network"));
  await expect(withTemporary(asked, async () => {})).rejects.toThrow(
    /shop-stageb-attempt-1: was restored to cutover-proof-shop-stageb-1, which is incompatible-network/,
  );
  expect(did()).toEqual(made);
});

const refused = (error: string) => () => ({ error });
const deletions = ({ calls }: Awaited<ReturnType<typeof fakeAws>>) =>
  calls.map(({ operation }) => operation).filter((operation) => operation.startsWith("Delete"));

test.each([
  ["cluster", { RestoreDBClusterFromSnapshot: refused("DBClusterAlreadyExistsFault") }, []],
  [
    "instance",
    {
      RestoreDBClusterFromSnapshot: () => xml("RestoreDBClusterFromSnapshot", ""),
      CreateDBInstance: refused("DBInstanceAlreadyExists"),
    },
    ["DeleteDBCluster"],
  ],
])(
  "never deletes the %s that was there before it: it is another run's, or anybody's",
  async (_, begun, deleted) => {
    const described = Object.fromEntries(Object.entries(says()).map(([what, text]) => [what, () => text]));
    const aws = await fakeAws({
      ...described,
      ...begun,
      DeleteDBInstance: () => xml("DeleteDBInstance", ""),
      DeleteDBCluster: () => xml("DeleteDBCluster", ""),
    });
    await expect(withTemporary(asked, async () => {})).rejects.toThrow(
      /cutover-proof-shop-stageb-1: is there already/,
    );
    expect(deletions(aws)).toEqual(deleted);
  },
);

it("waits until a cluster that is being made can be deleted", async () => {
  const described = Object.fromEntries(Object.entries(says()).map(([what, text]) => [what, () => text]));
  const aws = await fakeAws({
    ...described,
    RestoreDBClusterFromSnapshot: () => xml("RestoreDBClusterFromSnapshot", ""),
    CreateDBInstance: refused("InsufficientDBInstanceCapacity"),
    DeleteDBInstance: refused("DBInstanceNotFound"),
    DeleteDBCluster: (_, before) =>
      before < 2 ? { error: "InvalidDBClusterStateFault" } : xml("DeleteDBCluster", ""),
  });
  await expect(withTemporary(asked, async () => {})).rejects.toThrow(/InsufficientDBInstanceCapacity/);
  expect(deletions(aws).filter((one) => one === "DeleteDBCluster")).toHaveLength(3);
});
