import { ECS } from "@aws-sdk/client-ecs";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { measurePolicyOf } from "../../../components/permissions/measure";
import { callAs } from "../../../src/aws/clients";
import type { Observation } from "../../../src/gates/observation";
import { KINDS } from "../../../src/gates/registry";
import { respond } from "../../../src/lambda/measureWorld";
import { type MeasureSettings, placesHash } from "../../../src/measuring/places";
import { secretText } from "../../../src/probe/login";
import { gateOf, sqlGate } from "../../support/build";
import { type Enforced, openEnforced } from "./enforced";

/** The measuring function's role under the emulator's own IAM: what it may do is what it does. */
const CODE = "c".repeat(64);
const SERVICE = { cluster: "ops", service: "web", port: 80, scheme: "http", restart: false } as const;
const GATES = [sqlGate("A1", {}), gateOf("S1", { source: "convergence" })];
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
  const ecs = new ECS(at());
  await ecs.createCluster({ clusterName: SERVICE.cluster });
});
afterAll(async () => {
  await enforced?.stop();
});
afterEach(() => {
  callAs({});
  vi.unstubAllEnvs();
});

const looks = Object.values(KINDS).flatMap((kind) =>
  "inNetwork" in kind && kind.inNetwork && "awsActions" in kind ? (kind.awsActions ?? []) : [],
);
const policy = () =>
  JSON.parse(
    measurePolicyOf({
      secretArn: own,
      looks,
      logsArn: "arn:aws:logs:us-east-1:000000000000:log-group:x",
      functionName: "ops-view-measure",
    }),
  ) as { Statement: { Action: string[]; Condition?: object }[] };

/** Looks as somebody who has the function's role, less some permission. What was seen of each gate, in words. */
async function seen({ without, secretArn = own }: { without?: string; secretArn?: string } = {}) {
  vi.stubEnv("AWS_ENDPOINT_URL", enforced.at.endpoint);
  callAs({ credentials: await enforced.as(policy().Statement, without) });
  const settings: MeasureSettings = {
    ...{ rollout: "ops-view", region: "us-east-1", secretArn },
    places: {
      database: { host: "127.0.0.1", port: 1, database: "ops", ssl: "disable", schema: "public" },
      servers: { urls: [], ecs: [SERVICE], path: "/flags", at: "" },
    },
  };
  const { result } = await respond(
    {
      ...{ cutover: 1, nonce: "a".repeat(32), rollout: "ops-view", stage: "stageA", attempt: 1 },
      ...{ code: CODE, places: placesHash(settings.places) },
      asked: {
        ...{ kind: "gates", gates: GATES, liveSince: null, parameters: {} },
        ...{ timeScale: 1, acting: false, tokens: {} },
      },
    },
    settings,
    CODE,
    { getRemainingTimeInMillis: () => 20_000 },
  );
  if (!("seen" in result)) throw new Error(result.refused);
  const [sql, servers] = (result.seen as Observation[]).map((one) =>
    one.seen.kind === "failure" ? one.seen.message : one.seen.kind,
  );
  return { sql, servers };
}

const DENIED = /not authorized|denied|does not let/i;

test("its role gets it as far as the database and the list of tasks", async () => {
  const { sql, servers } = await seen();
  expect(sql).toMatch(/ECONNREFUSED/);
  expect(servers).not.toMatch(DENIED);
});

describe("without one of its permissions", () => {
  test("secretsmanager:GetSecretValue, it does not log in, and says so", async () => {
    const { sql } = await seen({ without: "secretsmanager:GetSecretValue" });
    expect(sql).toMatch(/cannot read the gate role's login: /);
    expect(sql).toMatch(DENIED);
  });

  test("ecs:ListTasks, it does not know which servers there are, and says so", async () => {
    const { servers } = await seen({ without: "ecs:ListTasks" });
    expect(servers).toMatch(/tasks cannot be listed: /);
    expect(servers).toMatch(DENIED);
  });
});

test("it reads no secret but its own", async () => {
  expect((await seen({ secretArn: other })).sql).toMatch(DENIED);
});

test("each of its other permissions is Lambda's own to use, or cannot be shown here", () => {
  /** Why no test above takes it away. */
  const because: Readonly<Record<string, string>> = {
    "ecs:DescribeTasks": "the emulator runs no task that could be described",
    "logs:CreateLogStream": "Lambda writes the log by it",
    "logs:PutLogEvents": "Lambda writes the log by it",
  };
  const shown = ["secretsmanager:GetSecretValue", "ecs:ListTasks"];
  const all = policy().Statement.flatMap(({ Action }) => Action);
  const network = all.filter((action) => action.startsWith("ec2:"));
  expect(all.filter((action) => !network.includes(action)).sort()).toEqual(
    [...new Set([...shown, ...Object.keys(because)])].sort(),
  );
  // By these Lambda joins the VPC, and none of them is a person's way into it.
  expect(network.every((action) => /NetworkInterface|Subnets|PrivateIpAddresses/.test(action))).toBe(true);
});
