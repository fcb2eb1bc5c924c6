import { beforeAll, describe, expect, test } from "vitest";
import { Foundation } from "../../components/foundation";
import { functionHash } from "../../src/lambda/functions";
import { placesHash, placesOf } from "../../src/measuring/places";
import type { Rollout } from "../../src/rollout/rollout";
import { sha256 } from "../../src/text/digest";
import { type Declared, declare, filesOf, type State } from "./engine";
import { rollout } from "./rollout";

const AT = "eu-central-1:123456789012";
const SECRET = `arn:aws:secretsmanager:${AT}:secret:cutover/ops-view/gate-AbCdEf`;
const LOGS = `arn:aws:logs:${AT}:log-group:/aws/lambda/ops-view-measure`;
const FUNCTION = "Function ops-view-measure";
const vpc = { subnetIds: ["subnet-0a", "subnet-0b"], securityGroupIds: ["sg-0a"] };
const ecs = { cluster: "c", service: "s", port: 80, scheme: "http", restart: false };

/** What AWS would put out. */
const provider = (type: string, inputs: State, name: string): State => {
  if (type.includes("secret:Secret")) return { id: SECRET, arn: SECRET };
  if (type.includes("iam/role:")) return { arn: `arn:aws:iam::123456789012:role/${inputs.name}` };
  if (type.includes("lambda/function:")) return { arn: `arn:aws:lambda:${AT}:function:${inputs.name}` };
  if (type.includes("logGroup")) return { arn: `arn:aws:logs:${AT}:log-group:${inputs.name}` };
  if (type === "pulumi:index:Stash") return { output: "first-password" };
  return {
    arn: `arn:aws:sns:${AT}:${name}`,
    environmentId: "e",
    configurationProfileId: "p",
    versionNumber: 1,
  };
};

const found = (spec: Rollout) =>
  declare(
    () => ({ ...new Foundation(spec.name, { rollout: spec, region: "eu-central-1" }).outputs() }),
    provider,
    {
      stack: "baseline",
    },
  );

const spec = rollout({ measure: { vpc }, service: { url: "https://app.internal" } });
let declared: Declared;
beforeAll(async () => {
  declared = await found(spec);
});

const own = ({ all }: Declared) => all.filter(({ label }) => / ops-view-measure/.test(label));
const statements = (of: Declared) =>
  (
    JSON.parse(String(of.one("RolePolicy ops-view-measure-permissions").inputs.policy)) as {
      Statement: { Sid: string; Effect: string; Action: string[]; Resource: string[] }[];
    }
  ).Statement;

test("declares exactly these, and puts out how the function is called", () => {
  expect(
    own(declared)
      .map(({ label, parent }) => `${label} of ${parent}`)
      .sort(),
  ).toEqual([
    "Function ops-view-measure of Measure ops-view-measure",
    "LogGroup ops-view-measure-logs of Measure ops-view-measure",
    "Measure ops-view-measure of Foundation ops-view",
    "Role ops-view-measure-role of Measure ops-view-measure",
    "RolePolicy ops-view-measure-permissions of Measure ops-view-measure",
  ]);
  expect(declared.outputs).toMatchObject({
    measuring: { functionArn: `arn:aws:lambda:${AT}:function:ops-view-measure` },
  });
});

test("declares nothing, and puts out nothing, where the rollout asks for none", async () => {
  const without = await found(rollout());
  expect(own(without)).toEqual([]);
  expect(without.outputs).not.toHaveProperty("measuring");
});

describe("the function", () => {
  test("has these inputs", () => {
    const { code: _, ...inputs } = declared.one(FUNCTION).inputs;
    expect(inputs).toEqual({
      name: "ops-view-measure",
      description: "Looks at the gates of ops-view for whoever promotes",
      role: "arn:aws:iam::123456789012:role/ops-view-measure-eu-central-1",
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      handler: "index.handler",
      memorySize: 512,
      timeout: 300,
      environment: { variables: { NODE_EXTRA_CA_CERTS: "/var/runtime/ca-cert.pem" } },
      vpcConfig: vpc,
    });
  });

  test("is made once it may join its network, and the login is there", () => {
    expect(declared.one(FUNCTION).dependsOn).toEqual(
      expect.arrayContaining([
        "RolePolicy ops-view-measure-permissions",
        "LogGroup ops-view-measure-logs",
        "SecretVersion ops-view-database-secret",
      ]),
    );
  });

  test("has the code and the places that a program expects, and no secret", async () => {
    const files = await filesOf(declared.one(FUNCTION));
    const config = JSON.parse(files["config.json"] ?? "");
    expect(config).toEqual({
      rollout: "ops-view",
      region: "eu-central-1",
      secretArn: SECRET,
      places: {
        service: "https://app.internal",
        database: { host: "db.internal", port: 5432, database: "ops", ssl: "verify-full", schema: "app" },
      },
    });
    expect(sha256(files["index.js"] ?? "")).toBe(await functionHash("measure"));
    expect(placesHash(config.places)).toBe(placesHash(placesOf(spec)));
    expect(JSON.stringify(files)).not.toContain("first-password");
  });

  test("is called by nobody but those of the account whose own policy says so", () => {
    expect(declared.labels.filter((label) => label.startsWith("Permission "))).toEqual([]);
  });
});

describe("the role", () => {
  test("may do this and nothing else", () => {
    const network = [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:UnassignPrivateIpAddresses",
    ];
    expect(statements(declared)).toEqual([
      { Sid: "LogIn", Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: [SECRET] },
      {
        Sid: "Log",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: [`${LOGS}:*`],
      },
      { Sid: "JoinNetwork", Effect: "Allow", Action: network, Resource: ["*"] },
      {
        Sid: "NotByTheCode",
        Effect: "Deny",
        Action: network,
        Resource: ["*"],
        Condition: {
          ArnEquals: { "lambda:SourceFunctionArn": [`arn:aws:lambda:${AT}:function:ops-view-measure`] },
        },
      },
    ]);
  });

  test("logs in by IAM where the rollout says so, and reads no secret", async () => {
    const host = "ops-db.c4k2m8p1x7qz.eu-west-1.rds.amazonaws.com";
    const login = { auth: "iam", resource: "db-ABC123" };
    const database = { host, name: "ops", schema: "app", reads: ["patches"], login };
    const byIam = await found(rollout({ measure: { vpc }, database }));
    expect(statements(byIam)[0]).toEqual({
      Sid: "LogInByIam",
      Effect: "Allow",
      Action: ["rds-db:connect"],
      Resource: ["arn:aws:rds-db:eu-west-1:123456789012:dbuser:db-ABC123/cutover_gate_ops_view"],
    });
    const { "config.json": config = "" } = await filesOf(byIam.one(FUNCTION));
    expect(JSON.parse(config).iam).toEqual({ user: "cutover_gate_ops_view", iam: { region: "eu-west-1" } });
    expect(JSON.parse(config)).not.toHaveProperty("secretArn");
  });

  test("reads no secret where there is no database, and lists tasks only where there are services of ECS", async () => {
    const without = await found(
      rollout(
        { measure: { vpc }, database: undefined, servers: { urls: [], ecs: [ecs], path: "/flags" } },
        { stageA: { exit: {} } },
      ),
    );
    expect(statements(without).map(({ Sid }) => Sid)).toEqual([
      "LookAtGates",
      "Log",
      "JoinNetwork",
      "NotByTheCode",
    ]);
    expect(statements(without)[0]?.Action).toEqual(["ecs:DescribeTasks", "ecs:ListTasks"]);
    const { "config.json": config = "" } = await filesOf(without.one(FUNCTION));
    expect(JSON.parse(config)).not.toHaveProperty("secretArn");
    expect(without.one(FUNCTION).inputs).not.toHaveProperty("environment");
  });
});
