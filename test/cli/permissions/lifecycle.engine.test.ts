import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SEEN } from "../../../cli/permissions/asked";
import { GRANTS } from "../../../cli/permissions/policy";
import { FAST, OFF, READ, until, WRITE } from "../../engine/harness";
import { keepCalls, RECORDED } from "./calls";
import { type Came, Life } from "./life";

/**
 * A rollout's whole life with every call held to the printed policies: nothing that it needs is missing, and nothing
 * that is said to have been seen was never called. Each test leans on those before it.
 */
describe("the printed policies", () => {
  let life: Life;
  const must = async (what: Promise<Came>) => {
    const { code, output } = await what;
    expect(code, output).toBe(0);
    return output;
  };

  beforeAll(async () => {
    life = await Life.open();
  });
  afterAll(async () => {
    await life?.close();
  });

  it("are all that it takes before there is anything", async () => {
    await must(life.cutover("doctor", "doctor", "--within", "180s"));
    const { output } = await life.cutover("measure", "status");
    expect(output).not.toMatch(/does not let|could not be/);
    await must(life.up("baseline"));
    await life.listen();
    expect(life.aws.refused).toEqual([]);
  });

  it("are all that a promotion needs, and whoever tries its way back", async () => {
    await must(life.up("stageA", { preview: true }));
    await must(life.up("stageA"));
    await must(life.cutover("promote", "drill", "-s", "stageA", "--page"));
    await must(life.cutover("break-glass", "ack", await codeOf()));
    await must(life.cutover("promote", "drill", "-s", "stageA"));
    await must(life.cutover("break-glass", "dismiss", "-s", "stageA", "--row", "T9", "--reason", "a test"));
    expect(await life.rollout.liveFlags()).toEqual(READ);
    await sleep((24 * 3_600_000) / FAST + 500);
    await must(life.up("stageB", { preview: true }));
    await must(life.cutover("preview", "preview", "-s", "stageB"));
    await must(life.up("stageB"));
    expect(await life.rollout.liveFlags()).toEqual(WRITE);
    expect(life.aws.refused).toEqual([]);
  });

  it("are all that looking needs", async () => {
    await life.cutover("measure", "status", "-s", "stageB", "--gates");
    await life.cutover("measure", "check", "-s", "stageB");
    await life.cutover("measure", "prove", "-s", "stageB");
    const file = join(life.rollout.project.folder, "report.html");
    await must(life.cutover("measure", "report", "--html", file));
    await must(life.cutover("doctor", "doctor", "--within", "180s"));
    await must(life.pulumi("drift", "stageB", "refresh", "--preview-only"));
    expect(life.aws.refused).toEqual([]);
  });

  it("are all that its end needs, and its last abort", async () => {
    await must(life.cutover("break-glass", "hold", "--reason", "a test"));
    await must(life.cutover("break-glass", "release", "--reason", "a test"));
    await must(life.cutover("promote", "finish", "--reason", "a test of finish"));
    await must(life.cutover("break-glass", "abort", "-s", "stageB", "--reopen", "--reason", "a test"));
    expect(await life.rollout.liveFlags()).toEqual(READ);
    expect(life.aws.refused).toEqual([]);
  });

  it("without sns:Publish an abort goes on, and says what is missing and what prints it", async () => {
    const { output } = await life.lacking(
      "sns:Publish",
      "break-glass",
      ...["abort", "-s", "stageA", "--reason", "a test"],
    );
    expect(life.aws.refused.map(({ action }) => action)).toContain("sns:Publish");
    expect(await life.rollout.liveFlags()).toEqual(OFF);
    const said = output.replaceAll(/\s+/g, " ");
    expect(said).toMatch(
      /AWS does not let arn:aws:sts::000000000000:assumed-role\/cutover\/job do sns:Publish on arn:/,
    );
    expect(said).toMatch(/permissions .*break-glass/);
  });

  // From the first call of a promotion to its last: each goes a little further on what the one before it made.
  it.each([
    "appconfig:ListDeployments",
    "appconfig:CreateHostedConfigurationVersion",
    "cloudwatch:DescribeAlarms",
    "appconfig:StartDeployment",
  ])("without %s nothing is raised", async (action) => {
    await life.rollout.edit("stageA", ["cutover:stage", "attempt"], 2);
    life.aws.refused.length = 0;
    const { code, output } = await life.up("stageA", { without: action });
    expect(
      life.aws.refused.map((one) => one.action),
      output,
    ).toContain(action);
    expect(code, output).not.toBe(0);
    expect(await life.rollout.liveFlags()).toEqual(OFF);
    // A resource is made by the provider, which has AWS's own words.
    expect(output.replaceAll(/\s+/g, " ")).toMatch(new RegExp(`(?:do|perform:) ${action}`, "i"));
  });

  it("are all that it takes to take it away", async () => {
    life.aws.refused.length = 0;
    await life.rollout.edit("stageA", ["cutover:stage", "attempt"], 1);
    for (const stack of ["stageB", "stageA"] as const) {
      await must(life.up(stack));
      await must(life.pulumi("promote", stack, "destroy", "--yes", "--skip-preview"));
    }
    life.source = "code";
    await must(life.cutover("retire", "retire", "--yes"));
    expect(life.aws.refused).toEqual([]);
    keepCalls(life.calls);
  });

  it("call nothing that is not in the list, which each permission is held to", () => {
    const known = new Set(RECORDED.map(({ role, action }) => `${role} ${action}`));
    const now = new Set(life.calls.map(({ role, action }) => `${role} ${action}`));
    expect([...now].filter((one) => !known.has(one))).toEqual([]);
  });

  it("say of no action that it was seen which nobody ever called", () => {
    const called = new Set([...life.seen.values()].flatMap((some) => [...some]));
    const said = GRANTS.flatMap(({ actions }) =>
      Object.entries(actions).flatMap(([action, why]) => (why === SEEN ? [action] : [])),
    );
    expect([...new Set(said)].filter((action) => !called.has(action))).toEqual([]);
  });

  it("let those who only look start nothing", () => {
    expect(life.whoCalled("appconfig:StartDeployment")).toEqual(["promote", "break-glass"]);
    expect(life.whoCalled("appconfig:DeleteEnvironment")).toEqual(["retire"]);
  });

  /** The code that on-call reads in the page. */
  async function codeOf(): Promise<string> {
    const codes = () =>
      life.ground.webhook.delivered.flatMap(({ topic, message }) =>
        topic === "allowed-on-call" ? (/\b[A-Z0-9]{5}-[A-Z0-9]{5}\b/.exec(message)?.[0] ?? []) : [],
      );
    await until("the page comes", () => codes().length > 0);
    return codes()[0] ?? "";
  }
});
