import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../../cli/exit";
import { previewCommand } from "../../cli/preview/run";
import type { PreviewView } from "../../cli/preview/view";
import { emulated } from "../../sandbox/aws/emulated";
import { freePort } from "../../sandbox/host/ports";
import { FAST, Ground, SLOW, type TestRollout } from "./harness";
import { worldOf } from "./listing";

/** Comments of real previews, of a rollout whose stage A is live. */
describe("the comment of a preview", () => {
  let ground: Ground;
  let rollout: TestRollout;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cutover-comments-"));
    ground = await Ground.open();
    rollout = await ground.rollout("seen", { scale: SLOW, abortSwitch: true });
    for (const stack of ["baseline", "stageA"] as const) {
      const { code, output } = await rollout.up(stack);
      expect(code, output).toBe(0);
    }
  });
  afterAll(async () => {
    await ground?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function preview(
    stage: string,
    env: Readonly<Record<string, string>> = {},
    of: TestRollout = rollout,
  ): Promise<{ code: number; comment: string; view: PreviewView; printed: string }> {
    const file = join(folder, "comment.md");
    const lines: string[] = [];
    const code = await previewCommand({
      stage,
      folder: of.project.folder,
      markdown: file,
      json: true,
      env: { ...ground.sandbox.env, ...env },
      print: (line) => lines.push(line),
      say: () => {},
    });
    const printed = lines.join("\n");
    return { code, comment: await readFile(file, "utf8"), view: JSON.parse(printed) as PreviewView, printed };
  }

  it("tells all of a promotion that is blocked, and changes nothing", async () => {
    const before = await worldOf(rollout);
    const { code, comment, view, printed } = await preview("stageB");
    expect(code).toBe(EXIT.blocked);
    expect(comment).toMatch(
      /^<!-- cutover:seen\/stageB -->\n## ⛔ `seen` `stageB`: raise blocked, 0 of 1 gate passes\n/,
    );
    expect(comment).toContain("| `OPS_VIEW_DB_WRITE` | false | **true** | ▲ raise |");
    expect(comment).toMatch(/Live since 20\S+ \S+Z, by stageA, attempt 1 \(deployment 2\)\./);
    expect(comment).toMatch(/\*\*Earliest promotion: 20\S+ \S+Z\.\*\*/);
    expect(comment).toMatch(
      /\| `B2` \| ⛔ fail \| .*stageA live for .* \| ≥ 24h without a break \| Wait until/,
    );
    expect(comment).toContain("| `B4` | ⏳ at the flip |");
    expect(comment).toContain("| create | `pulumi:index:Stash` | `stageB-flip` |");
    expect(comment).toContain("`seen-stageb-attempt-1` of the RDS instance `ops-db`");
    expect(comment).toMatch(
      /\| `XB1` \| .* \| pages on-call; lowers `OPS_VIEW_DB_WRITE` true → false \| 1 m 25 s/,
    );
    expect(view).toMatchObject({
      outcome: "blocked",
      kind: "raise",
      objections: [],
      changes: { complete: true },
    });
    const secrets = [ground.sandbox.postgres.password, ground.sandbox.env.PULUMI_CONFIG_PASSPHRASE ?? ""];
    for (const text of [comment, printed]) {
      for (const secret of secrets) expect(text).not.toContain(secret);
      expect(text).not.toMatch(/127\.0\.0\.1|\d{12}/);
    }
    expect(await worldOf(rollout)).toEqual(before);
  });

  it("tells what is in the way of a preview that fails: AWS that does not answer", async () => {
    const { code, comment } = await preview("stageB", {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${await freePort()}`,
    });
    expect(code).toBe(EXIT.failed);
    expect(comment).toMatch(/^<!-- cutover:seen\/stageB -->\n## ❌ `seen` `stageB`: the preview failed\n/);
    expect(comment).toContain("Something that the preview has to read does not answer");
    expect(comment).toContain("| `OPS_VIEW_DB_WRITE` | unknown | true | unknown |");
    expect(comment).toContain("**What is live is unknown**");
    expect(comment).not.toContain("127.0.0.1");
  });

  it("tells that there are no credentials", async () => {
    const { code, comment } = await preview("stageB", { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" });
    expect(code).toBe(EXIT.failed);
    expect(comment).toContain("There are no AWS credentials that work");
    expect(comment).toContain("**What is live is unknown**");
  });

  it.each([
    ["whose first stack does not exist", ["stageB"]],
    ["whose first stack is not up", ["baseline", "stageB"]],
  ] as const)("tells of a rollout that was never started, %s", async (_, stacks) => {
    const never = await ground.rollout(`never-${stacks.length}`, { stacks });
    const { code, comment } = await preview("stageB", {}, never);
    expect(code).toBe(EXIT.failed);
    expect(comment).toContain("The rollout was never started: its first stack, baseline, is not up");
  });

  it("tells of a stack that does not exist", async () => {
    await rollout.must(["stack", "rm", "stageB", "--yes", "--preserve-config"]);
    const { code, comment } = await preview("stageB");
    await rollout.must(["stack", "init", "stageB"]);
    expect(code).toBe(EXIT.failed);
    expect(comment).toContain("The stack stageB does not exist");
    expect(comment).toContain("pulumi stack init stageB");
  });

  it("tells of a state that cannot be read", async () => {
    const stacks = join(
      (ground.sandbox.env.PULUMI_BACKEND_URL ?? "").replace("file://", ""),
      ".pulumi",
      "stacks",
    );
    const file = join(stacks, rollout.name, "stageB.json");
    const whole = await readFile(file, "utf8");
    await writeFile(file, whole.slice(0, whole.length / 2));
    const { code, comment } = await preview("stageB");
    await writeFile(file, whole);
    expect(code).toBe(EXIT.failed);
    expect(comment).toContain("The state of the stack stageB cannot be read");
  });

  it("tells of secrets that cannot be read", async () => {
    const { code, comment } = await preview("baseline", { PULUMI_CONFIG_PASSPHRASE: "another" });
    expect(code).toBe(EXIT.failed);
    expect(comment).toContain("the passphrase is missing or wrong");
  });

  it("tells all of a promotion that may go ahead", async () => {
    await rollout.edit("stageB", ["cutover:timeScale"], FAST);
    const { code, comment, view } = await preview("stageB");
    expect(code).toBe(EXIT.ok);
    expect(comment).toMatch(
      /^<!-- cutover:seen\/stageB -->\n## ✅ `seen` `stageB`: may be promoted, 1 of 1 gate passes\n/,
    );
    expect(view).toMatchObject({ outcome: "allowed", kind: "raise", objections: [] });
  });

  it("tells of the foundation, whose preview changes nothing", async () => {
    const { code, view } = await preview("baseline");
    expect(code).toBe(EXIT.ok);
    expect(view).toMatchObject({ outcome: "allowed", kind: "foundation", changes: { list: [] } });
  });

  it("leaves the check for drift quiet as long as nothing drifts, and only so long", async () => {
    // As .github/workflows/drift.yml has it.
    const check = ["refresh", "--preview-only", "--expect-no-changes", "--stack", "baseline"];
    const { code, stdout, stderr } = await rollout.pulumi(check);
    expect(code, stdout + stderr).toBe(0);
    const { stdout: listed } = await rollout.must(["stack", "ls", "--json"]);
    const held = (JSON.parse(listed) as { name: string; resourceCount?: number }[]).map(
      ({ name, resourceCount }) => [name.split("/").at(-1), (resourceCount ?? 0) > 0],
    );
    expect(Object.fromEntries(held)).toEqual({ baseline: true, stageA: true, stageB: false });
    const { ops = "" } = (await rollout.outputs("baseline")).topics as Record<string, string>;
    const client = new SNSClient(emulated(ground.sandbox.aws));
    await client.send(
      new SetTopicAttributesCommand({
        TopicArn: ops,
        AttributeName: "DisplayName",
        AttributeValue: "changed by hand",
      }),
    );
    client.destroy();
    expect((await rollout.pulumi(check)).code).not.toBe(0);
  });
});
