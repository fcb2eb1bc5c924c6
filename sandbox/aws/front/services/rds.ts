import { type Answer, answer } from "../answer";
import type { Call } from "../call";
import { type Service, textOf, type World } from "../rule";

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

/** The front knows no more of snapshots than what their names may be, and with whom they are shared. */
export const rds = (): Service => ({
  name: "rds",
  reference: "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_",
  answers: { DescribeDBSnapshotAttributes: snapshotAttributes },
  mends: { DescribeDBSnapshotAttributes: "answers that a snapshot is shared with nobody" },
  rules: [
    {
      id: "rds-snapshot-name",
      refuses:
        "snapshot names of more than 255 characters, that begin with no letter, or have two hyphens in a row or one at the end",
      code: "InvalidParameterValue",
      operations: ["CreateDBSnapshot"],
      when: ({ DBSnapshotIdentifier }) =>
        /^(?=.{1,255}$)[A-Za-z](-?[A-Za-z0-9])*$/.test(textOf(DBSnapshotIdentifier) ?? "")
          ? undefined
          : `The parameter DBSnapshotIdentifier is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.`,
    },
  ],
});
