import fc from "fast-check";
import { expect, test } from "vitest";
import { gapsIn, type KeyUse } from "../../../src/aws/keyPolicy";

const PLACE = { partition: "aws", account: "123456789012", region: "eu-central-1" };
const ROOT = {
  Effect: "Allow",
  Principal: { AWS: "arn:aws:iam::123456789012:root" },
  Action: "kms:*",
  Resource: "*",
};
const alarms = (more: object = {}) => ({
  Effect: "Allow",
  Principal: { Service: ["events.amazonaws.com", "cloudwatch.amazonaws.com"] },
  Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
  Resource: "*",
  ...more,
});
const sids = (use: KeyUse, ...Statement: object[]) =>
  gapsIn(JSON.stringify({ Version: "2012-10-17", Statement }), use, PLACE).map(
    ({ statement }) => statement.Sid,
  );

test("the policy that KMS makes by itself admits the account's roles, and no service", () => {
  expect(sids("secrets", ROOT)).toEqual([]);
  expect(sids("topics", ROOT)).toEqual(["CloudWatchAlarms"]);
  expect(sids("logs", ROOT)).toEqual(["CloudWatchLogs"]);
  expect(sids("topics")).toEqual(["CloudWatchAlarms", "RolesOfThisAccount"]);
});

const likeAlarms = (pattern: string) => ({ Condition: { ArnLike: { "aws:SourceArn": pattern } } });

test.each<[string, object, boolean]>([
  ["whatever the condition is, none", {}, true],
  ["of this account", { Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } } }, true],
  ["of its alarms", likeAlarms("arn:aws:cloudwatch:eu-central-1:123456789012:alarm:*"), true],
  ["of alarms anywhere", likeAlarms("arn:aws:cloudwatch:*:123456789012:*"), true],
  ["of another region's alarms", likeAlarms("arn:aws:cloudwatch:us-east-1:123456789012:alarm:*"), false],
  ["of one alarm", likeAlarms("arn:aws:cloudwatch:eu-central-1:123456789012:alarm:other"), false],
  ["of another account", { Condition: { StringEquals: { "aws:SourceAccount": "210987654321" } } }, false],
  ["under what is not known here", { Condition: { Bool: { "aws:SecureTransport": "true" } } }, false],
  ["to decrypt alone", { Action: "kms:Decrypt" }, false],
  ["anything", { Action: "kms:*" }, true],
  ["denied", { Effect: "Deny" }, false],
])("alarms are admitted %s: %s", (_, more, admitted) => {
  expect(sids("topics", ROOT, alarms(more))).toEqual(admitted ? [] : ["CloudWatchAlarms"]);
});

test("what is denied beside it is told from what nobody allows", () => {
  const denied = (...Statement: object[]) =>
    gapsIn(JSON.stringify({ Statement }), "topics", PLACE).map(({ denied }) => denied);
  expect(denied(ROOT)).toEqual([false]);
  expect(denied(ROOT, alarms(), alarms({ Effect: "Deny", Action: "kms:Decrypt" }))).toEqual([true]);
  // Whether it applies cannot be told: it is what stands in the way all the same.
  const condition = { Condition: { Bool: { "aws:SecureTransport": "false" } } };
  expect(denied(ROOT, alarms(), alarms({ Effect: "Deny", ...condition }))).toEqual([true]);
});

test("what is denied beside it is not admitted", () => {
  expect(sids("topics", ROOT, alarms(), alarms({ Effect: "Deny", Action: "kms:Dec*" }))).toEqual([
    "CloudWatchAlarms",
  ]);
});

test("logs are encrypted by the service of the region, as its partition calls it", () => {
  const [gap] = gapsIn("{}", "logs", {
    ...PLACE,
    partition: "aws-cn",
    region: "cn-north-1",
  });
  expect(gap?.statement).toMatchObject({
    Principal: { Service: "logs.cn-north-1.amazonaws.com.cn" },
    Condition: {
      ArnLike: { "kms:EncryptionContext:aws:logs:arn": "arn:aws-cn:logs:cn-north-1:123456789012:*" },
    },
  });
});

test("what is said to be missing is all that is missing", () => {
  const use = fc.constantFrom<KeyUse>("topics", "secrets", "logs");
  const place = fc.record({
    partition: fc.constantFrom("aws", "aws-cn", "aws-us-gov"),
    account: fc.stringMatching(/^\d{12}$/),
    region: fc.constantFrom("eu-central-1", "cn-north-1", "us-gov-west-1"),
  });
  fc.assert(
    fc.property(use, place, (of, at) => {
      const missing = gapsIn("{}", of, at).map(({ statement }) => statement);
      expect(missing.length).toBeGreaterThan(0);
      expect(gapsIn(JSON.stringify({ Statement: missing }), of, at)).toEqual([]);
    }),
  );
});
