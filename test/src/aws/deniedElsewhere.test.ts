import { describe, expect, test } from "vitest";
import { deniedInWords, tellDeniedElsewhere } from "../../../src/aws/deniedElsewhere";

const WHO = "arn:aws:sts::123456789012:assumed-role/cutover-ops-view-promote/job";
const TOPIC = "arn:aws:sns:eu-central-1:123456789012:ops-view-on-call";
const KEY = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ENCODED = `${"p1EyykaD2fI3csh_sf_".repeat(20)}-L3CURvK71l41`;
/** As the AWS SDK for Go begins an error. */
const go = (service: string, operation: string, status = 403) =>
  `operation error ${service}: ${operation}, https response error StatusCode: ${status}, RequestID: 7d2e6c1a-0c11-4d29-8a4b-1f0e6b6f9a55, `;
const sentence = (action: string, on: string, why = `no identity-based policy allows the ${action} action`) =>
  `User: ${WHO} is not authorized to perform: ${action} on resource: ${on} because ${why}`;
const allows = (action: string) => `no identity-based policy allows the ${action} action`;

describe("what others were not allowed is read from their words", () => {
  test.each([
    [
      "IAM, by the AWS provider",
      `1 error occurred:\n\t* creating IAM Role (ops-view-stageA-abort): ${go("IAM", "CreateRole")}api error AccessDenied: ${sentence("iam:CreateRole", "arn:aws:iam::123456789012:role/x")}`,
      {
        action: "iam:CreateRole",
        resource: "arn:aws:iam::123456789012:role/x",
        because: allows("iam:CreateRole"),
      },
    ],
    [
      "Lambda, that a role is handed to it",
      `creating Lambda Function (x): ${go("Lambda", "CreateFunction")}api error AccessDeniedException: ${sentence("iam:PassRole", "arn:aws:iam::123456789012:role/x")}`,
      {
        action: "iam:PassRole",
        resource: "arn:aws:iam::123456789012:role/x",
        because: allows("iam:PassRole"),
      },
    ],
    [
      "SNS, whose own prefix is in capitals",
      `creating SNS Topic (x): ${go("SNS", "CreateTopic")}api error AuthorizationError: ${sentence("SNS:CreateTopic", TOPIC, allows("SNS:CreateTopic"))}`,
      { action: "sns:CreateTopic", resource: TOPIC, because: allows("SNS:CreateTopic") },
    ],
    [
      "SQS, whose own action is in lower case",
      `creating SQS Queue (x): ${go("SQS", "CreateQueue")}api error AccessDenied: ${sentence("sqs:createqueue", "arn:aws:sqs:eu-central-1:123456789012:x", allows("sqs:createqueue"))}`,
      {
        action: "sqs:CreateQueue",
        resource: "arn:aws:sqs:eu-central-1:123456789012:x",
        because: allows("sqs:createqueue"),
      },
    ],
    [
      "a topic's key, by way of SNS",
      `${go("SNS", "Publish", 400)}api error KMSAccessDenied: ${sentence("kms:GenerateDataKey", KEY)}`,
      { action: "kms:GenerateDataKey", resource: KEY, because: allows("kms:GenerateDataKey") },
    ],
    [
      "a service control policy",
      `putting CloudWatch Metric Alarm (x): ${go("CloudWatch", "PutMetricAlarm")}api error AccessDenied: User: ${WHO} is not authorized to perform: cloudwatch:PutMetricAlarm on resource: arn:aws:cloudwatch:eu-central-1:123456789012:alarm:x with an explicit deny in a service control policy`,
      {
        action: "cloudwatch:PutMetricAlarm",
        resource: "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:x",
        because: "with an explicit deny in a service control policy",
      },
    ],
    [
      "the first version of the SDK, with a service of two words around it",
      `creating CloudWatch Logs Log Group (x): AccessDeniedException: ${sentence("logs:CreateLogGroup", "arn:aws:logs:eu-central-1:123456789012:log-group:x:log-stream:")}\n\tstatus code: 400, request id: d7393c54`,
      {
        action: "logs:CreateLogGroup",
        resource: "arn:aws:logs:eu-central-1:123456789012:log-group:x:log-stream:",
        // What stands behind it in the next line is no reason.
        because: allows("logs:CreateLogGroup"),
      },
    ],
  ])("%s", (_, words, denied) => {
    expect(deniedInWords(words)).toEqual([{ identity: WHO, ...denied }]);
  });

  test("EC2 encodes what it is about: the message is left out", () => {
    const refused = `You are not authorized to perform this operation. Encoded authorization failure message: ${ENCODED}`;
    expect(
      deniedInWords(`${go("EC2", "DescribeSubnets")}api error UnauthorizedOperation: ${refused}`),
    ).toEqual([
      { action: "ec2:DescribeSubnets", because: "You are not authorized to perform this operation." },
    ]);
    const both = `${go("EC2", "CreateNetworkInterface")}api error UnauthorizedOperation: You are not authorized to perform this operation. ${sentence("ec2:CreateNetworkInterface", "arn:aws:ec2:eu-central-1:123456789012:subnet/subnet-1")}. Encoded authorization failure message: ${ENCODED}`;
    const [found] = deniedInWords(both);
    expect(found).toMatchObject({
      action: "ec2:CreateNetworkInterface",
      because: allows("ec2:CreateNetworkInterface"),
    });
    expect(JSON.stringify(found)).not.toContain("p1Eyy");
    expect(deniedInWords(`Error launching: UnauthorizedOperation: ${refused}\n\tstatus code: 403`)).toEqual([
      { action: undefined, because: "You are not authorized to perform this operation." },
    ]);
  });

  test.each([
    [
      "S3 says next to nothing",
      `error: could not load: blob (key ".pulumi/stacks/ops-view/stageA.json") (code=PermissionDenied): ${go("S3", "GetObject")}HostID: nuceQUgbjz/ZLvNtqjt=, api error AccessDenied: Access Denied`,
      { action: "s3:GetObject", because: "Access Denied", state: "bucket" },
      "promote prints with --state-bucket",
    ],
    [
      "S3 says it all, in quotes",
      `${go("S3", "ListObjectsV2")}api error AccessDenied: ${sentence("s3:ListBucket", '"arn:aws:s3:::my-state"', allows("s3:ListBucket"))}`,
      {
        ...{ identity: WHO, action: "s3:ListBucket", resource: "arn:aws:s3:::my-state" },
        ...{ because: allows("s3:ListBucket"), state: "bucket" },
      },
      "promote prints with --state-bucket my-state",
    ],
    [
      "S3 answers a HEAD without a word",
      `${go("S3", "HeadObject")}HostID: 71Tg6Idj/mP7=, api error Forbidden: Forbidden`,
      { action: "s3:GetObject", because: "Forbidden", state: "bucket" },
      "promote prints with --state-bucket",
    ],
    [
      "KMS, of a key",
      `error: secrets (code=PermissionDenied): ${go("KMS", "Encrypt", 400)}api error AccessDeniedException: ${sentence("kms:Encrypt", KEY)}`,
      { identity: WHO, action: "kms:Encrypt", resource: KEY, because: allows("kms:Encrypt"), state: "key" },
      `promote prints with --state-key ${KEY}`,
    ],
  ])("of the state: %s", (_, words, denied, remedy) => {
    const [found = {}, ...more] = deniedInWords(words);
    expect([found, more]).toEqual([denied, []]);
    expect(tellDeniedElsewhere(found, "promote").remedy.endsWith(remedy)).toBe(true);
  });

  test("of the state: KMS, of a ciphertext, whose key's own policy may have to allow it", () => {
    const why =
      "the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access";
    const [found = {}] = deniedInWords(
      `${go("KMS", "Decrypt", 400)}api error AccessDeniedException: User: ${WHO} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because ${why}`,
    );
    expect(found).toEqual({
      identity: WHO,
      action: "kms:Decrypt",
      resource: undefined,
      because: why,
      state: "key",
    });
    expect(tellDeniedElsewhere(found, "promote").remedy).toBe(
      "Have it allowed in the resource-based policy as well",
    );
  });

  test.each([
    [
      `${go("STS", "AssumeRole")}api error AccessDenied: User: ${WHO} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/promoter`,
      "sts:AssumeRole",
    ],
    [
      `failed to retrieve credentials, ${go("STS", "AssumeRoleWithWebIdentity")}api error AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity`,
      "sts:AssumeRoleWithWebIdentity",
    ],
  ])("STS: who may take a role, its trust document says (%#)", (words, action) => {
    const [found = {}] = deniedInWords(words);
    expect(found.action).toBe(action);
    expect(tellDeniedElsewhere(found, "promote").remedy).toMatch(
      /^Let the trust document of that role admit/,
    );
  });

  test("several at once are told each, and once", () => {
    const one = `${go("SNS", "CreateTopic")}api error AuthorizationError: ${sentence("SNS:CreateTopic", TOPIC)}`;
    const other = `${go("S3", "PutObject")}api error AccessDenied: Access Denied`;
    expect(deniedInWords([one, other, one].join("\n")).map(({ action }) => action)).toEqual([
      "sns:CreateTopic",
      "s3:PutObject",
    ]);
  });

  test.each([
    `${go("Lambda", "CreateFunction", 400)}api error InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.`,
    `${go("STS", "GetCallerIdentity")}api error ExpiredToken: The security token included in the request is expired`,
    `${go("S3", "GetObject", 404)}api error NoSuchKey: The specified key does not exist.`,
    `${go("SNS", "Publish", 400)}api error Throttling: Rate exceeded`,
    "dial tcp: lookup sns.eu-central-1.amazonaws.com: no such host",
    "error: no stack named 'stageA' found",
    "",
  ])("anything else is something else (%#)", (words) => {
    expect(deniedInWords(words)).toEqual([]);
  });
});

test("the sentence is that of our own calls", () => {
  const [found = {}] = deniedInWords(
    `creating SNS Topic (x): ${go("SNS", "CreateTopic")}api error AuthorizationError: ${sentence("SNS:CreateTopic", TOPIC)}`,
  );
  expect(tellDeniedElsewhere(found, "promote")).toEqual({
    what: `AWS does not let ${WHO} do sns:CreateTopic on ${TOPIC} (${allows("SNS:CreateTopic")})`,
    remedy: "Give it the policies that cutover permissions --account 123456789012 promote prints",
  });
});
