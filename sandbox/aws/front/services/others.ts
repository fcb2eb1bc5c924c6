import { type Service, textOf } from "../rule";

/** Services of which the front knows no more than what their names may be. */
export const others = (): readonly Service[] => [
  {
    name: "sqs",
    reference: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_",
    rules: [
      {
        id: "sqs-name",
        refuses:
          "queue names of more than 80 characters, or of other than letters, digits, hyphens and underscores",
        code: "InvalidParameterValue",
        operations: ["CreateQueue"],
        when: ({ QueueName }) =>
          /^[A-Za-z0-9_-]{1,80}$|^[A-Za-z0-9_-]{1,75}\.fifo$/.test(textOf(QueueName) ?? "")
            ? undefined
            : "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
      },
    ],
  },
  {
    name: "rds",
    reference: "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_",
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
  },
];
