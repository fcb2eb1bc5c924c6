import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { letsTopicIn } from "../../../src/aws/invokePolicy";
import { allowed, FUNCTION, ON_CALL, SWITCH } from "../rollout/guards";

const condition = (Condition: object) => allowed({ Condition });

describe("SNS may call a function for a topic", () => {
  test.each<[string, object[], boolean]>([
    ["as Lambda writes it", [allowed()], true],
    ["without any condition", [condition({})], true],
    ["of everybody's topics by a wildcard", [allowed({}, "arn:aws:sns:*:123456789012:*")], true],
    ["among others", [allowed({}, ON_CALL), allowed()], true],
    ["as one of several sources", [condition({ ArnEquals: { "aws:SourceArn": [ON_CALL, SWITCH] } })], true],
    ["from its account", [condition({ StringEquals: { "AWS:SourceAccount": "123456789012" } })], true],
    ["by every action", [allowed({ Action: ["lambda:*"] })], true],
    ["as anybody", [allowed({ Principal: "*" })], true],
    ["by no policy", [], false],
    ["of another topic", [allowed({}, ON_CALL)], false],
    ["of a topic whose name is longer", [allowed({}, SWITCH.slice(0, -1))], false],
    ["of another account", [condition({ StringEquals: { "AWS:SourceAccount": "999999999999" } })], false],
    [
      "of another account's topic of that name",
      [
        condition({
          ArnLike: { "AWS:SourceArn": SWITCH },
          StringEquals: { "AWS:SourceAccount": "999999999999" },
        }),
      ],
      false,
    ],
    ["as another service", [allowed({ Principal: { Service: "events.amazonaws.com" } })], false],
    ["as an account", [allowed({ Principal: { AWS: "123456789012" } })], false],
    ["by another action", [allowed({ Action: "lambda:GetFunction" })], false],
    ["another function", [allowed({ Resource: `${FUNCTION}-x` })], false],
    [
      "under a condition that nobody here knows",
      [condition({ Bool: { "aws:SecureTransport": "true" } })],
      false,
    ],
    ["and is denied it", [allowed(), allowed({ Effect: "Deny" })], false],
    ["and another topic is denied it", [allowed(), allowed({ Effect: "Deny" }, ON_CALL)], true],
    [
      "and may be denied it",
      [allowed(), { ...condition({ Bool: { "aws:SecureTransport": "false" } }), Effect: "Deny" }],
      false,
    ],
  ])("%s: %#", (_, policy, lets) => {
    expect(letsTopicIn(policy, SWITCH, FUNCTION)).toBe(lets);
  });

  test("never by a denial, whatever else is allowed", () => {
    const statement = fc.constantFrom(allowed(), condition({}), allowed({}, ON_CALL));
    fc.assert(
      fc.property(fc.array(statement), fc.array(statement), (before, after) => {
        const policy = [...before, allowed({ Effect: "Deny" }), ...after];
        expect(letsTopicIn(policy, SWITCH, FUNCTION)).toBe(false);
      }),
    );
  });
});
