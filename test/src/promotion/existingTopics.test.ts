import { describe, expect, test } from "vitest";
import { topicFaults } from "../../../src/promotion/existingTopics";

const ARN = "arn:aws:sns:eu-central-1:123456789012:pagers";
const KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const WHERE = "cutover:rollout.topics.onCall";
const policy = (Principal: unknown, more: object = {}) =>
  JSON.stringify({
    Statement: { Effect: "Allow", Principal, Action: ["SNS:Publish"], Resource: ARN, ...more },
  });

describe("a topic of the account's own", () => {
  test.each<[string, Parameters<typeof topicFaults>[1], string | undefined]>([
    ["that is not encrypted", {}, undefined],
    ["that is encrypted with the key that config names", { kmsKey: KEY }, KEY],
    ["whose key is told by its id", { kmsKey: "1234abcd-12ab-34cd-56ef-1234567890ab" }, KEY],
    ["whose key is told by an alias, which says of no key", { kmsKey: "alias/pagers" }, KEY],
    [
      "whose policy is the one that AWS makes",
      { policy: policy({ AWS: "*" }, { Condition: { StringEquals: {} } }) },
      undefined,
    ],
    [
      "whose policy admits CloudWatch",
      { policy: policy({ Service: "cloudwatch.amazonaws.com" }) },
      undefined,
    ],
    ["whose policy admits everything", { policy: policy("*", { Action: "sns:*" }) }, undefined],
  ])("%s is taken", (_, seen, declared) => {
    expect(topicFaults(ARN, seen, declared, WHERE)).toEqual([]);
  });

  test.each<[string, Parameters<typeof topicFaults>[1], string | undefined, string, RegExp]>([
    [
      "AWS's own key",
      { kmsKey: "alias/aws/sns" },
      undefined,
      WHERE,
      /AWS's own key, which CloudWatch may not use/,
    ],
    [
      "a key that config does not name",
      { kmsKey: KEY },
      undefined,
      `${WHERE}.kmsKey`,
      /^is missing: .* is encrypted with arn:aws:kms/,
    ],
    ["another key", { kmsKey: "other" }, KEY, `${WHERE}.kmsKey`, /^names another key/],
    ["no key", {}, KEY, `${WHERE}.kmsKey`, /is not encrypted$/],
    [
      "a policy for others",
      { policy: policy({ Service: "events.amazonaws.com" }) },
      undefined,
      WHERE,
      /admits no alarm of CloudWatch/,
    ],
    [
      "a policy for other deeds",
      { policy: policy("*", { Action: "sns:Subscribe" }) },
      undefined,
      WHERE,
      /admits no alarm/,
    ],
    [
      "a policy that denies alone",
      { policy: policy("*", { Effect: "Deny" }) },
      undefined,
      WHERE,
      /admits no alarm/,
    ],
  ])("with %s is refused, with what to do", (_, seen, declared, where, what) => {
    const found = topicFaults(ARN, seen, declared, WHERE);
    expect(found).toHaveLength(1);
    expect(found[0]?.where).toBe(where);
    expect(found[0]?.what).toMatch(what);
    expect(found[0]?.remedy).not.toBe("");
  });
});
