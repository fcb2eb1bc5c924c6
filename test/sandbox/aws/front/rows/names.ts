import { type Ask, limit, name, type Rows } from "./ask";

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
  "iam-role-name": limit(
    64,
    (RoleName) =>
      ({ iam }) =>
        iam.createRole({ RoleName, AssumeRolePolicyDocument: "{}" }),
  ),
  "iam-policy-name": limit(
    128,
    (PolicyName) =>
      ({ iam }) =>
        iam.putRolePolicy({ RoleName: "r", PolicyName, PolicyDocument: "{}" }),
  ),
  "sqs-name": {
    refused: [({ sqs }) => sqs.createQueue({ QueueName: name(81) })],
    taken: [({ sqs }) => sqs.createQueue({ QueueName: name(80) })],
    message: /1 to 80 in length/,
  },
  "events-rule-name": limit(
    64,
    (Name) =>
      ({ events }) =>
        events.putRule({ Name, ScheduleExpression: "rate(1 minute)" }),
  ),
  "kms-alias": limit(
    256,
    (AliasName) =>
      ({ kms }) =>
        kms.createAlias({ AliasName, TargetKeyId: "k" }),
  ),
  "logs-group-name": limit(
    512,
    (logGroupName) =>
      ({ logs }) =>
        logs.createLogGroup({ logGroupName }),
  ),
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
  "secrets-name": limit(
    512,
    (Name) =>
      ({ secrets }) =>
        secrets.createSecret({ Name }),
  ),
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
};
