import { describe, expect, test } from "vitest";
import { topics, topicsApart } from "../../../../src/rollout/config/topics";
import { existingArns, topicArnOf } from "../../../../src/rollout/topics";

const ARN = "arn:aws:sns:eu-central-1:123456789012:pagers";
const ADA = { protocol: "email", endpoint: "ada@example.com" } as const;

describe("topics in config", () => {
  test("are subscriptions, or a topic of the account's own, told apart", () => {
    const apart = topicsApart(topics.parse({ onCall: { arn: ARN }, ops: [ADA] }));
    expect(apart).toEqual({
      topics: { onCall: [], ops: [ADA], stakeholders: [] },
      existingTopics: { onCall: { arn: ARN } },
    });
    expect(topicsApart(topics.parse(undefined))).toEqual({
      topics: { onCall: [], ops: [], stakeholders: [] },
    });
  });

  test.each([
    ["a FIFO topic", `${ARN}.fifo`, /a standard topic/],
    ["a queue", ARN.replace(":sns:", ":sqs:"), /the ARN of an SNS topic/],
    ["a name", "pagers", /the ARN of an SNS topic/],
    ["a subscription", `${ARN}:1234abcd-12ab`, /the ARN of an SNS topic/],
  ])("take no ARN of %s", (_, arn, why) => {
    expect(JSON.stringify(topics.safeParse({ onCall: { arn } }).error)).toMatch(why);
  });

  const QUEUE = "arn:aws:sqs:eu-central-1:123456789012:pages.fifo";
  const FUNCTION = "arn:aws-cn:lambda:cn-north-1:123456789012:function:pages:live";
  test.each([
    ["https", "https://events.example.com:8443/integration/KEY?x=y"],
    ["http", "http://127.0.0.1:9/on-call"],
    ["email", "first.last+pages@ops.example.com"],
    ["email-json", "root@localhost"],
    ["sms", "+491711234567"],
    ["sqs", QUEUE],
    ["lambda", FUNCTION],
  ])("have subscriptions by %s to %s", (protocol, endpoint) => {
    expect(topics.safeParse({ onCall: [{ protocol, endpoint }] }).success).toBe(true);
    expect(topics.safeParse({ onCall: [{ protocol, endpoint: { secure: "v1:x:y" } }] }).success).toBe(true);
  });

  test.each([
    ["https", "http://pager.example.com/KEY", "begins with https://"],
    ["https", "https:pager.example.com", "begins with https://"],
    ["https", "https://?x", "begins with https://"],
    ["https", "https://pager.example.com/a b", "begins with https://"],
    ["http", "https://pager.example.com/KEY", "begins with http://"],
    ["email", "not an email", "one address"],
    ["email", "a@example.com, b@example.com", "one address"],
    ["email-json", "nobody", "one address"],
    ["sms", "0171 123", "with its country's code"],
    ["sms", "+49 171 1234567", "with its country's code"],
    ["sqs", "my-queue", "the ARN of a queue"],
    ["sqs", "https://sqs.eu-central-1.amazonaws.com/123456789012/pages", "the ARN of a queue"],
    ["sqs", FUNCTION, "the ARN of a queue"],
    ["lambda", QUEUE, "the ARN of a function"],
  ])("have none by %s to %s", (protocol, endpoint, why) => {
    const said = JSON.stringify(topics.safeParse({ onCall: [ADA, { protocol, endpoint }] }).error?.issues);
    expect(said).toContain(why);
    expect(said).toContain('"onCall",1,"endpoint"');
    expect(said).not.toContain(endpoint);
  });

  test("take a key of their own region alone", () => {
    const kmsKey = (region: string) => `arn:aws:kms:${region}:123456789012:key/1234abcd`;
    expect(topics.safeParse({ onCall: { arn: ARN, kmsKey: kmsKey("eu-central-1") } }).success).toBe(true);
    const elsewhere = topics.safeParse({ onCall: { arn: ARN, kmsKey: kmsKey("eu-west-1") } });
    expect(JSON.stringify(elsewhere.error)).toMatch(/a key in the region of the topic/);
  });

  test("lead to an ARN: the account's own, or the one that is made", () => {
    const rollout = { name: "search", existingTopics: { onCall: { arn: ARN } } };
    const caller = "arn:aws:iam::123456789012:user/ada";
    expect(topicArnOf(rollout, caller, "eu-central-1", "onCall")).toBe(ARN);
    expect(topicArnOf(rollout, caller, "eu-central-1", "ops")).toBe(
      "arn:aws:sns:eu-central-1:123456789012:search-ops",
    );
    expect(existingArns(rollout)).toEqual({ onCall: ARN });
  });
});
