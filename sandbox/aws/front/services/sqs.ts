import { type Service, textOf } from "../rule";

/** The front knows no more of queues than what their names may be. */
export const sqs = (): Service => ({
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
});
