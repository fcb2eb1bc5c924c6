import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { awsClient } from "../../../src/aws/clients";
import { callsFor, deniedIn, deniedTold, tellDenied } from "../../../src/aws/denied";
import { failure } from "../../../src/aws/known";
import { addressed } from "../../../src/text/command";
import { packaged } from "../../../src/text/packaged";

const WHO = "arn:aws:sts::123456789012:assumed-role/cutover-ops-view-promote/job";
const TOPIC = "arn:aws:sns:eu-central-1:123456789012:ops-view-on-call";
const error = (name: string, message: string) => Object.assign(new Error(message), { name });
const POLICY = "no identity-based policy allows the action";

afterEach(() => callsFor(undefined));

describe("what AWS did not allow is read from its own words", () => {
  test.each([
    [
      "AppConfig, with its reason",
      error(
        "AccessDeniedException",
        `User: ${WHO} is not authorized to perform: appconfig:StartDeployment on resource: arn:aws:appconfig:eu-central-1:123456789012:application/abc1234 because ${POLICY}`,
      ),
      {
        identity: WHO,
        action: "appconfig:StartDeployment",
        resource: "arn:aws:appconfig:eu-central-1:123456789012:application/abc1234",
        because: POLICY,
      },
    ],
    [
      "an explicit deny",
      error(
        "AccessDenied",
        `User: ${WHO} is not authorized to perform: cloudwatch:PutMetricAlarm on resource: * with an explicit deny in a service control policy`,
      ),
      {
        identity: WHO,
        action: "cloudwatch:PutMetricAlarm",
        resource: "*",
        because: "with an explicit deny in a service control policy",
      },
    ],
    [
      "KMS, whose resource has no ARN",
      error(
        "AccessDeniedException",
        `User: ${WHO} is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because ${POLICY}`,
      ),
      { identity: WHO, action: "kms:Decrypt", resource: undefined, because: POLICY },
    ],
    [
      "a provider, which has words of its own around it",
      error(
        "Error",
        `creating SNS Topic (x): operation error SNS: CreateTopic, https response error StatusCode: 403, AuthorizationError: User: ${WHO} is not authorized to perform: SNS:CreateTopic on resource: ${TOPIC} because ${POLICY}`,
      ),
      { identity: WHO, action: "SNS:CreateTopic", resource: TOPIC, because: POLICY },
    ],
    [
      "no reason, and a full stop",
      error("AccessDenied", `User: ${WHO} is not authorized to perform: rds:DescribeDBSnapshots.`),
      { identity: WHO, action: "rds:DescribeDBSnapshots", resource: undefined, because: undefined },
    ],
  ])("%s", (_, thrown, denied) => {
    expect(deniedIn(thrown)).toEqual(denied);
  });

  test.each([
    error("AccessDenied", "Access to the resource https://sqs.eu-central-1.amazonaws.com/ is denied."),
    error(
      "UnauthorizedOperation",
      "You are not authorized to perform this operation. Encoded authorization failure message: 3Qf",
    ),
    error("AuthorizationErrorException", ""),
  ])("other words: the call itself says what it was ($name)", (thrown) => {
    expect(deniedIn(thrown, { clientName: "SQSClient", commandName: "GetQueueUrlCommand" })).toEqual({
      action: "sqs:GetQueueUrl",
      because: thrown.message || thrown.name,
    });
    expect(tellDenied(deniedIn(thrown) ?? {}, "measure").what).toBe(
      `AWS does not let whoever calls do this (${thrown.message || thrown.name})`,
    );
  });

  test("a service that spells its action otherwise is told as IAM spells it, and what a call needs beside itself as AWS says", () => {
    const called = { clientName: "SQSClient", commandName: "GetQueueAttributesCommand" };
    const said = (action: string) =>
      deniedIn(
        error("AccessDenied", `User: ${WHO} is not authorized to perform: ${action} on resource: ${TOPIC}`),
        called,
      );
    expect(said("sqs:getqueueattributes")?.action).toBe("sqs:GetQueueAttributes");
    expect(said("kms:Decrypt")?.action).toBe("kms:Decrypt");
  });

  test.each([
    error("ExpiredTokenException", "The security token included in the request is expired"),
    error("ThrottlingException", "Rate exceeded"),
    error("Error", "connect ECONNREFUSED"),
    undefined,
    "a word",
  ])("anything else is something else (%s)", (thrown) => {
    expect(deniedIn(thrown)).toBeUndefined();
  });
});

test("the sentence says who, what, on what, and which command prints the policy", () => {
  const denied = { identity: WHO, action: "sns:Publish", resource: TOPIC, because: POLICY };
  expect(tellDenied(denied, "promote")).toEqual({
    what: `AWS does not let ${WHO} do sns:Publish on ${TOPIC} (${POLICY})`,
    remedy: "Give it the policies that cutover permissions --account 123456789012 promote prints",
  });
});

test("where AWS does not say who called, the account is left blank, and the command is written out all the same", () => {
  const said = error("AccessDeniedException", "Access to KMS is not allowed");
  const called = { clientName: "SecretsManagerClient", commandName: "GetSecretValueCommand" };
  const { what, remedy } = tellDenied(deniedIn(said, called) ?? {}, "promote");
  expect(what).toBe(
    "AWS does not let whoever calls do secretsmanager:GetSecretValue (Access to KMS is not allowed)",
  );
  expect(remedy).toBe('Give it the policies that cutover permissions --account "…" promote prints');
  expect(addressed(remedy, { rollout: "ops-view" })).toContain(
    `cutover${packaged() ? "" : " --"} permissions --rollout ops-view --account "…" promote prints`,
  );
  const taken = tellDenied({ identity: WHO, action: "sts:AssumeRole" }, "preview");
  expect(taken.remedy).toContain("cutover permissions --account 123456789012 preview prints it");
});

test.each([
  [
    "with an explicit deny in a service control policy",
    /^Have the deny lifted by whoever keeps the service control policy/,
  ],
  ["no permissions boundary allows the sns:Publish action", /^Have it allowed in the permissions boundary/],
])("what a role's own policies cannot mend is not told to be mended by them (%s)", (because, remedy) => {
  expect(tellDenied({ identity: WHO, action: "sns:Publish", because }, "promote").remedy).toMatch(remedy);
});

test("a function's role is declared by pulumi up, and no command prints it", () => {
  expect(tellDenied({ action: "sns:Publish" }, undefined).remedy).toMatch(/^Run pulumi up/);
});

test("every client tells it so, and whatever is made of the error says it once", async () => {
  const server = createServer((_, response) => {
    const message = `User: ${WHO} is not authorized to perform: SNS:ListTopics on resource: ${TOPIC} because ${POLICY}`;
    response.writeHead(403, { "content-type": "text/xml" });
    response.end(
      `<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>${message}</Message></Error></ErrorResponse>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "none" };
  const sns = awsClient(SNSClient, { region: "eu-central-1", endpoint, credentials });
  onTestFinished(() => sns.destroy());
  callsFor("measure");
  const thrown = await sns.send(new ListTopicsCommand({})).catch((one: unknown) => one);
  const what = `AWS does not let ${WHO} do sns:ListTopics on ${TOPIC} (${POLICY})`;
  const remedy = "Give it the policies that cutover permissions --account 123456789012 measure prints";
  expect((thrown as Error).message).toBe(`${what}. ${remedy}`);
  expect(deniedTold(thrown)).toEqual({ what, remedy });
  expect(failure(thrown)).toEqual({ ok: false, why: `access denied: ${what}`, remedy });
});
