import { describe, expect, it } from "vitest";
import { type Asked, ROLES } from "../../../cli/permissions/asked";
import { statementsOf } from "../../../cli/permissions/policy";
import { loadRollout } from "../../../src/rollout/load";
import { allowed } from "./iam";

const own = loadRollout(`${__dirname}/../../..`);
const asking = (dumps: string | undefined): Asked => ({
  rollout: { ...own, ...(dumps === undefined ? {} : { backup: { dumps, queries: {} } }) },
  ...{ partition: "aws", region: "eu-central-1", account: "123456789012", application: "*" },
});
const BUCKET = "arn:aws:s3:::ops-backups";
const DUMP = `${BUCKET}/postgres/ops-view/stageB-1.dump`;

/** Which roles may do this. */
const who = (action: string, on: string, dumps: string | undefined = "s3://ops-backups/postgres") =>
  ROLES.filter((role) => allowed(statementsOf(role, asking(dumps)), { action, on: [on] }));

describe("dumps in a bucket", () => {
  const LOOKERS = ["measure", "preview", "drift", "promote", "doctor", "backup"];

  it("are seen by whoever looks at gates, and kept by one role alone", () => {
    expect(who("s3:ListBucket", BUCKET)).toEqual(LOOKERS);
    expect(who("s3:GetObject", DUMP)).toEqual(LOOKERS);
    for (const action of ["s3:PutObject", "s3:AbortMultipartUpload"])
      expect(who(action, DUMP), action).toEqual(["backup"]);
    expect(who("s3:DeleteObject", DUMP)).toEqual([]);
  });

  it("are this rollout's alone", () => {
    expect(who("s3:GetObject", `${BUCKET}/postgres/shop/stageB-1.dump`)).toEqual([]);
    expect(who("s3:GetObject", `${BUCKET}/ops-view/stageB-1.dump`)).toEqual([]);
    expect(who("s3:GetObject", `${BUCKET}/ops-view/stageB-1.dump`, "s3://ops-backups")).toEqual(LOOKERS);
    expect(who("s3:PutObject", "arn:aws:s3:::other/postgres/ops-view/x")).toEqual([]);
  });

  it("are all that whoever keeps them may reach", () => {
    const may = statementsOf("backup", asking("s3://ops-backups/postgres"));
    const proofs = ["FindProofs", "RestoreProofs", "DeleteProofs"];
    expect(may.map(({ Sid }) => Sid)).toEqual(["FindBackups", "ReadBackups", "KeepBackups", ...proofs]);
  });

  it("let a snapshot be restored beside its database by one role, which deletes nothing but that", () => {
    const rds = (name: string) => `arn:aws:rds:eu-central-1:123456789012:${name}`;
    const restore = "rds:RestoreDBInstanceFromDBSnapshot";
    expect(who(restore, rds("db:cutover-proof-ops-view-stageb-1"))).toEqual(["backup"]);
    expect(who(restore, rds("snapshot:ops-view-stageb-attempt-1"))).toEqual(["backup"]);
    expect(who("rds:DeleteDBInstance", rds("db:cutover-proof-ops-view-stageb-1"))).toEqual(["backup"]);
    for (const action of [restore, "rds:DeleteDBInstance", "rds:AddTagsToResource"])
      expect(who(action, rds("db:ops-db")), action).not.toContain("backup");
    expect(who("rds:DeleteDBInstance", rds("db:cutover-proof-shop-a-1"))).toEqual([]);
  });

  it.each([
    ["in a folder", "/var/backups"],
    ["that nobody takes", undefined],
  ])("%s need nothing", (_, dumps) => {
    for (const role of ROLES)
      expect(statementsOf(role, asking(dumps)).filter(({ Sid }) => /Backups$/.test(Sid ?? ""))).toEqual([]);
    const proofs = dumps === undefined ? [] : ["FindProofs", "RestoreProofs", "DeleteProofs"];
    expect(statementsOf("backup", asking(dumps)).map(({ Sid }) => Sid)).toEqual(proofs);
  });
});
