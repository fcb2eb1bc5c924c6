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
