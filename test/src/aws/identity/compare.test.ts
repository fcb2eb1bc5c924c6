import fc from "fast-check";
import { expect, test } from "vitest";
import { identityProblems, principalOf } from "../../../../src/aws/identity/compare";

const NONE = { allowedAccountIds: [], forbiddenAccountIds: [] };
const at = (arn: string, region = "eu-central-1") => ({ arn, region });
const ROLE = "arn:aws:sts::123456789012:assumed-role/promoter/run-1";

test.each([
  [ROLE, { partition: "aws", account: "123456789012", who: "role/promoter" }],
  [
    "arn:aws-cn:iam::123456789012:user/ops/ada",
    { partition: "aws-cn", account: "123456789012", who: "user/ops/ada" },
  ],
  [
    "arn:aws-us-gov:iam::123456789012:root",
    { partition: "aws-us-gov", account: "123456789012", who: "root" },
  ],
])("%s is a principal, whatever its session is called", (arn, principal) => {
  expect(principalOf(arn)).toEqual(principal);
});

test.each<[string, string, string, string?]>([
  ["two sessions of one role are one", "arn:aws:sts::123456789012:assumed-role/promoter/other", ""],
  ["another account", "arn:aws:sts::210987654321:assumed-role/promoter/run-1", "account 123456789012, and"],
  [
    "another role",
    "arn:aws:sts::123456789012:assumed-role/admin/run-1",
    "asks as role/promoter, and .* as role/admin",
  ],
  ["a user", "arn:aws:iam::123456789012:user/promoter", "as user/promoter"],
  ["another partition", "arn:aws-cn:sts::123456789012:assumed-role/promoter/run-1", "partition aws, and"],
  ["another region", ROLE, "region eu-central-1, and the provider changes region us-east-1", "us-east-1"],
])("%s", (_, arn, said, region) => {
  const whats = identityProblems(at(ROLE), at(arn, region), NONE).map(({ what }) => what);
  if (said === "") expect(whats).toEqual([]);
  else expect(whats.join("\n")).toMatch(new RegExp(said));
});

test("an account has to be one of those that are allowed, and none that is forbidden", () => {
  const said = (lists: Partial<typeof NONE> | Record<string, string[]>) =>
    identityProblems(at(ROLE), at(ROLE), { ...NONE, ...lists }).map(({ where }) => where);
  expect(said({ allowedAccountIds: ["123456789012"] })).toEqual([]);
  expect(said({ allowedAccountIds: ["210987654321"] })).toEqual(["aws:allowedAccountIds"]);
  expect(said({ forbiddenAccountIds: ["123456789012"] })).toEqual(["aws:forbiddenAccountIds"]);
});

test("whoever calls is one with themselves, and with nobody of another account", () => {
  const account = fc.stringMatching(/^\d{12}$/);
  const name = fc.stringMatching(/^[\w+=,.@-]{1,64}$/);
  fc.assert(
    fc.property(account, account, name, name, name, (one, other, role, session, another) => {
      const arn = (of: string, called: string) => `arn:aws:sts::${of}:assumed-role/${role}/${called}`;
      expect(identityProblems(at(arn(one, session)), at(arn(one, another)), NONE)).toEqual([]);
      if (one !== other)
        expect(identityProblems(at(arn(one, session)), at(arn(other, session)), NONE)).not.toEqual([]);
    }),
  );
});
