import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Asked, ROLES, type Role, SEEN } from "../../../cli/permissions/asked";
import { GRANTS, statementsOf } from "../../../cli/permissions/policy";
import { runCutover } from "../../../cli/rehearse/command";
import { loadRollout } from "../../../src/rollout/load";
import { FAST, Ground, OFF, READ, type TestRollout, WRITE } from "../../engine/harness";
import { keepCalls, RECORDED, type RecordedCall, recordOf } from "./calls";
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
  const calls: RecordedCall[] = [];

  const as = async <T>(
    role: Role,
    command: string,
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
    for (const needed of aws.needed.slice(from)) {
      called.add(needed.action);
      if (without === undefined) calls.push(recordOf(role, command, needed));
    }
    seen.set(role, called);
    return done;
  };
  const up = (stack: "baseline" | "stageA" | "stageB", without?: string) =>
    as("promote", `up ${stack}`, without, (env) => rollout.up(stack, { env }));
  const cutover = (role: Role, ...args: string[]) => lacking(undefined, role, ...args);
  const lacking = (without: string | undefined, role: Role, ...args: string[]) =>
    as(role, args[0] ?? "", without, (env) =>
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
    await rollout.edit("stageB", ["cutover:stage", "exit", "Z1"], {
      title: "The database answers",
      source: "sql",
      query: "select 1",
      expect: { eq: 1 },
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
    await must(
      as("preview", "preview stageA", undefined, (env) => rollout.up("stageA", { preview: true, env })),
    );
    await must(up("stageA"));
    await sleep((24 * 3_600_000) / FAST + 500);
    await must(
      as("preview", "preview stageB", undefined, (env) => rollout.up("stageB", { preview: true, env })),
    );
    await must(cutover("preview", "preview", "-s", "stageB"));
    await must(up("stageB"));
    expect(await rollout.liveFlags()).toEqual(WRITE);
    await cutover("measure", "status", "-s", "stageB", "--gates");
    await cutover("measure", "check", "-s", "stageB");
    await must(cutover("measure", "report", "--html", join(rollout.project.folder, "report.html")));
    await must(cutover("doctor", "doctor", "--within", "180s"));
    await must(cutover("break-glass", "hold", "--reason", "a test"));
    await must(cutover("break-glass", "release", "--reason", "a test"));
    await must(cutover("promote", "drill", "-s", "stageB", "--page"));
    await must(
      as("drift", "refresh --preview-only stageB", undefined, (env) =>
        rollout
          .pulumi(["refresh", "--preview-only", "--stack", "stageB"], env)
          .then(({ code, stdout, stderr }) => ({ code, output: stdout + stderr })),
      ),
    );
    const finished = await cutover("promote", "finish", "--reason", "a test of finish");
    const reopen = finished.code === 0 ? ["--reopen"] : [];
    await must(cutover("break-glass", "abort", "-s", "stageB", ...reopen, "--reason", "a test"));
    expect(await rollout.liveFlags()).toEqual(READ);
    expect(aws.refused).toEqual([]);
    keepCalls(calls);
    expect(finished.code, finished.stderr).toBe(0);
  });

  it("calls nothing that is not in the list, which each permission is held to", () => {
    const known = new Set(RECORDED.map(({ role, action }) => `${role} ${action}`));
    const now = new Set(calls.map(({ role, action }) => `${role} ${action}`));
    expect([...now].filter((one) => !known.has(one))).toEqual([]);
  });

  it("without sns:Publish an abort goes on, and says what is missing and what prints it", async () => {
    const { stdout, stderr } = await lacking(
      "sns:Publish",
      "break-glass",
      ...["abort", "-s", "stageA", "--reason", "a test"],
    );
    expect(aws.refused.map(({ action }) => action)).toContain("sns:Publish");
    expect(await rollout.liveFlags()).toEqual(OFF);
    const said = (stdout + stderr).replaceAll(/\s+/g, " ");
    expect(said).toMatch(
      /AWS does not let arn:aws:sts::000000000000:assumed-role\/cutover\/job do sns:Publish on arn:/,
    );
    expect(said).toMatch(/permissions .*break-glass/);
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
    // A resource is made by the provider, which has AWS's own words.
    expect(output.replaceAll(/\s+/g, " ")).toMatch(new RegExp(`(?:do|perform:) ${action}`, "i"));
  });
});
