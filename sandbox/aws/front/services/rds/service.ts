import { type Answer, answer } from "../../answer";
import type { Call } from "../../call";
import { type Service, textOf, type World } from "../../rule";
import { DATABASE_BEHIND, restoring } from "./restoring";

/** The emulator does not know the call, and shares no snapshot: one that is there is shared with nobody. */
async function snapshotAttributes(call: Call, { upstream }: World): Promise<Answer> {
  const DBSnapshotIdentifier = textOf(call.input.DBSnapshotIdentifier) ?? "";
  // An error of the emulator's, such as that there is none, becomes the answer.
  const asked = { Action: "DescribeDBSnapshots", Version: "2014-10-31", DBSnapshotIdentifier };
  await upstream.query("rds", asked, call.scope);
  const restore = { DBSnapshotAttribute: { AttributeName: "restore", AttributeValues: {} } };
  return answer(call, {
    DBSnapshotAttributesResult: { DBSnapshotIdentifier, DBSnapshotAttributes: restore },
  });
}

const isIdentifier = (longest: number, name: unknown) =>
  new RegExp(`^(?=.{1,${longest}}$)[A-Za-z](-?[A-Za-z0-9])*$`).test(textOf(name) ?? "");
const notIdentifier = (parameter: string) =>
  `The parameter ${parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.`;

/** What the front knows of databases: what their names may be, with whom snapshots are shared, and how one is restored. */
export const rds = (): Service => {
  const restored = restoring();
  return {
    name: "rds",
    reference: "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_",
    answers: {
      DescribeDBSnapshotAttributes: snapshotAttributes,
      CreateDBSnapshot: restored.snapshot,
      DescribeDBInstances: restored.describe,
      RestoreDBInstanceFromDBSnapshot: restored.restore,
    },
    mends: {
      DescribeDBSnapshotAttributes: "answers that a snapshot is shared with nobody",
      CreateDBSnapshot: "copies the disk of the sandbox's PostgreSQL, as it is by then",
      DescribeDBInstances:
        "a restored instance is being created until it answers, and has no endpoint before",
      RestoreDBInstanceFromDBSnapshot:
        "starts a PostgreSQL of its own on the snapshot's copy, and keeps the tags that it is given",
    },
    notices: { DeleteDBInstance: restored.deleted, DeleteDBSnapshot: restored.dropped },
    controls: { [DATABASE_BEHIND]: restored.standOn },
    forget: restored.forget,
    close: restored.close,
    rules: [
      {
        id: "rds-snapshot-name",
        refuses:
          "snapshot names of more than 255 characters, that begin with no letter, or have two hyphens in a row or one at the end",
        code: "InvalidParameterValue",
        operations: ["CreateDBSnapshot"],
        when: ({ DBSnapshotIdentifier: name }) =>
          isIdentifier(255, name) ? undefined : notIdentifier("DBSnapshotIdentifier"),
      },
      {
        id: "rds-instance-name",
        refuses:
          "instance names of more than 63 characters, that begin with no letter, or have two hyphens in a row or one at the end",
        code: "InvalidParameterValue",
        operations: ["RestoreDBInstanceFromDBSnapshot", "CreateDBInstance"],
        when: ({ DBInstanceIdentifier: name }) =>
          isIdentifier(63, name) ? undefined : notIdentifier("DBInstanceIdentifier"),
      },
      {
        id: "rds-last-snapshot",
        refuses: "deleting an instance without saying whether a last snapshot of it is taken",
        code: "InvalidParameterCombination",
        operations: ["DeleteDBInstance"],
        when: ({ SkipFinalSnapshot, FinalDBSnapshotIdentifier }) =>
          String(SkipFinalSnapshot) === "true" || FinalDBSnapshotIdentifier !== undefined
            ? undefined
            : "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
      },
      {
        id: "rds-in-creation",
        refuses: "deleting an instance that is still being created",
        code: "InvalidDBInstanceState",
        operations: ["DeleteDBInstance"],
        when: ({ DBInstanceIdentifier: name }, call) =>
          restored.isMaking(call) ? `Instance ${textOf(name)} is currently being created.` : undefined,
      },
    ],
  };
};
