import * as z from "zod";
import { json } from "../../../plugin/spec";
import type { Props } from "../../../plugin/values";
import { service } from "../api";
import { changedAttributes, fromAttributes, toAttributes } from "../attributes";
import { fixed, pairs, regional, row, tagged } from "../row";

const topics = service((aws) => aws.sns(), { key: "ResourceArn" });

const topicAttributes = {
  displayName: z.string().optional(),
  policy: json().optional().meta({ computed: true }),
  deliveryPolicy: json().optional(),
  kmsMasterKeyId: z.string().optional(),
  fifoTopic: z.boolean().default(false).meta({ replaces: true }),
  contentBasedDeduplication: z.boolean().default(false),
  signatureVersion: z.number().optional().meta({ computed: true }),
  tracingConfig: z.string().optional().meta({ computed: true }),
};

const Topic = row({
  inputs: {
    ...tagged,
    name: z.string().meta({
      named: 256,
      around: ({ fifoTopic }: Props) => ["", fifoTopic === true ? ".fifo" : ""],
      replaces: true,
    }),
    ...topicAttributes,
  },
  outputs: ["arn", "owner"],
  tagging: topics.tagging(),
  async create(aws, { name, tagsAll, ...inputs }) {
    // The service refuses the FIFO attributes, even as "false", on a standard topic.
    const fifo = inputs.fifoTopic ? {} : { fifoTopic: undefined, contentBasedDeduplication: undefined };
    const Attributes = toAttributes(topicAttributes, { ...inputs, ...fifo });
    const made = await (await aws.sns()).createTopic({ Name: name, Attributes, Tags: pairs.write(tagsAll) });
    return made.TopicArn as string;
  },
  async read(aws, id) {
    const { Attributes = {} } = await (await aws.sns()).getTopicAttributes({ TopicArn: id });
    const { TopicArn: arn = id, Owner } = Attributes;
    const [, , , , account, name] = arn.split(":");
    return { ...fromAttributes(topicAttributes, Attributes), name, arn, owner: Owner ?? account };
  },
  async update(aws, id, news, olds) {
    const sns = await aws.sns();
    const changed = changedAttributes(topicAttributes, { ...news }, olds);
    for (const [AttributeName, AttributeValue] of Object.entries(changed)) {
      await sns.setTopicAttributes({ TopicArn: id, AttributeName, AttributeValue });
    }
  },
  delete: async (aws, id) => (await aws.sns()).deleteTopic({ TopicArn: id }),
});

const subscriptionAttributes = {
  deliveryPolicy: json().optional(),
  filterPolicy: json().optional(),
  filterPolicyScope: z.string().optional().meta({ computed: true }),
  rawMessageDelivery: z.boolean().default(false),
  redrivePolicy: json().optional(),
  subscriptionRoleArn: z.string().optional(),
};

const Subscription = row({
  inputs: {
    ...regional,
    topic: fixed(),
    protocol: fixed(),
    endpoint: fixed(),
    ...subscriptionAttributes,
    // Both steer only how long the official plugin waits for a confirmation; this one never waits.
    confirmationTimeoutInMinutes: z.number().default(1),
    endpointAutoConfirms: z.boolean().default(false),
  },
  outputs: ["arn", "confirmationWasAuthenticated", "ownerId", "pendingConfirmation"],
  async create(aws, { topic, protocol, endpoint, ...inputs }) {
    const sns = await aws.sns();
    const request = {
      TopicArn: topic,
      Protocol: protocol,
      Endpoint: endpoint,
      Attributes: toAttributes(subscriptionAttributes, inputs),
      ReturnSubscriptionArn: true,
    };
    const { SubscriptionArn: arn } = await sns.subscribe(request);
    if (arn?.startsWith("arn:")) return arn;
    // The emulator gives a pending subscription's ARN only to whoever asks for the same one again.
    return (await sns.subscribe(request)).SubscriptionArn as string;
  },
  async read(aws, id) {
    const { Attributes = {} } = await (await aws.sns()).getSubscriptionAttributes({ SubscriptionArn: id });
    return {
      ...fromAttributes(subscriptionAttributes, Attributes),
      topic: Attributes.TopicArn,
      protocol: Attributes.Protocol,
      endpoint: Attributes.Endpoint,
      arn: Attributes.SubscriptionArn ?? id,
      ownerId: Attributes.Owner ?? id.split(":")[4],
      pendingConfirmation: Attributes.PendingConfirmation === "true",
      confirmationWasAuthenticated: Attributes.ConfirmationWasAuthenticated === "true",
    };
  },
  async update(aws, id, news, olds) {
    const sns = await aws.sns();
    const changed = changedAttributes(subscriptionAttributes, { ...news }, olds);
    for (const [AttributeName, AttributeValue] of Object.entries(changed)) {
      await sns.setSubscriptionAttributes({ SubscriptionArn: id, AttributeName, AttributeValue });
    }
  },
  delete: async (aws, id) => (await aws.sns()).unsubscribe({ SubscriptionArn: id }),
});

/** What a topic's policy falls back to: its owner may do everything with it. */
const ownersPolicy = (arn: string, owner: string) =>
  JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: [
          ...["GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic"],
          ...["Subscribe", "ListSubscriptionsByTopic", "Publish"],
        ].map((action) => `SNS:${action}`),
        Resource: arn,
        Condition: { StringEquals: { "AWS:SourceOwner": owner } },
      },
    ],
  });

const TopicPolicy = topics.row({
  inputs: { ...regional, arn: fixed().meta({ api: "TopicArn" }), policy: json().meta({ api: false }) },
  outputs: ["owner"],
  create: "setTopicAttributes",
  read: "getTopicAttributes",
  update: "setTopicAttributes",
  delete: "setTopicAttributes",
  key: (TopicArn) => ({ TopicArn }),
  id: (_, { arn }) => arn,
  sends: ({ policy }) => ({ AttributeName: "Policy", AttributeValue: policy }),
  deletes: ({ arn, owner }) => ({
    AttributeName: "Policy",
    AttributeValue: ownersPolicy(String(arn), String(owner)),
  }),
  within: ({ Attributes = {} }) => Attributes as Props,
  shows: ({ Policy, Owner }, id) => ({ policy: Policy, owner: Owner ?? id.split(":")[4] }),
});

export const sns = {
  "aws:sns/topic:Topic": Topic,
  "aws:sns/topicSubscription:TopicSubscription": Subscription,
  "aws:sns/topicPolicy:TopicPolicy": TopicPolicy,
};
