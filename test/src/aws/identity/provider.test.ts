import { expect, test } from "vitest";
import { readProvider } from "../../../../src/aws/identity/provider";

const ROLE = "arn:aws:iam::123456789012:role/promoter";

function read(config: Record<string, unknown>) {
  const { settings, problems } = readProvider(config);
  return { settings, told: problems.map(({ where, what, remedy }) => `${where}: ${what}. ${remedy}`) };
}

test("what says where and as whom AWS is called is read, and what says neither is passed over", () => {
  const { settings, told } = read({
    "aws:region": "eu-central-1",
    "aws:profile": "prod",
    "aws:stsRegion": "us-east-1",
    "aws:sharedConfigFiles": ["~/.aws/other"],
    "aws:useFipsEndpoint": true,
    "aws:skipMetadataApiCheck": "true",
    "aws:allowedAccountIds": ["123456789012"],
    "aws:endpoints": [{ sns: "http://127.0.0.1:1", appconfig: "http://127.0.0.1:2" }],
    "aws:defaultTags": { tags: { team: "ops" } },
    "aws:skipCredentialsValidation": true,
    "cutover:stage": { flags: {} },
    "postgresql:host": "db",
  });
  expect(told).toEqual([]);
  expect(settings).toMatchObject({
    region: "eu-central-1",
    profile: "prod",
    stsRegion: "us-east-1",
    configFile: "~/.aws/other",
    fips: true,
    noMetadata: true,
    allowedAccountIds: ["123456789012"],
    endpoints: { sns: "http://127.0.0.1:1", appconfig: "http://127.0.0.1:2" },
    assumeRoles: [],
  });
});

const CHAIN = [
  { roleArn: ROLE, sessionName: "promote", externalId: "x-1", duration: "1h30m", tags: { team: "ops" } },
  { roleArn: "arn:aws-cn:iam::210987654321:role/path/there", sourceIdentity: "ada", durationSeconds: 900 },
];

test.each([
  ["as the stack file has it", CHAIN],
  ["as the engine has it", JSON.stringify(CHAIN)],
])("a chain of roles is read %s", (_, roles) => {
  const { settings, told } = read({ "aws:assumeRoles": roles });
  expect(told).toEqual([]);
  expect(settings.assumeRoles).toEqual([
    {
      roleArn: ROLE,
      sessionName: "promote",
      externalId: "x-1",
      durationSeconds: 5_400,
      tags: { team: "ops" },
    },
    { roleArn: "arn:aws-cn:iam::210987654321:role/path/there", sourceIdentity: "ada", durationSeconds: 900 },
  ]);
});

test("a token of an identity provider, and where it lies", () => {
  const given = { roleArn: ROLE, webIdentityTokenFile: "/var/token", duration: "900s" };
  expect(read({ "aws:assumeRoleWithWebIdentity": given })).toEqual({
    told: [],
    settings: expect.objectContaining({
      webIdentity: { roleArn: ROLE, tokenFile: "/var/token", durationSeconds: 900 },
    }),
  });
});

test("a key is whole, or none", () => {
  const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "s3cr3t", sessionToken: "t0ken" };
  const whole = { "aws:accessKey": "AKIDEXAMPLE", "aws:secretKey": "s3cr3t", "aws:token": "t0ken" };
  expect(read(whole)).toEqual({ told: [], settings: expect.objectContaining({ keys }) });
  const { settings, told } = read({ "aws:accessKey": "AKIDEXAMPLE" });
  expect(settings.keys).toBeUndefined();
  expect(told).toEqual([
    "aws:secretKey: is missing: a key has two halves. Set both, or take the other one out",
  ]);
  expect(read({ "aws:token": "t0ken" }).told.join()).toMatch(/aws:accessKey: is missing/);
});

test.each<[string, Record<string, unknown>, RegExp]>([
  ["a typing error", { "aws:profil": "prod" }, /^aws:profil: is no setting .* Call it aws:profile/],
  ["what nobody knows", { "aws:frobnicate": "x" }, /^aws:frobnicate: .* Take it out$/],
  ["a proxy", { "aws:httpsProxy": "http://proxy" }, /the program cannot follow it/],
  ["authorities", { "aws:customCaBundle": "/ca.pem" }, /NODE_EXTRA_CA_CERTS and AWS_CA_BUNDLE/],
  ["two files", { "aws:sharedConfigFiles": ["/a", "/b"] }, /must be one file/],
  ["no role", { "aws:assumeRoles": [{ roleArn: "promoter" }] }, /0\.roleArn must be the ARN of a role/],
  ["an unknown word", { "aws:assumeRoles": [{ roleArn: ROLE, mfa: "1" }] }, /0 has mfa, which is no setting/],
  [
    "no length",
    { "aws:assumeRoles": [{ roleArn: ROLE, duration: "soon" }] },
    /duration must be a length of time/,
  ],
  ["no JSON", { "aws:assumeRoles": "[{" }, /must be array/],
  ["no account", { "aws:allowedAccountIds": "[12]" }, /0 must be 12 digits/],
  [
    "two tokens",
    { "aws:assumeRoleWithWebIdentity": { roleArn: ROLE, webIdentityToken: "a", webIdentityTokenFile: "b" } },
    /exactly one of/,
  ],
])("%s is told, with what to do", (_, config, said) => {
  expect(read(config).told.join("\n")).toMatch(said);
});

test("the form of one role, which the provider no longer knows, is told; on the way down it counts", () => {
  const { settings, told } = read({ "aws:assumeRole": { roleArn: ROLE } });
  expect(told).toEqual([
    "aws:assumeRole: is no setting of the provider since its version 7: it assumes no role by it. Write aws:assumeRoles, a list",
  ]);
  expect(settings.assumeRoles).toEqual([expect.objectContaining({ roleArn: ROLE })]);
});

test("what is encrypted is told, and never quoted; nor is any other value", () => {
  const { settings, told } = read({
    "aws:accessKey": { secure: "v1:abc" },
    "aws:secretKey": { secure: "v1:def" },
    "aws:assumeRoles": [{ roleArn: ROLE, policy: { secure: "v1:ghi" } }],
    "aws:token": 12_345,
  });
  expect(settings).toMatchObject({ assumeRoles: [] });
  expect(told.join("\n")).toMatch(/aws:accessKey: is encrypted/);
  expect(told.join("\n")).not.toMatch(/v1:|12345/);
});
