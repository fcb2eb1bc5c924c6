import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { IAM } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emulated } from "../../sandbox/aws/emulated";
import { Ground, outcome, type TestRollout } from "./harness";

/** The emulator knows accounts: a key of 12 digits is one, and any other key is of this one. */
const ACCOUNT = "000000000000";
/** As whom whoever runs pulumi is logged in: of another account, in which nothing is. */
const LOGGED_IN = { AWS_ACCESS_KEY_ID: "111122223333", AWS_SECRET_ACCESS_KEY: "s" };

describe("a stack whose provider is configured with an identity", () => {
  let ground: Ground;

  beforeAll(async () => {
    ground = await Ground.open();
  });
  afterAll(() => ground?.close());

  const say = async (rollout: TestRollout, key: string, value: unknown) => {
    for (const stack of ["baseline", "stageA"] as const) await rollout.edit(stack, [key], value);
  };

  /** Both stacks come up, and nothing differs afterwards; returns the account in which everything is. */
  async function promoted(rollout: TestRollout, env: Readonly<Record<string, string>>): Promise<string> {
    for (const stack of ["baseline", "stageA"] as const) {
      const run = await rollout.up(stack, { env });
      expect(run.code, run.output).toBe(0);
    }
    expect(await outcome(rollout.up("stageA", { env }))).toBe("unchanged");
    const { stdout } = await rollout.must(["stack", "output", "topics", "--json", "--stack", "baseline"]);
    return String(JSON.parse(stdout).onCall).split(":")[4] ?? "";
  }

  it("is promoted as the role that it assumes, by the program as by the provider", async () => {
    const iam = new IAM(emulated(ground.sandbox.aws));
    const Principal = { AWS: "*" };
    const trust = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal, Action: "sts:AssumeRole" }],
    };
    await iam.createRole({ RoleName: "promoter", AssumeRolePolicyDocument: JSON.stringify(trust) });
    iam.destroy();
    const rollout = await ground.rollout("assumed");
    const role = { roleArn: `arn:aws:iam::${ACCOUNT}:role/promoter`, sessionName: "up", duration: "1h" };
    await say(rollout, "aws:assumeRoles", [role]);
    expect(await promoted(rollout, LOGGED_IN)).toBe(ACCOUNT);
  });

  it("is promoted as its profile, of the file that the environment names", async () => {
    const rollout = await ground.rollout("profiled");
    const file = join(ground.sandbox.dir, "aws-config");
    await writeFile(file, "[profile prod]\naws_access_key_id = test\naws_secret_access_key = test\n");
    await say(rollout, "aws:profile", "prod");
    expect(await promoted(rollout, { ...LOGGED_IN, AWS_CONFIG_FILE: file })).toBe(ACCOUNT);
  });

  it("is told in a sentence that its profile is not there, and makes nothing", async () => {
    const rollout = await ground.rollout("nowhere");
    await say(rollout, "aws:profile", "nowhere");
    const run = await rollout.up("baseline");
    expect(run.code).not.toBe(0);
    expect(run.output.replaceAll(/\s+/g, " ")).toMatch(/aws:profile nowhere gives no credentials/);
    expect(run.output).not.toMatch(/^\s+at .*\.ts/m);
    const { stdout } = await rollout.must(["stack", "export", "--stack", "baseline"]);
    expect(stdout).not.toContain("aws:sns/topic:Topic");
  });
});
