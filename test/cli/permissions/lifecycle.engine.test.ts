import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Asked, ROLES, type Role, SEEN } from "../../../cli/permissions/asked";
import { GRANTS, statementsOf } from "../../../cli/permissions/policy";
import { runCutover } from "../../../cli/rehearse/command";
import { loadRollout } from "../../../src/rollout/load";
import { FAST, Ground, OFF, type TestRollout, WRITE } from "../../engine/harness";
import { type Guarded, guarded } from "./iam";

/**
 * A rollout's whole life with every call held to the printed policies: nothing that it needs is missing, and nothing
 * that is said to have been seen was never called.
 */
describe("the printed policies", () => {
  let ground: Ground;
  let aws: Guarded;
  let rollout: TestRollout;
  let asked: Asked;
  const seen = new Map<Role, Set<string>>();

  const as = async <T>(
    role: Role,
    without: string | undefined,
    work: (env: Record<string, string>) => Promise<T>,
  ) => {
    const statements = statementsOf(role, asked).map((one) => ({
      ...one,
      Action: one.Action.filter((action) => action !== without),
    }));
    aws.as(statements, without !== undefined);
    const from = aws.needed.length;
    const done = await work({ AWS_ENDPOINT_URL: aws.url });
    const called = seen.get(role) ?? new Set();
    for (const { action } of aws.needed.slice(from)) called.add(action);
    seen.set(role, called);
    return done;
  };
  const up = (stack: "baseline" | "stageA" | "stageB", without?: string) =>
    as("promote", without, (env) => rollout.up(stack, { env }));
  const cutover = (role: Role, ...args: string[]) =>
    as(role, undefined, (env) =>
      runCutover(
        { sandbox: { ...ground.sandbox, env: { ...ground.sandbox.env, ...env } }, project: rollout.project },
        args,
      ),
    );

  beforeAll(async () => {
    ground = await Ground.open();
    aws = await guarded(ground.sandbox.aws.endpoint);
    rollout = await ground.rollout("allowed", { abortSwitch: true });
    await rollout.edit("stageB", ["cutover:stage", "abort", "XB3"], {
      title: "A signal in the database",
      probe: { query: "select count(*) from patches where false" },
      threshold: { gt: 0 },
      action: "rollback",
    });
    await rollout.edit("stageB", ["cutover:stage", "messages"], {
      C3: { title: "Much later", to: ["ops"], when: { after: "300d" } },
    });
    asked = {
      rollout: loadRollout(rollout.project.folder),
      ...{ partition: "aws", region: "us-east-1", account: "000000000000", application: "*" },
    };
  });
  afterAll(async () => {
    await aws?.stop();
    await ground?.close();
  });

  it("are all that a rollout needs, from its first stack to its last abort", async () => {
    const must = async (
      what: Promise<{ readonly code: number; readonly output?: string; readonly stderr?: string }>,
    ) => {
      const { code, output, stderr } = await what;
      expect(code, output ?? stderr).toBe(0);
    };
    await must(up("baseline"));
    await must(as("preview", undefined, (env) => rollout.up("stageA", { preview: true, env })));
    await must(up("stageA"));
    await sleep((24 * 3_600_000) / FAST + 500);
    await must(up("stageB"));
    expect(await rollout.liveFlags()).toEqual(WRITE);
    await cutover("measure", "status", "-s", "stageB", "--gates");
    await must(
      as("drift", undefined, (env) =>
        rollout
          .pulumi(["refresh", "--preview-only", "--stack", "stageB"], env)
          .then(({ code, stdout, stderr }) => ({ code, output: stdout + stderr })),
      ),
    );
    await must(cutover("break-glass", "abort", "-s", "stageA", "--reason", "a test"));
    expect(await rollout.liveFlags()).toEqual(OFF);
    expect(aws.refused).toEqual([]);
  });

  it("say of no action that it was seen which nobody ever called", () => {
    const called = new Set([...seen.values()].flatMap((some) => [...some]));
    const said = GRANTS.flatMap(({ actions }) =>
      Object.entries(actions).flatMap(([action, why]) => (why === SEEN ? [action] : [])),
    );
    expect([...new Set(said)].filter((action) => !called.has(action))).toEqual([]);
  });

  it("let those who only look start nothing", () => {
    expect(ROLES.filter((role) => seen.get(role)?.has("appconfig:StartDeployment"))).toEqual([
      "promote",
      "break-glass",
    ]);
  });

  // From the first call of a promotion to its last: each goes a little further on what the one before it made.
  it.each([
    "appconfig:ListDeployments",
    "appconfig:CreateHostedConfigurationVersion",
    "cloudwatch:DescribeAlarms",
    "appconfig:StartDeployment",
  ])("without %s nothing is raised", async (action) => {
    await rollout.edit("stageA", ["cutover:stage", "attempt"], 2);
    aws.refused.length = 0;
    const { code, output } = await up("stageA", action);
    expect(
      aws.refused.map((one) => one.action),
      output,
    ).toContain(action);
    expect(code, output).not.toBe(0);
    expect(await rollout.liveFlags()).toEqual(OFF);
  });
});
