import { describe, expect, it } from "vitest";
import { policyDocument } from "../../../sandbox/aws/plugin/policy-document";

describe("getPolicyDocument", () => {
  it("writes a policy that is given in parts", () => {
    const { json, minifiedJson } = policyDocument({
      statements: [
        {
          sid: "Alarms",
          actions: ["sns:Publish"],
          resources: ["arn:a", "arn:b"],
          principals: [{ type: "Service", identifiers: ["cloudwatch.amazonaws.com"] }],
          conditions: [
            { test: "StringEquals", variable: "aws:SourceAccount", values: ["1"] },
            { test: "StringEquals", variable: "aws:SourceOrgID", values: ["o", "p"] },
          ],
        },
        {
          effect: "Deny",
          notActions: ["s3:*"],
          resources: ["*"],
          principals: [{ type: "*", identifiers: ["*"] }],
        },
      ],
    });
    expect(JSON.parse(json as string)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Alarms",
          Effect: "Allow",
          Principal: { Service: "cloudwatch.amazonaws.com" },
          Action: "sns:Publish",
          Resource: ["arn:a", "arn:b"],
          Condition: { StringEquals: { "aws:SourceAccount": "1", "aws:SourceOrgID": ["o", "p"] } },
        },
        { Effect: "Deny", Principal: "*", NotAction: "s3:*", Resource: "*" },
      ],
    });
    expect(JSON.parse(minifiedJson as string)).toEqual(JSON.parse(json as string));
  });

  it("refuses parts that it does not know", () => {
    expect(() => policyDocument({ sourcePolicyDocuments: ["{}"] })).toThrow(
      "input 'sourcePolicyDocuments' is not known to the sandbox's plugin",
    );
  });
});
