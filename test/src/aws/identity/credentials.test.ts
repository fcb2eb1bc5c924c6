import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { identify } from "../../../../src/aws/caller";
import { callAs } from "../../../../src/aws/clients";
import { actAs } from "../../../../src/aws/identity/actAs";
import { credentialsOf } from "../../../../src/aws/identity/credentials";
import { readProvider } from "../../../../src/aws/identity/provider";

const REGION = "eu-central-1";
const ROLES = ["first", "second"].map((name) => `arn:aws:iam::123456789012:role/${name}`);

interface Asked {
  readonly params: URLSearchParams;
  /** The key that signed it; none where it is not signed. */
  readonly by: string | undefined;
}

let folder: string;
let asked: Asked[];
/** Roles that nobody may assume. */
let closed: string[];

/** Stands for STS: a role's credentials are named after it, and whoever calls after their key. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "cutover-identity-"));
  asked = [];
  closed = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      const params = new URLSearchParams(body);
      const by = /Credential=([^/]+)\//.exec(request.headers.authorization ?? "")?.[1];
      asked.push({ params, by });
      const action = params.get("Action") ?? "";
      const role = (params.get("RoleArn") ?? "").split("/").at(-1) ?? "";
      if (closed.includes(role)) {
        response.writeHead(403, { "content-type": "text/xml" });
        response.end(
          "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform sts:AssumeRole</Message></Error></ErrorResponse>",
        );
        return;
      }
      const result =
        action === "GetCallerIdentity"
          ? `<Arn>arn:aws:iam::123456789012:user/${by}</Arn>`
          : `<Credentials><AccessKeyId>${role}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>`;
      response.writeHead(200, { "content-type": "text/xml" });
      response.end(
        `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${result}</${action}Result></${action}Response>`,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  vi.stubEnv("AWS_ENDPOINT_URL", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"])
    vi.stubEnv(name, "");
  vi.stubEnv("AWS_WEB_IDENTITY_TOKEN_FILE", "");
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
});
afterEach(() => {
  callAs({});
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** A config file with these profiles, by what each says. */
function profiles(said: Record<string, readonly string[]>): string {
  const file = join(folder, "config");
  const sections = Object.entries(said).map(([name, lines]) => [`[profile ${name}]`, ...lines].join("\n"));
  writeFileSync(file, sections.join("\n"));
  return file;
}

const key = (name: string) => [`aws_access_key_id = ${name}`, "aws_secret_access_key = s"];

/** Whose key signs what this process asks, once it acts as a stack's provider is configured. */
async function caller(config: Record<string, unknown>): Promise<string | undefined> {
  actAs(readProvider(config).settings, REGION);
  return (await identify(REGION)).split("/").at(-1);
}

test("a key of the config is used, whatever the environment says", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "OFENV");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s");
  expect(await caller({ "aws:accessKey": "OFCONFIG", "aws:secretKey": "s" })).toBe("OFCONFIG");
});

test("so is a profile, of the file that the config names", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "OFENV");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s");
  const config = { "aws:profile": "prod", "aws:sharedConfigFiles": [profiles({ prod: key("OFPROFILE") })] };
  expect(await caller(config)).toBe("OFPROFILE");
});

test("keys of the environment come before its profile, as the provider has it", async () => {
  vi.stubEnv("AWS_CONFIG_FILE", profiles({ prod: key("OFPROFILE") }));
  vi.stubEnv("AWS_PROFILE", "prod");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "OFENV");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s");
  expect(await caller({})).toBe("OFENV");
});

test("nothing is set where the SDK finds the same by itself", () => {
  const { settings } = readProvider({ "aws:region": REGION });
  expect(credentialsOf(settings, REGION, {})).toBeUndefined();
  const keys = { AWS_ACCESS_KEY_ID: "A", AWS_SECRET_ACCESS_KEY: "s" };
  expect(credentialsOf(settings, REGION, keys)).toBeUndefined();
});

test("roles are assumed in turn, each once, with all that is said of them", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "OFENV");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s");
  const [first, second] = ROLES;
  const chain = [
    {
      roleArn: first,
      sessionName: "promote",
      externalId: "x-1",
      duration: "1h",
      policy: "{}",
      policyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
      tags: { team: "ops" },
      transitiveTagKeys: ["team"],
      sourceIdentity: "ada",
    },
    { roleArn: second },
  ];
  expect(await caller({ "aws:assumeRoles": JSON.stringify(chain) })).toBe("second");
  await identify(REGION);
  expect(asked.map(({ by, params }) => [params.get("Action"), by])).toEqual([
    ["AssumeRole", "OFENV"],
    ["AssumeRole", "first"],
    ["GetCallerIdentity", "second"],
    ["GetCallerIdentity", "second"],
  ]);
  expect(Object.fromEntries(asked[0]?.params ?? [])).toMatchObject({
    RoleArn: first,
    RoleSessionName: "promote",
    ExternalId: "x-1",
    DurationSeconds: "3600",
    Policy: "{}",
    "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
    "Tags.member.1.Key": "team",
    "Tags.member.1.Value": "ops",
    "TransitiveTagKeys.member.1": "team",
    SourceIdentity: "ada",
  });
  expect(asked[1]?.params.get("RoleSessionName")).toBe("cutover");
});

test("a role is assumed with an identity provider's token, which nothing signs", async () => {
  const file = join(folder, "token");
  writeFileSync(file, "t0ken\n");
  const config = { "aws:assumeRoleWithWebIdentity": { roleArn: ROLES[0], webIdentityTokenFile: file } };
  expect(await caller(config)).toBe("first");
  expect(asked[0]).toMatchObject({ by: undefined });
  expect(asked[0]?.params.get("WebIdentityToken")).toBe("t0ken");
});

test.each<[string, Record<string, unknown>, RegExp]>([
  [
    "a role that may not be assumed",
    { "aws:assumeRoles": [{ roleArn: "arn:aws:iam::123456789012:role/closed" }] },
    /aws:assumeRoles\[0\]: .*role\/closed is not assumed: not authorized to perform sts:AssumeRole\. .*trust policy/,
  ],
  [
    "a profile that is not there",
    { "aws:profile": "nowhere" },
    /aws:profile nowhere: gives no credentials: /,
  ],
  [
    "a token that is not there",
    { "aws:assumeRoleWithWebIdentity": { roleArn: ROLES[0], webIdentityTokenFile: "/nowhere/token" } },
    /aws:assumeRoleWithWebIdentity: .* is not assumed: ENOENT/,
  ],
])("%s is told in a sentence", async (_, config, said) => {
  closed = ["closed"];
  vi.stubEnv("AWS_ACCESS_KEY_ID", "OFENV");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s");
  vi.stubEnv("AWS_CONFIG_FILE", profiles({ prod: key("OFPROFILE") }));
  await expect(caller(config)).rejects.toMatchObject({
    name: "UserError",
    message: expect.stringMatching(said),
  });
});

test("what is tried in vain is tried anew", async () => {
  closed = ["first"];
  vi.stubEnv("AWS_ACCESS_KEY_ID", "OFENV");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s");
  const config = { "aws:assumeRoles": [{ roleArn: ROLES[0] }] };
  await expect(caller(config)).rejects.toThrow();
  closed = [];
  expect((await identify(REGION)).split("/").at(-1)).toBe("first");
});

test("on the way down the environment's credentials stand in, and it is said once why", async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "OFENV");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "s");
  const said: string[] = [];
  actAs(readProvider({ "aws:profile": "nowhere" }).settings, REGION, process.env, (why) => said.push(why));
  expect(await identify(REGION)).toMatch(/OFENV$/);
  await identify(REGION);
  expect(said).toEqual([expect.stringMatching(/aws:profile nowhere/)]);
});

test("a service is asked at the address that the provider is given for it", async () => {
  const there = process.env.AWS_ENDPOINT_URL;
  vi.stubEnv("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
  vi.stubEnv("AWS_ENDPOINT_URL_STS", "");
  expect(
    await caller({ "aws:endpoints": [{ sts: there }], "aws:accessKey": "A", "aws:secretKey": "s" }),
  ).toBe("A");
});
