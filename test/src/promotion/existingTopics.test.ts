import { describe, expect, test } from "vitest";
import { existingTopicFaults } from "../../../src/promotion/existingTopics";

const ARN = "arn:aws:sns:eu-central-1:123456789012:pagers";
const KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const WHERE = "cutover:rollout.topics.onCall";
const alarm = (name: string) => `arn:aws:cloudwatch:eu-central-1:123456789012:alarm:${name}`;
const ALARMS = [alarm("ops-view-stageA-XA1"), alarm("ops-view-stageB-XB1")];
const key = (arn: string, more: object = {}) => ({
  ok: true as const,
  value: { arn, state: "Enabled", ofAws: false, policy: "{}", ...more },
});
const CLOUDWATCH = { Service: "cloudwatch.amazonaws.com" };
const policy = (Principal: unknown, more: object = {}) =>
  JSON.stringify({
    Statement: { Effect: "Allow", Principal, Action: ["SNS:Publish"], Resource: ARN, ...more },
  });

describe("a topic of the account's own", () => {
  test.each<[string, Parameters<typeof existingTopicFaults>[1], string | undefined]>([
    ["that is not encrypted", {}, undefined],
    ["that is encrypted with the key that config names", { kmsKey: KEY }, KEY],
    ["whose key is told by its id", { kmsKey: "1234abcd-12ab-34cd-56ef-1234567890ab" }, KEY],
    ["whose key is told by an alias that leads to it", { kmsKey: "alias/pagers", key: key(KEY) }, KEY],
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
    expect(existingTopicFaults(ARN, seen, declared, { alarms: ALARMS, where: WHERE })).toEqual([]);
  });

  test.each<[string, Parameters<typeof existingTopicFaults>[1], string | undefined, string, RegExp]>([
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
    [
      "an alias that leads to another key",
      { kmsKey: "alias/pagers", key: key(`${KEY}0`) },
      KEY,
      `${WHERE}.kmsKey`,
      /^names another key: .* is encrypted with alias/,
    ],
    [
      "an alias of which it is not known where it leads",
      { kmsKey: "alias/pagers" },
      KEY,
      `${WHERE}.kmsKey`,
      /^names another key/,
    ],
    [
      "AWS's own key by its ARN",
      { kmsKey: KEY, key: key(KEY, { ofAws: true }) },
      KEY,
      WHERE,
      /AWS's own key, which CloudWatch may not use/,
    ],
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
      "a policy that admits others' accounts alone",
      {
        policy: policy(CLOUDWATCH, { Condition: { StringEquals: { "aws:SourceAccount": "999999999999" } } }),
      },
      undefined,
      WHERE,
      /admits no alarm/,
    ],
  ])("with %s is refused, with what to do", (_, seen, declared, where, what) => {
    const found = existingTopicFaults(ARN, seen, declared, { alarms: ALARMS, where: WHERE });
    expect(found).toHaveLength(1);
    expect(found[0]?.where).toBe(where);
    expect(found[0]?.what).toMatch(what);
    expect(found[0]?.remedy).not.toBe("");
  });
});

/** What the policy of on-call's topic says against it, by its statements. */
const said = (...statements: object[]) =>
  existingTopicFaults(ARN, { policy: JSON.stringify({ Statement: statements }) }, undefined, {
    alarms: ALARMS,
    where: WHERE,
  }).map(({ what }) => what.replace(`the policy of ${ARN} `, ""));
const allow = (more: object = {}) => ({
  Effect: "Allow",
  Principal: CLOUDWATCH,
  Action: "sns:Publish",
  Resource: ARN,
  ...more,
});
const deny = (more: object = {}) => ({ ...allow({ Principal: "*" }), Effect: "Deny", ...more });
const when = (Condition: object) => ({ Condition });

describe("a denial in the policy of a topic of the account's own", () => {
  test.each<[string, object, RegExp[]]>([
    ["of everybody", deny(), [/^denies CloudWatch/, /^denies the roles/]],
    ["of CloudWatch", deny({ Principal: CLOUDWATCH }), [/^denies CloudWatch/]],
    ["of the account", deny({ Principal: { AWS: "123456789012" } }), [/^denies the roles/]],
    ["of every action", deny({ Action: "*" }), [/^denies CloudWatch/, /^denies the roles/]],
    [
      "of all but reading",
      { ...deny({ NotAction: "sns:GetTopicAttributes" }), Action: undefined },
      [/^denies CloudWatch/, /^denies the roles/],
    ],
    [
      "of alarms from elsewhere than they are",
      deny({ Principal: CLOUDWATCH, ...when({ ArnNotLike: { "aws:SourceArn": alarm("other-*") } }) }),
      [/^denies CloudWatch/],
    ],
    [
      "of some of these alarms",
      deny({ Principal: CLOUDWATCH, ...when({ ArnLike: { "aws:SourceArn": alarm("*-stageA-*") } }) }),
      [/^denies publishing .*whether these alarms/],
    ],
    [
      "by an organization, which no service is in",
      deny(when({ StringNotEquals: { "aws:PrincipalOrgID": "o-1" } })),
      [/^denies CloudWatch/, /^denies publishing .*whether the roles/],
    ],
    [
      "of whoever comes from no account, as roles do",
      deny(when({ StringNotEquals: { "aws:SourceAccount": "123456789012" } })),
      [/^denies the roles/],
    ],
    [
      "by what nobody here knows",
      deny(when({ StringEquals: { "aws:SourceVpce": "vpce-1" } })),
      [/^denies publishing .*whether these alarms/, /^denies publishing .*whether the roles/],
    ],
    [
      "of whoever is no service, by an organization",
      deny(
        when({
          StringNotEquals: { "aws:PrincipalOrgID": "o-1" },
          BoolIfExists: { "aws:PrincipalIsAWSService": "false" },
        }),
      ),
      [/^denies publishing .*whether the roles/],
    ],
    ["of one role", deny({ Principal: { AWS: "arn:aws:iam::123456789012:role/x" } }), [/whether the roles/]],
    [
      "of all but some",
      { ...deny({ NotPrincipal: { AWS: "123456789012" } }), Principal: undefined },
      [/^denies publishing .*whether these alarms/],
    ],
  ])("%s speaks against it", (_, statement, what) => {
    const found = said(allow(), statement);
    expect(found).toHaveLength(what.length);
    for (const [index, words] of what.entries()) expect(found[index]).toMatch(words);
  });

  test.each<[string, object]>([
    ["of what is not encrypted", deny(when({ Bool: { "aws:SecureTransport": "false" } }))],
    [
      "of other accounts' services",
      deny(
        when({
          StringNotEqualsIfExists: { "aws:SourceAccount": "123456789012" },
          Null: { "aws:SourceAccount": "false" },
        }),
      ),
    ],
    ["of another account", deny({ Principal: { AWS: "arn:aws:iam::999999999999:root" } })],
    ["of another action", deny({ Action: "sns:DeleteTopic" })],
    ["of another topic", deny({ Resource: `${ARN}-other` })],
    ["of other alarms", deny(when({ ArnLike: { "aws:SourceArn": alarm("other-*") } }))],
  ])("%s is nothing", (_, statement) => {
    expect(said(allow(), statement)).toEqual([]);
  });

  test("a condition of an allowance that nobody knows admits nobody for certain", () => {
    expect(said(allow(when({ StringEquals: { "aws:SourceOrgID": "o-1" } })))).toEqual([
      expect.stringMatching(/^lets CloudWatch publish under conditions .*cannot be told/),
    ]);
    expect(said(allow(when({ StringEquals: { "aws:SourceOrgID": "o-1" } })), allow())).toEqual([]);
  });

  test.each<[string, string, RegExp | undefined]>([
    ["these alarms", "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:ops-view-*", undefined],
    ["alarms anywhere", "arn:*:cloudwatch:*:123456789012:*", undefined],
    ["an account that is forgotten", "arn:aws:cloudwatch:*:alarm:ops-view-*", /^admits no alarm/],
    ["a kind that is forgotten", "arn:aws:cloudwatch:eu-central-1:*:ops-view-*", /^admits no alarm/],
    ["another region", "arn:aws:cloudwatch:eu-west-?:123456789012:alarm:*", /^admits no alarm/],
    ["what is no ARN", "*ops-view*", /cannot be told/],
  ])("a wildcard for %s reaches no further than between two colons", (_, pattern, what) => {
    for (const operator of ["ArnLike", "ArnEquals"]) {
      const found = said(allow(when({ [operator]: { "aws:SourceArn": pattern } })));
      expect(found).toEqual(what ? [expect.stringMatching(what)] : []);
    }
    // A text may reach beyond.
    expect(said(allow(when({ StringLike: { "aws:SourceArn": "arn:aws:*:ops-view-*" } })))).toEqual([]);
  });

  test("no alarm publishes to another topic than on-call's: there roles alone have to be let", () => {
    const others = { alarms: [], where: WHERE };
    const of = (...statements: object[]) => ({ policy: JSON.stringify({ Statement: statements }) });
    expect(existingTopicFaults(ARN, of(), undefined, others)).toEqual([]);
    expect(existingTopicFaults(ARN, { kmsKey: "alias/aws/sns" }, undefined, others)).toEqual([]);
    expect(existingTopicFaults(ARN, of(deny({ Principal: CLOUDWATCH })), undefined, others)).toEqual([]);
    expect(existingTopicFaults(ARN, of(deny()), undefined, others)).toHaveLength(1);
  });
});
