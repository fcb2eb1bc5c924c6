import type { QueueAttributeName } from "@aws-sdk/client-sqs";
import * as z from "zod";
import { json } from "../../../plugin/spec";
import type { Props } from "../../../plugin/values";
import { service } from "../api";
import { changedAttributes, fromAttributes, toAttributes } from "../attributes";
import { asMap, fixed, regional, row, tagged } from "../row";

const queues = service((aws) => aws.sqs(), {
  ...{ key: "QueueUrl", as: asMap, list: "listQueueTags", tag: "tagQueue", untag: "untagQueue" },
});

const attributes = {
  visibilityTimeoutSeconds: z.number().default(30).meta({ api: "VisibilityTimeout" }),
  messageRetentionSeconds: z.number().default(345_600).meta({ api: "MessageRetentionPeriod" }),
  maxMessageSize: z.number().optional().meta({ computed: true, api: "MaximumMessageSize" }),
  delaySeconds: z.number().default(0),
  receiveWaitTimeSeconds: z.number().default(0).meta({ api: "ReceiveMessageWaitTimeSeconds" }),
  policy: json().optional().meta({ computed: true }),
  redrivePolicy: json().optional().meta({ computed: true }),
  redriveAllowPolicy: json().optional().meta({ computed: true }),
  kmsMasterKeyId: z.string().optional(),
  kmsDataKeyReusePeriodSeconds: z.number().optional().meta({ computed: true }),
  sqsManagedSseEnabled: z.boolean().optional().meta({ computed: true }),
  fifoQueue: z.boolean().default(false).meta({ replaces: true }),
  contentBasedDeduplication: z.boolean().default(false),
  deduplicationScope: z.string().optional().meta({ computed: true }),
  fifoThroughputLimit: z.string().optional().meta({ computed: true }),
};

const Queue = row({
  inputs: {
    ...tagged,
    name: z.string().meta({
      named: 80,
      around: ({ fifoQueue }: Props) => ["", fifoQueue === true ? ".fifo" : ""],
      replaces: true,
    }),
    ...attributes,
  },
  outputs: ["arn", "url"],
  tagging: queues.tagging("url"),
  async create(aws, { name, tagsAll, ...rest }) {
    // The service refuses the FIFO attributes, even as "false", on a standard queue.
    const fifo = rest.fifoQueue ? {} : { fifoQueue: undefined, contentBasedDeduplication: undefined };
    const Attributes = toAttributes(attributes, { ...rest, ...fifo });
    const made = await (await aws.sqs()).createQueue({ QueueName: name, Attributes, tags: tagsAll });
    return made.QueueUrl as string;
  },
  async read(aws, id) {
    const wanted: QueueAttributeName[] = ["All"];
    const sqs = await aws.sqs();
    const { Attributes = {} } = await sqs.getQueueAttributes({ QueueUrl: id, AttributeNames: wanted });
    const name = id.split("/").at(-1);
    return { ...fromAttributes(attributes, Attributes), name, arn: Attributes.QueueArn, url: id };
  },
  async update(aws, id, news, olds) {
    const Attributes = changedAttributes(attributes, { ...olds, ...news }, olds);
    if (Object.keys(Attributes).length > 0) {
      await (await aws.sqs()).setQueueAttributes({ QueueUrl: id, Attributes });
    }
  },
  delete: async (aws, id) => (await aws.sqs()).deleteQueue({ QueueUrl: id }),
});

const QueuePolicy = queues.row({
  inputs: { ...regional, queueUrl: fixed(), policy: json().meta({ api: false }) },
  outputs: [],
  create: "setQueueAttributes",
  read: "getQueueAttributes",
  update: "setQueueAttributes",
  delete: "setQueueAttributes",
  key: (QueueUrl) => ({ QueueUrl }),
  id: (_, { queueUrl }) => queueUrl,
  sends: ({ policy: Policy }) => ({ Attributes: { Policy } }),
  deletes: () => ({ Attributes: { Policy: "" } }),
  reads: { AttributeNames: ["Policy"] },
  within: ({ Attributes }) => ((Attributes as Props | undefined)?.Policy ? (Attributes as Props) : undefined),
  shows: ({ Policy: policy }) => ({ policy }),
});

export const sqs = { "aws:sqs/queue:Queue": Queue, "aws:sqs/queuePolicy:QueuePolicy": QueuePolicy };
