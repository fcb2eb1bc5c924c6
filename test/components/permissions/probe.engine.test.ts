import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, expect, test } from "vitest";
import { probePolicyOf } from "../../../components/permissions/probe";
import { secretText } from "../../../src/probe/login";
import { createProbe } from "../../../src/probe/probe";
import { awsWorld } from "../../../src/probe/world";
import { type Enforced, openEnforced } from "./enforced";

/** The probe's role under the emulator's own IAM: it can do what a run needs, and nothing in it is too much. */
const NAMESPACE = "cutover/ops-view";
let enforced: Enforced;
let own: string;
let other: string;
const at = () => enforced.at;

beforeAll(async () => {
  enforced = await openEnforced();
  const secrets = new SecretsManager(at());
  const secret = async (Name: string) =>
    (await secrets.createSecret({ Name, SecretString: secretText({ user: "gate", password: "x" }) })).ARN ??
    "";
  [own, other] = [await secret("own"), await secret("others")];
});
afterAll(async () => {
  await enforced?.stop();
});

/** Runs a probe as somebody who has its role, less some permission. */
async function run({ without, secretArn = own }: { without?: string; secretArn?: string } = {}) {
  const policy = JSON.parse(
    probePolicyOf({
      namespace: NAMESPACE,
      logsIn: { secretArn: own },
      logsArn: "arn:aws:logs:us-east-1:000000000000:log-group:x",
    }),
  );
  const Statement = policy.Statement.map((one: { Action: string[]; Condition?: object }) => ({
    ...one,
    // The emulator does not know the namespace that a call is for, and would refuse each.
    Condition: undefined,
  }));
  const credentials = await enforced.as(Statement, without);
  const probe = createProbe(
    {
      rollout: "ops-view",
      stage: "stageB",
      database: { host: "", port: 1, database: "", ssl: "disable", schema: "" },
      login: { secretArn },
      rows: { XB3: { query: "select 7", values: [], timeout: "1s" } },
    },
    {
      ...awsWorld(NAMESPACE, { ...at(), credentials }),
      open: () => ({
        observe: async () => ({ kind: "value", value: 7 }),
        reach: async () => undefined,
        reading: async () => ({ failure: "bad-answer: nothing is compared here" }),
        close: async () => {},
      }),
      log: () => {},
    },
  );
  return probe();
}

test("the role is enough for a run", async () => {
  expect(await run()).toMatchObject({ values: { XB3: 7 }, failures: {} });
  const { Metrics = [] } = await new CloudWatch(at()).listMetrics({ Namespace: NAMESPACE });
  expect(Metrics.map(({ MetricName }) => MetricName).sort()).toEqual([
    "ProbeFailures-stageB",
    "ProbeLogin-stageB",
    "XB3",
  ]);
});

test("without secretsmanager:GetSecretValue, no row is measured", async () => {
  const { failures } = await run({ without: "secretsmanager:GetSecretValue" });
  expect(failures.XB3).toMatch(/could not be read: AccessDenied/);
});

test("nobody else's secret is read", async () => {
  const { failures } = await run({ secretArn: other });
  expect(failures.XB3).toMatch(/could not be read: AccessDenied/);
});

test("without cloudwatch:PutMetricData, the run fails", async () => {
  await expect(run({ without: "cloudwatch:PutMetricData" })).rejects.toThrow(
    /not authorized|denied|does not let/i,
  );
});
