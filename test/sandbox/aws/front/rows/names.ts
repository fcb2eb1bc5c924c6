import { type Ask, name, type Rows } from "./ask";

const subject =
  (Subject: string): Ask =>
  ({ sns }) =>
    sns.publish({ TopicArn: "arn:aws:sns:us-east-1:000000000000:t", Subject, Message: "m" });

export const names: Rows = {
  "sns-topic-name": {
    refused: [
      ({ sns }) => sns.createTopic({ Name: name(257) }),
      ({ sns }) => sns.createTopic({ Name: "a.b" }),
    ],
    taken: [({ sns }) => sns.createTopic({ Name: name(256) })],
    message: /Topic Name/,
  },
  "sns-subject": {
    refused: [subject(name(101)), subject("a\nb"), subject("")],
    taken: [subject(name(100)), subject("größer")],
    message: /Invalid parameter: Subject/,
  },
  "sns-size": {
    refused: [({ sns }) => sns.publish({ TopicArn: "t", Message: name(262_145) })],
    taken: [({ sns }) => sns.publish({ TopicArn: "t", Message: name(262_144) })],
    message: /too long/,
  },
  "sqs-name": {
    refused: [({ sqs }) => sqs.createQueue({ QueueName: name(81) })],
    taken: [({ sqs }) => sqs.createQueue({ QueueName: name(80) })],
    message: /1 to 80 in length/,
  },
  "logs-pattern": {
    refused: [
      "{ $.version = }",
      "{ version = 1 }",
      "{ $.version",
      "{ ($.a = 1 }",
      '{ $.a > "x" }',
      "{ $.a IS 1 }",
      "{ $.a EXISTS }",
      "[a, b =]",
      '"no end',
      "lost: two",
      "%(a|b)%",
    ].map(
      (filterPattern): Ask =>
        ({ logs }) =>
          logs.filterLogEvents({ logGroupName: "g", filterPattern }),
    ),
    taken: [
      '{ $.version = "v1" }',
      "{ ($.a[0].b >= 1.5 || $.a IS NULL) && $.c NOT EXISTS }",
      "version",
      undefined,
    ].map(
      (filterPattern): Ask =>
        ({ logs }) =>
          logs.filterLogEvents({ logGroupName: "g", filterPattern }),
    ),
    message: /Invalid filter pattern/,
  },
  "rds-snapshot-name": {
    refused: ["1a", "a--b", "a-", name(256)].map(
      (DBSnapshotIdentifier): Ask =>
        ({ rds }) =>
          rds.createDBSnapshot({ DBSnapshotIdentifier, DBInstanceIdentifier: "d" }),
    ),
    taken: [
      ({ rds }) => rds.createDBSnapshot({ DBSnapshotIdentifier: "ops-view-1", DBInstanceIdentifier: "d" }),
    ],
    message: /not a valid identifier/,
  },
  "rds-instance-name": {
    refused: ["1a", "a--b", "a-", name(64)].map(
      (DBInstanceIdentifier): Ask =>
        ({ rds }) =>
          rds.restoreDBInstanceFromDBSnapshot({ DBInstanceIdentifier, DBSnapshotIdentifier: "s" }),
    ),
    taken: [
      ({ rds }) =>
        rds.restoreDBInstanceFromDBSnapshot({ DBInstanceIdentifier: "a-1", DBSnapshotIdentifier: "s" }),
    ],
    message: /not a valid identifier/,
  },
  "rds-last-snapshot": {
    refused: [({ rds }) => rds.deleteDBInstance({ DBInstanceIdentifier: "a" })],
    taken: [
      ({ rds }) => rds.deleteDBInstance({ DBInstanceIdentifier: "a", SkipFinalSnapshot: true }),
      ({ rds }) => rds.deleteDBInstance({ DBInstanceIdentifier: "a", FinalDBSnapshotIdentifier: "last" }),
    ],
    message: /FinalDBSnapshotIdentifier is required/,
  },
  "rds-in-creation": {
    refused: [
      async ({ rds }) => {
        await rds.restoreDBInstanceFromDBSnapshot({ DBInstanceIdentifier: "a", DBSnapshotIdentifier: "s" });
        return rds.deleteDBInstance({ DBInstanceIdentifier: "a", SkipFinalSnapshot: true });
      },
    ],
    taken: [({ rds }) => rds.deleteDBInstance({ DBInstanceIdentifier: "b", SkipFinalSnapshot: true })],
    message: /being created/,
  },
};
