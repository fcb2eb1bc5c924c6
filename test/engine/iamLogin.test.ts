import { join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emulated } from "../../sandbox/aws/emulated";
import { Ground, OFF, outcome, READ, type TestRollout } from "./harness";

const VPC = { subnetIds: ["subnet-0a1b2c3d4e5f60718"], securityGroupIds: ["sg-0a1b2c3d4e5f60718"] };

/** What each token has in it. */
const TOKEN = /X-Amz-Signature|Action=connect/;

/** Promotions of a rollout whose gates log in by tokens of IAM: through the pooler, which alone takes them. */
describe("a login that IAM vouches for", () => {
  let ground: Ground;
  const rollouts: TestRollout[] = [];

  beforeAll(async () => {
    ground = await Ground.open();
  });
  afterAll(() => ground?.close());

  async function byIam(name: string): Promise<TestRollout> {
    const rollout = await ground.rollout(name, { stacks: ["baseline", "stageA"] });
    rollouts.push(rollout);
    const database = ["cutover:rollout", "database"];
    await rollout.edit("baseline", [...database, "port"], ground.sandbox.poolerPort);
    await rollout.edit("baseline", [...database, "login"], { auth: "iam" });
    await rollout.edit("stageA", ["cutover:stage", "abort", "XP"], {
      title: "Nobody is an admin",
      probe: { query: "select count(*) = 0 from patches where workspace_id = $1", values: ["{workspace}"] },
      threshold: { gt: 0 },
      action: "page",
      runbook: "Look who was taken away",
    });
    return rollout;
  }

  /** How the server knows the role, and which secrets the account keeps for the rollout's database. */
  async function kept(name: string, rollout: TestRollout) {
    const { rows } = await rollout.pool.query(
      "select rolpassword as password, pg_has_role(rolname, 'rds_iam', 'member') as iam from pg_authid where rolname = $1",
      [`cutover_gate_${name.replaceAll("-", "_")}`],
    );
    const client = new SecretsManagerClient(emulated(ground.sandbox.aws));
    try {
      const { SecretList = [] } = await client.send(new ListSecretsCommand({}));
      const secrets = SecretList.flatMap((one) =>
        one.Name?.startsWith(`cutover/${name}/`) ? [one.Name] : [],
      );
      return { rows, secrets };
    } finally {
      client.destroy();
    }
  }

  async function probed(name: string): Promise<unknown> {
    const client = new LambdaClient(emulated(ground.sandbox.aws));
    try {
      const { Payload = [] } = await client.send(new InvokeCommand({ FunctionName: `${name}-stageA-probe` }));
      return JSON.parse(Buffer.from(Payload).toString());
    } finally {
      client.destroy();
    }
  }

  it("is blocked, raised and watched by tokens alone: nobody keeps a password", async () => {
    const rollout = await byIam("by-iam");
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
    expect(await kept("by-iam", rollout)).toEqual({ rows: [{ password: null, iam: true }], secrets: [] });

    await rollout.pool.query("revoke rds_iam from cutover_gate_by_iam");
    const run = await rollout.up("stageA");
    expect(run.outcome, run.output).toBe("blocked");
    expect(run.verdicts.map(({ gate, outcome: came, observed }) => [gate, came, observed])).toEqual(
      ["A1", "A3", "A4"].map((gate) => [
        gate,
        "inconclusive",
        expect.stringMatching(/^refused: the server asks cutover_gate_by_iam for a password, and not IAM/),
      ]),
    );
    expect(await rollout.liveFlags()).toEqual(OFF);

    await rollout.pool.query("grant rds_iam to cutover_gate_by_iam");
    expect(await outcome(rollout.up("stageA"))).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(READ);
    expect(await probed("by-iam")).toMatchObject({ values: { XP: 0 }, failures: {} });
  });

  it("is raised by the measuring function's own tokens, where pulumi itself has no way in", async () => {
    const rollout = await byIam("by-iam-away");
    await rollout.edit("baseline", ["cutover:rollout", "measure"], { vpc: VPC });
    expect(await outcome(rollout.up("baseline"))).toBe("promoted");
    const { poolerPort, postgres } = ground.sandbox;
    const outside = {
      NODE_OPTIONS: `--require ${join(__dirname, "noWayIn.cjs")}`,
      NO_WAY_IN: `${poolerPort},${postgres.port}`,
    };
    expect(await outcome(rollout.up("stageA", { env: outside }))).toBe("promoted");
    expect(await rollout.liveFlags()).toEqual(READ);
    expect(await kept("by-iam-away", rollout)).toEqual({
      rows: [{ password: null, iam: true }],
      secrets: [],
    });
    expect(await probed("by-iam-away")).toMatchObject({ values: { XP: 0 }, failures: {} });
  });

  it("leaves no token in what was printed, or in a state", async () => {
    for (const rollout of rollouts)
      for (const stack of ["baseline", "stageA"] as const)
        expect(JSON.stringify(await rollout.state(stack))).not.toMatch(TOKEN);
    for (const text of ground.printed) expect(text).not.toMatch(TOKEN);
  });
});
