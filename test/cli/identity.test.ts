import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { actAsStack } from "../../cli/identity";
import { actAs } from "../../src/aws/identity/actAs";

vi.mock("../../src/aws/identity/actAs");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cutover-acts-"));
  const stack = (name: string, config: object) =>
    writeFileSync(join(folder, `Pulumi.${name}.yaml`), JSON.stringify({ config }));
  stack("baseline", {
    "aws:region": "eu-central-1",
    "aws:profile": "prod",
    "cutover:rollout": { name: "ops-view", flags: { READ: { kind: "boolean" } } },
  });
  stack("stageA", {
    "aws:region": "eu-west-1",
    "aws:assumeRoles": [{ roleArn: "arn:aws:iam::123456789012:role/a" }],
  });
  stack("a-first", { "aws:profile": "none of the rollout's" });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  vi.clearAllMocks();
});

function act(given: Partial<Parameters<typeof actAsStack>[0]>, env: NodeJS.ProcessEnv = {}) {
  const said: string[] = [];
  actAsStack({ folder, lowers: false, ...given }, env, (line) => said.push(line));
  const [settings, region, , instead] = vi.mocked(actAs).mock.lastCall ?? [];
  return { settings, region, instead, env, said };
}

test("a command acts as the rollout's first stack, or as the stage's that it is about", () => {
  expect(act({})).toMatchObject({ settings: { profile: "prod" }, region: "eu-central-1", said: [] });
  expect(act({ stage: "stageA" })).toMatchObject({
    settings: { assumeRoles: [{ roleArn: "arn:aws:iam::123456789012:role/a" }] },
    region: "eu-west-1",
  });
});

test("the region is the one that is typed, else the config's, as the provider has it, else the environment's", () => {
  const env = () => ({ AWS_REGION: "us-east-1" });
  expect(act({ region: "ap-south-1" }, env()).env.AWS_REGION).toBe("ap-south-1");
  expect(act({}, env()).env.AWS_REGION).toBe("eu-central-1");
  writeFileSync(join(folder, "Pulumi.baseline.yaml"), "config: {}");
  writeFileSync(join(folder, "Pulumi.stageA.yaml"), "config: {}");
  expect(act({}, env()).env.AWS_REGION).toBe("us-east-1");
});

test("on the way down alone, the environment's credentials may stand in", () => {
  expect(act({ lowers: true }).instead).toBeTypeOf("function");
  expect(act({}).instead).toBeUndefined();
});

test("what cannot be followed is said, and stops nothing", () => {
  writeFileSync(
    join(folder, "Pulumi.stageA.yaml"),
    "config: { aws:accessKey: { secure: v1:abc }, aws:secretKey: { secure: v1:d } }",
  );
  const { said, settings } = act({ stage: "stageA" });
  expect(said.join("\n")).toMatch(/WARNING: Pulumi\.stageA\.yaml aws:accessKey: is encrypted/);
  expect(settings).toMatchObject({ assumeRoles: [] });
});

test("in a sandbox, and without stack files, the environment says who", () => {
  act({}, { AWS_ENDPOINT_URL: "http://127.0.0.1:4566", AWS_REGION: "us-east-1" });
  act({ folder: undefined }, { AWS_REGION: "us-east-1" });
  expect(actAs).not.toHaveBeenCalled();
});
