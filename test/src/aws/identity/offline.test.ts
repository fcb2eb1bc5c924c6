import { describe, expect, test } from "vitest";
import { offlineProblems } from "../../../../src/aws/identity/offline";
import { readProvider } from "../../../../src/aws/identity/provider";

const ROLE = "arn:aws:iam::111122223333:role/promoter";

function said(config: object, others: Readonly<Record<string, object>> = {}): string[] {
  const files = Object.entries({ baseline: config, ...others }) as [string, Record<string, unknown>][];
  const providers = new Map(
    files.map(([stack, one]) => [stack, readProvider(one, (key) => `Pulumi.${stack}.yaml ${key}`)]),
  );
  return offlineProblems(providers).map(({ where, what }) => `${where} ${what}`);
}

describe("what is wrong with aws: settings is told offline:", () => {
  test.each<[string, object, RegExp]>([
    [
      "a region that is none",
      { "aws:region": "eu-central1" },
      /^Pulumi.baseline.yaml aws:region must be a region such as/,
    ],
    [
      "a zone in its place",
      { "aws:region": "eu-central-1a" },
      /aws:region must be a region such as eu-central-1$/,
    ],
    [
      "a profile as the file heads it",
      { "aws:profile": "[profile prod]" },
      /aws:profile must be the name of a profile/,
    ],
    [
      "a role that is a user",
      { "aws:assumeRoles": [{ roleArn: "arn:aws:iam::111122223333:user/ada" }] },
      /aws:assumeRoles 0.roleArn must be the ARN of a role/,
    ],
    [
      "a role's setting that there is not",
      { "aws:assumeRoles": [{ roleArn: ROLE, session: "x" }] },
      /has session, which is no setting of the provider/,
    ],
    ["roles as no list", { "aws:assumeRoles": { roleArn: ROLE } }, /aws:assumeRoles must be array/],
    [
      "an account of eleven digits",
      { "aws:allowedAccountIds": ["11112222333"] },
      /aws:allowedAccountIds 0 must be 12 digits/,
    ],
    ["one account as no list", { "aws:allowedAccountIds": "111122223333" }, /aws:allowedAccountIds must be/],
    [
      "a role of an account that is not allowed",
      { "aws:assumeRoles": [{ roleArn: ROLE }], "aws:allowedAccountIds": ["444455556666"] },
      /aws:assumeRoles ends as a role of 111122223333, and aws:allowedAccountIds has 444455556666 alone$/,
    ],
    [
      "a role of an account that is forbidden",
      { "aws:assumeRoles": [{ roleArn: ROLE }], "aws:forbiddenAccountIds": ["111122223333"] },
      /ends as a role of 111122223333, which aws:forbiddenAccountIds has$/,
    ],
    [
      "both lists of accounts",
      { "aws:allowedAccountIds": ["111122223333"], "aws:forbiddenAccountIds": ["444455556666"] },
      /aws:forbiddenAccountIds stands beside aws:allowedAccountIds/,
    ],
  ])("%s", (_, config, expected) => {
    expect(said(config)).toEqual([expect.stringMatching(expected)]);
  });

  test("stacks in two regions", () => {
    expect(
      said({ "aws:region": "eu-central-1" }, { stageA: { "aws:region": "eu-west-1" }, stageB: {} }),
    ).toEqual([
      "Pulumi.stageA.yaml aws:region is eu-west-1, and that of baseline is eu-central-1: a stage finds its foundation in its own region alone",
    ]);
  });
});

test.each<[string, object]>([
  ["no settings", {}],
  ["a region", { "aws:region": "us-gov-east-1" }],
  ["a profile", { "aws:profile": "prod.eu_1" }],
  [
    "the account that the last of several roles is in",
    {
      "aws:assumeRoles": [{ roleArn: "arn:aws:iam::444455556666:role/hub" }, { roleArn: ROLE }],
      "aws:allowedAccountIds": ["111122223333"],
    },
  ],
])("nothing is wrong with %s", (_, config) => {
  expect(said(config, { stageA: config })).toEqual([]);
});
