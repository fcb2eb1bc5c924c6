import { z } from "zod";
import { placeIn } from "../../aws/arn";
import { short } from "../../text/command";
import { keyArn } from "./account";

const protocol = z.enum(["https", "http", "email", "email-json", "sms", "sqs", "lambda"]);
type Protocol = z.infer<typeof protocol>;

const isUrl = (scheme: string) => (text: string) =>
  /^[^\s/]+:\/\/[^\s/]+\S*$/.test(text) && URL.canParse(text) && new URL(text).protocol === scheme;
const isAddress = (text: string) => /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)*$/.test(text);
const is = (pattern: RegExp) => (text: string) => pattern.test(text);

/** What each protocol delivers to, and one such. Source: SNS's API reference, Subscribe. */
const ENDPOINTS: Readonly<
  Record<Protocol, { fits(text: string): boolean; readonly is: string; readonly like: string }>
> = {
  https: {
    fits: isUrl("https:"),
    is: "a URL that begins with https://",
    like: "https://events.pagerduty.com/integration/KEY/enqueue",
  },
  http: {
    fits: isUrl("http:"),
    is: "a URL that begins with http://",
    like: "http://relay.example.com/pages",
  },
  email: { fits: isAddress, is: "one address", like: "on-call@example.com" },
  "email-json": { fits: isAddress, is: "one address", like: "on-call@example.com" },
  sms: {
    fits: is(/^\+[1-9]\d{6,14}$/),
    is: "a number with its country's code and nothing between digits",
    like: "+491711234567",
  },
  sqs: {
    fits: is(/^arn:[\w-]+:sqs:[a-z0-9-]+:\d{12}:[\w-]{1,80}(?:\.fifo)?$/),
    is: "the ARN of a queue",
    like: "arn:aws:sqs:eu-central-1:123456789012:pages",
  },
  lambda: {
    fits: is(/^arn:[\w-]+:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(?::[\w$-]+)?$/),
    is: "the ARN of a function",
    like: "arn:aws:lambda:eu-central-1:123456789012:function:pages",
  },
};

const subscription = z
  .strictObject({
    protocol: protocol.meta({ description: "How the topic delivers, in SNS's words." }),
    endpoint: z.union([z.string().min(1), z.strictObject({ secure: z.string().min(1) })]).meta({
      description: `Where to: a URL, an address or an ARN; or what \`${short.pulumi("config set", "--path", "--secret")}\` made of it, for a URL that holds a key.`,
      examples: ["https://events.pagerduty.com/integration/KEY/enqueue"],
    }),
  })
  .superRefine(({ protocol: by, endpoint }, context) => {
    const { fits, is, like } = ENDPOINTS[by];
    if (typeof endpoint === "object" || fits(endpoint)) return;
    // What is there is not shown: it may hold a key.
    const params = {
      what: `must be ${is} beside protocol: ${by}`,
      remedy: `Write it like endpoint: ${like}`,
    };
    context.addIssue({ code: "custom", path: ["endpoint"], message: params.what, params });
  });
export type Subscription = z.infer<typeof subscription>;

const existing = z
  .strictObject({
    arn: z
      .string()
      .refine(
        (arn) => !arn.endsWith(".fifo"),
        "a standard topic: an alarm of CloudWatch reaches no FIFO topic",
      )
      .regex(
        /^arn:[\w-]+:sns:[a-z0-9-]+:\d{12}:[\w.-]{1,256}$/,
        "the ARN of an SNS topic, such as arn:aws:sns:eu-central-1:123456789012:on-call",
      )
      .meta({
        description: "Its ARN, in the account and the region of the stacks.",
        examples: ["arn:aws:sns:eu-central-1:123456789012:on-call"],
      }),
    kmsKey: keyArn.optional().meta({
      description:
        "The customer-managed key that it is encrypted with. Functions that publish to it are allowed to use that key.",
      examples: ["arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
    }),
  })
  .refine(({ arn, kmsKey }) => kmsKey === undefined || placeIn(kmsKey).region === placeIn(arn).region, {
    path: ["kmsKey"],
    error: "a key in the region of the topic: SNS encrypts with no other",
  })
  .meta({
    description:
      "A topic of the account's own: it is not made, and neither its policy nor its encryption nor its subscriptions are changed, but for a queue of each channel.",
  });
export type ExistingTopic = z.infer<typeof existing>;

const topic = (description: string) =>
  z
    .union([z.array(subscription), existing])
    .default([])
    .meta({ description });

/** `cutover:rollout.topics`: each with its subscriptions, or a topic that is there. */
export const topics = z
  .strictObject({
    onCall: topic("Who is paged by abort alarms."),
    ops: topic("Who hears of promotions and soaks."),
    stakeholders: topic("Who hears of user-visible steps and of rollbacks."),
  })
  .prefault({})
  .meta({ description: "Who is told, by topic: its subscriptions, or a topic of the account's own." });
type Topics = z.infer<typeof topics>;

/** What config says of topics, told apart: those that are made, with their subscriptions, and those that are there. */
export function topicsApart(config: Topics): {
  readonly topics: Readonly<Record<keyof Topics, readonly Subscription[]>>;
  readonly existingTopics?: Readonly<Partial<Record<keyof Topics, ExistingTopic>>>;
} {
  const own = (name: keyof Topics): readonly Subscription[] => {
    const said = config[name];
    return Array.isArray(said) ? said : [];
  };
  const there = Object.entries(config).filter(([, said]) => !Array.isArray(said));
  return {
    topics: { onCall: own("onCall"), ops: own("ops"), stakeholders: own("stakeholders") },
    ...(there.length > 0 ? { existingTopics: Object.fromEntries(there) } : {}),
  };
}
