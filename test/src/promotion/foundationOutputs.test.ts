import { describe, expect, test } from "vitest";
import { readProvider } from "../../../src/aws/identity/provider";
import { type FoundationOutputs, readFoundation } from "../../../src/promotion/foundationOutputs";
import type { Settings } from "../../../src/promotion/settings";
import type { Rollout } from "../../../src/rollout/rollout";
import { UserError } from "../../../src/text/problem";
import { declare } from "../../components/engine";
import { rollout } from "../../components/rollout";

const OUTPUTS = {
  applicationId: "app1",
  environmentId: "env1",
  profileId: "prof1",
  strategyId: "strategy1",
  topics: { onCall: "arn:on-call", ops: "arn:ops", stakeholders: "arn:stakeholders" },
};
const LOGIN = { user: "cutover_gate_ops_view", password: "kept-password" };

const settings: Settings = {
  stack: "stageA",
  organization: "organization",
  project: "ops-view",
  folder: "/nowhere",
  checkout: "/nowhere",
  region: "eu-central-1",
  timeScale: 1,
  awsEndpoint: undefined,
  tokens: {},
  provider: readProvider({}),
};

/** Reads what the stack `baseline` put out. */
async function read(outputs: Record<string, unknown>, spec: Rollout = rollout()) {
  const asked: unknown[] = [];
  let result: FoundationOutputs | undefined;
  let thrown: unknown;
  await declare(
    async () => {
      await readFoundation(spec, settings).then(
        (found) => {
          result = found;
        },
        (error: unknown) => {
          thrown = error;
        },
      );
      return {};
    },
    (type, inputs) => {
      if (type !== "pulumi:pulumi:readStackOutputs") return {};
      asked.push(inputs.name);
      return { outputs };
    },
    { stack: "stageA" },
  );
  return { asked, result, thrown };
}

async function refusal(outputs: Record<string, unknown>): Promise<string> {
  const { result, thrown } = await read(outputs);
  expect(result).toBeUndefined();
  expect(thrown).toBeInstanceOf(UserError);
  return (thrown as UserError).message;
}

test("reads the first stage's stack of the same project", async () => {
  const { asked, result } = await read({ ...OUTPUTS, gateLogin: LOGIN });
  expect(asked).toEqual(["organization/ops-view/baseline"]);
  expect(result).toEqual({
    ...OUTPUTS,
    store: { applicationId: "app1", environmentId: "env1", profileId: "prof1", region: "eu-central-1" },
    database: {
      host: "db.internal",
      port: 5432,
      database: "ops",
      ssl: "verify-full",
      schema: "app",
      user: "cutover_gate_ops_view",
      password: "kept-password",
    },
  });
});

describe("a baseline that is not up", () => {
  test.each([
    ["no outputs at all", {}],
    ...Object.keys(OUTPUTS).map((key): [string, object] => [`no ${key}`, { ...OUTPUTS, [key]: undefined }]),
    ["a topic too few", { ...OUTPUTS, topics: { onCall: "arn:on-call", ops: "arn:ops" } }],
    ["an id of a wrong type", { ...OUTPUTS, applicationId: 1 }],
  ])("%s", async (_, outputs) => {
    const message = await refusal(JSON.parse(JSON.stringify(outputs)));
    expect(message).toContain("The stack baseline, on which all stages stand, is not up");
    expect(message).toContain("Run pulumi up -s baseline first");
  });

  test("says so without the login", async () => {
    expect(await refusal({ gateLogin: LOGIN })).not.toContain("kept-password");
  });
});

describe("no database to measure in", () => {
  test("where the rollout declares none", async () => {
    const { result } = await read({ ...OUTPUTS, gateLogin: LOGIN }, rollout({ database: undefined }));
    expect(result?.database).toBeUndefined();
  });

  test.each([
    ["is missing", undefined],
    ["is of a wrong type", "postgres://user:password@host"],
    ["has no password", { user: "cutover_gate_ops_view" }],
  ])("where the login %s", async (_, gateLogin) => {
    const { result } = await read(gateLogin === undefined ? OUTPUTS : { ...OUTPUTS, gateLogin });
    expect(result).toMatchObject(OUTPUTS);
    expect(result?.database).toBeUndefined();
  });
});
