import { describe, expect, it } from "vitest";
import { brokeOff, notCalled } from "../../../src/measuring/failures";

const called = {
  name: "ops-view-measure",
  arn: "arn:aws:lambda:eu-central-1:123456789012:function:ops-view-measure",
  timeout: "5m",
  bringUp: "pulumi up -s baseline",
};

const error = (name: string, message = "what AWS says", more: object = {}) =>
  Object.assign(new Error(message), { name, ...more });

describe("a call that Lambda does not make", () => {
  // The names are those of the API: Lambda API reference, Invoke, "Errors".
  it.each<[unknown, RegExp]>([
    [
      error("ResourceNotFoundException"),
      /^there is no function ops-view-measure: pulumi up -s baseline makes it$/,
    ],
    [error("AccessDeniedException"), /allow lambda:InvokeFunction on arn:aws:lambda.* to whoever promotes$/],
    [error("TooManyRequestsException", "Rate exceeded"), /no room to run .*\(Rate exceeded\)/],
    [error("ResourceNotReadyException"), /is not ready yet/],
    [error("ResourceConflictException"), /is not ready yet/],
    [error("KMSAccessDeniedException"), /see to the key and its policy/],
    [error("EC2AccessDeniedException"), /cannot join its network .*the role's ec2: permissions$/],
    [error("EC2ThrottledException"), /cannot join its network/],
    [error("ENILimitReachedException"), /cannot join its network/],
    [error("SubnetIPAddressLimitReachedException"), /free addresses in its subnets/],
    [error("InvalidSubnetIDException"), /measure\.vpc/],
    [error("InvalidSecurityGroupIDException"), /measure\.vpc/],
    [error("RequestTooLargeException"), /declare fewer gates/],
    [error("ExpiredTokenException"), /renew them$/],
    [error("CredentialsProviderError"), /renew them$/],
    [error("TimeoutError"), /^Lambda gave no answer in time/],
    [error("AbortError"), /^Lambda gave no answer in time/],
    [error("Error", "getaddrinfo ENOTFOUND", { code: "ENOTFOUND" }), /^Lambda cannot be reached from here/],
    [error("ServiceException"), /^the function ops-view-measure could not be called: what AWS says/],
    ["nothing that is an error", /could not be called/],
  ])("%s", (thrown, words) => {
    expect(notCalled(thrown, called)).toMatch(words);
  });
});

describe("a function that fails", () => {
  it.each<[string, RegExp]>([
    [
      '{"errorMessage":"2026-11-21T12:00:00Z 1f2e Task timed out after 300.00 seconds"}',
      /took longer than 5m: raise measure\.timeout/,
    ],
    [
      '{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 1 Error: Task timed out after 3 seconds"}',
      /took longer/,
    ],
    [
      '{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded"}',
      /too much for one answer/,
    ],
    ['{"errorType":"Runtime.OutOfMemory","errorMessage":"RequestId: 1"}', /ran out of memory/],
    ['{"errorType":"Error","errorMessage":"boom"}', /failed \(Error: boom\): see its log$/],
    ["{}", /failed \(without a word\)/],
    ["not JSON", /failed \(without a word\)/],
    ["null", /failed \(without a word\)/],
  ])("%s", (payload, words) => {
    expect(brokeOff(payload, called)).toMatch(words);
  });
});
