import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { IAM } from "@aws-sdk/client-iam";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { STS } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { probePolicyOf } from "../../../components/permissions/probe";
import { silentProgress } from "../../../sandbox";
import { type MiniStack, startMiniStack } from "../../../sandbox/aws/ministack";
import { Processes } from "../../../sandbox/host/processes";
import { secretText } from "../../../src/probe/login";
import { createProbe } from "../../../src/probe/probe";
import { awsWorld } from "../../../src/probe/world";

/** The probe's role under the emulator's own IAM: it can do what a run needs, and nothing in it is too much. */
const NAMESPACE = "cutover/ops-view";
let dir: string;
let processes: Processes;
let emulator: MiniStack;
let own: string;
let other: string;
const at = () => ({
  endpoint: emulator.endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "cutover-iam-"));
  processes = new Processes(dir);
  const env = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", AUTH: "true" };
  emulator = await startMiniStack({ env, processes, progress: silentProgress, dir });
  const secrets = new SecretsManager(at());
  const secret = async (Name: string) =>
    (await secrets.createSecret({ Name, SecretString: secretText({ user: "gate", password: "x" }) })).ARN ??
    "";
  [own, other] = [await secret("own"), await secret("others")];
});
afterAll(async () => {
  await processes?.stop();
  rmSync(dir, { recursive: true, force: true });
  await processes?.release();
});

/** Runs a probe as somebody who has its role, less some permission. */
async function run({ without, secretArn = own }: { without?: string; secretArn?: string } = {}) {
  const iam = new IAM(at());
  const RoleName = `probe-${Math.random().toString(36).slice(2)}`;
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
    Action: one.Action.filter((action) => action !== without),
  })).filter(({ Action }: { Action: string[] }) => Action.length > 0);
  const { Role } = await iam.createRole({
    RoleName,
    AssumeRolePolicyDocument: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }],
    }),
  });
  await iam.putRolePolicy({
    RoleName,
    PolicyName: "probe",
    PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
  });
  const { Credentials } = await new STS(at()).assumeRole({
    RoleArn: Role?.Arn ?? "",
    RoleSessionName: "probe",
  });
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
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
      open: () => ({ observe: async () => ({ kind: "value", value: 7 }), close: async () => {} }),
      log: () => {},
    },
  );
  return probe();
}

test("the role is enough for a run", async () => {
  expect(await run()).toMatchObject({ values: { XB3: 7 }, failures: {} });
  const { Metrics = [] } = await new CloudWatch(at()).listMetrics({ Namespace: NAMESPACE });
  expect(Metrics.map(({ MetricName }) => MetricName).sort()).toEqual(["ProbeFailures-stageB", "XB3"]);
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
