import { describe, expect, test } from "vitest";
import { readSettings, type Settings } from "../../../src/promotion/settings";
import { UserError } from "../../../src/text/problem";
import { declare } from "../../components/engine";

const LOCAL = "http://127.0.0.1:4566";
const REGION = { "aws:region": "eu-central-1" };
const SCALED = { ...REGION, "cutover:timeScale": "3600" };

async function read(config: Record<string, string>, env: NodeJS.ProcessEnv = {}): Promise<Settings> {
  let settings: Settings | undefined;
  let thrown: unknown;
  await declare(
    () => {
      try {
        settings = readSettings("/checkout", env);
      } catch (error) {
        thrown = error;
      }
      return {};
    },
    undefined,
    { config, stack: "stageA" },
  );
  if (!settings) throw thrown;
  return settings;
}

async function refusal(config: Record<string, string>, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const error: unknown = await read(config, env).then(
    () => "nothing was refused",
    (refused) => refused,
  );
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message;
}

test("says which stack of which project runs, and where", async () => {
  expect(await read(REGION)).toEqual({
    stack: "stageA",
    organization: "organization",
    project: "ops-view",
    folder: expect.any(String),
    checkout: "/checkout",
    region: "eu-central-1",
    timeScale: 1,
    awsEndpoint: undefined,
    tokens: {},
    provider: { settings: expect.objectContaining({ region: "eu-central-1" }), problems: [] },
  });
});

describe("the bearer tokens", () => {
  test("are those of the stack, by role", async () => {
    const tokens = { "cutover:token-admin": "one", "cutover:token-Ops-2": "two" };
    expect((await read({ ...REGION, ...tokens })).tokens).toEqual({ admin: "one", "Ops-2": "two" });
  });

  test("are a preview's own where it has a copy of the state, with one for each role of the stack", async () => {
    const config = { ...REGION, "cutover:token-admin": "https://withheld.invalid/" };
    const copy = (own?: string) => ({
      CUTOVER_COPY: "1",
      ...(own === undefined ? {} : { PREVIEW_TOKENS: own }),
    });
    expect((await read(config, copy('{"admin": "reads"}'))).tokens).toEqual({ admin: "reads" });
    expect((await read(config, copy('{"other": "reads"}'))).tokens).toEqual({});
    expect((await read(config, copy())).tokens).toEqual({});
    expect(await refusal(config, copy("{"))).toContain("PREVIEW_TOKENS: is no JSON object");
  });

  test("are nobody else's keys", async () => {
    const others = { "cutover:token": "one", "other:token-admin": "two", "cutover:stage": "{}" };
    expect((await read({ ...REGION, ...others })).tokens).toEqual({});
  });
});

describe("the region", () => {
  test.each([
    ["config before the environment", REGION, { AWS_REGION: "us-east-1" }, "eu-central-1"],
    ["AWS_REGION", {}, { AWS_REGION: "us-east-1", AWS_DEFAULT_REGION: "us-west-2" }, "us-east-1"],
    ["AWS_DEFAULT_REGION", {}, { AWS_DEFAULT_REGION: "us-west-2" }, "us-west-2"],
  ])("%s", async (_, config, env, region) => {
    expect((await read(config, env)).region).toBe(region);
  });

  test.each([{}, { AWS_REGION: "" }])("none: %o", async (env) => {
    const message = await refusal({}, env);
    expect(message).toContain("No AWS region is set");
    expect(message).toContain("aws:region: is missing. pulumi config set -s stageA aws:region");
    expect(message).toContain("AWS_REGION");
  });
});

describe("scaled time", () => {
  test.each([LOCAL, "http://localhost:4566", "http://[::1]:4566"])("on %s", async (url) => {
    expect(await read(SCALED, { AWS_ENDPOINT_URL: url })).toMatchObject({
      timeScale: 3600,
      awsEndpoint: url,
    });
  });

  test.each([
    ["AWS itself", SCALED, {}, "it is not set"],
    ["an endpoint elsewhere", SCALED, { AWS_ENDPOINT_URL: "https://aws.example.com" }, "AWS_ENDPOINT_URL"],
    [
      "one service's endpoint elsewhere",
      SCALED,
      { AWS_ENDPOINT_URL: LOCAL, AWS_ENDPOINT_URL_RDS: "https://rds.example.com" },
      "AWS_ENDPOINT_URL_RDS points elsewhere",
    ],
    [
      "the provider's own endpoints",
      { ...SCALED, "aws:endpoints": `[{"rds":"${LOCAL}"}]` },
      { AWS_ENDPOINT_URL: LOCAL },
      "aws:endpoints",
    ],
    [
      "endpoints that the SDK ignores",
      SCALED,
      { AWS_ENDPOINT_URL: LOCAL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" },
      "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    ],
  ])("is refused on %s", async (_, config, env, why) => {
    const message = await refusal(config, env);
    expect(message).toContain("Scaled time is for the sandbox only");
    expect(message).toContain("cutover:timeScale: ");
    expect(message).toContain(why);
    expect(message).toContain("Remove cutover:timeScale");
  });

  test.each(["0", "-1", "0.5", "Infinity"])("is refused as a factor of %s", async (factor) => {
    const config = { ...REGION, "cutover:timeScale": factor };
    expect(await refusal(config, { AWS_ENDPOINT_URL: LOCAL })).toContain("must be a number of at least 1");
  });

  test("is real time where the factor is 1, anywhere", async () => {
    const config = { ...REGION, "cutover:timeScale": "1" };
    expect((await read(config, { AWS_ENDPOINT_URL: "https://aws.example.com" })).timeScale).toBe(1);
  });
});
