import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { EXIT } from "../../../cli/exit";
import { previewCommand } from "../../../cli/preview/run";
import type { PreviewView } from "../../../cli/preview/view";
import { UserError } from "../../../src/text/problem";
import { entry, flags, ledger, note } from "../../support/build";
import { factsOf, OPS_VIEW } from "./facts";

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), "cutover-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** What a `pulumi` of the test's own does instead of previewing. */
interface Fake {
  readonly events?: readonly object[];
  readonly report?: object;
  readonly stderr?: string;
  readonly code?: number;
}

/** A PATH whose only `pulumi` does as it is told, and tells how it was called. */
function fakePulumi(fake: Fake): {
  env: NodeJS.ProcessEnv;
  called: () => { args: string[]; env: NodeJS.ProcessEnv };
} {
  const dir = folder();
  const call = join(dir, "call.json");
  const file = join(dir, "pulumi");
  writeFileSync(
    file,
    `#!${process.execPath}
const { writeFileSync } = require("node:fs");
const args = process.argv.slice(2);
writeFileSync(${JSON.stringify(call)}, JSON.stringify({ args, env: process.env }));
const fake = ${JSON.stringify(fake)};
writeFileSync(args[args.indexOf("--event-log") + 1], (fake.events ?? []).map((one) => JSON.stringify(one)).join("\\n"));
if (fake.report) writeFileSync(process.env.CUTOVER_REPORT, JSON.stringify(fake.report));
process.stderr.write(fake.stderr ?? "");
process.exit(fake.code ?? 0);
`,
  );
  chmodSync(file, 0o755);
  const env = { PATH: [dir, dirname(process.execPath)].join(delimiter) };
  return { env, called: () => JSON.parse(readFileSync(call, "utf8")) };
}

async function preview(env: NodeJS.ProcessEnv, options: Partial<Parameters<typeof previewCommand>[0]> = {}) {
  const markdown = join(folder(), "comment.md");
  const lines: string[] = [];
  const code = await previewCommand({
    stage: "stageB",
    folder: OPS_VIEW,
    markdown,
    json: true,
    env,
    print: (line) => lines.push(line),
    say: () => {},
    ...options,
  });
  return { code, comment: readFileSync(markdown, "utf8"), view: JSON.parse(lines.join("\n")) as PreviewView };
}

const stageALive = ledger(flags(true, false), [
  entry(2, { completedAt: "2026-11-20T06:00:00.000Z", note: note() }),
]);
const report = factsOf({ ledger: stageALive }).report as object;
const violation = (rule: string) => ({
  policyEvent: { policyName: rule, enforcementLevel: "mandatory", message: "<{%reset%}>no" },
});
const created = {
  resourcePreEvent: {
    metadata: {
      op: "create",
      type: "aws:sns/topic:Topic",
      urn: "urn:pulumi:stageB::ops-view::aws:sns/topic:Topic::stageB-abort",
    },
  },
};

describe("cutover preview", () => {
  it("runs pulumi preview of the stack with the project's policy pack, and tells an allowed raise", async () => {
    const pulumi = fakePulumi({ events: [created], report });
    const { code, view } = await preview(pulumi.env);
    expect(code).toBe(EXIT.ok);
    expect(view).toMatchObject({
      outcome: "allowed",
      changes: { complete: true, list: [{ name: "stageB-abort" }] },
    });
    const { args, env } = pulumi.called();
    expect(args.slice(0, 4)).toEqual(["preview", "--stack", "stageB", "--non-interactive"]);
    expect(env.PULUMI_OPTION_POLICY_PACK).toBe(join(__dirname, "..", "..", "..", "policies"));
  });

  it("keeps to the pack that the environment names", async () => {
    const pulumi = fakePulumi({ events: [created], report });
    await preview({ ...pulumi.env, PULUMI_OPTION_POLICY_PACK: "/of/the/organisation" });
    expect(pulumi.called().env.PULUMI_OPTION_POLICY_PACK).toBe("/of/the/organisation");
  });

  it("exits with blocked where a mandatory policy objects, though pulumi itself calls it a failure", async () => {
    const failed = {
      diagnosticEvent: { severity: "error", message: "<{%fg 1%}>error: <{%reset%}>preview failed" },
    };
    const pulumi = fakePulumi({ events: [created, violation("soak-long-enough"), failed], report, code: 1 });
    const { code, comment } = await preview(pulumi.env);
    expect(code).toBe(EXIT.blocked);
    expect(comment).toContain("- Policy soak-long-enough: no");
  });

  it("exits with failed where something broke beside a policy's objection", async () => {
    const broken = { diagnosticEvent: { severity: "error", message: "the plugin crashed" } };
    const pulumi = fakePulumi({ events: [created, violation("soak-long-enough"), broken], report, code: 1 });
    const { code, comment } = await preview(pulumi.env);
    expect(code).toBe(EXIT.failed);
    expect(comment).toContain("the plugin crashed");
    expect(comment).toContain("**Incomplete**");
  });

  it("takes a violation that is only advice for no objection", async () => {
    const advice = { policyEvent: { policyName: "x", enforcementLevel: "advisory", message: "hm" } };
    const { code } = await preview(fakePulumi({ events: [created, advice], report }).env);
    expect(code).toBe(EXIT.ok);
  });

  it("leaves nothing of the engine's log behind, whatever comes of it", async () => {
    for (const fake of [{ report }, { code: 1, stderr: "error: boo" }]) {
      const pulumi = fakePulumi(fake);
      await preview(pulumi.env);
      const { args } = pulumi.called();
      expect(existsSync(dirname(args[args.indexOf("--event-log") + 1] ?? ""))).toBe(false);
    }
  });

  it("redacts what the environment and the config hold, in the comment and in the JSON", async () => {
    const stderr =
      "error: could not read ops-db.internal with hush-hush-hush as arn:aws:iam::123456789012:role/x for ops@example.com";
    const pulumi = fakePulumi({ code: 1, stderr });
    const { code, comment, view } = await preview({
      ...pulumi.env,
      PULUMI_CONFIG_PASSPHRASE: "hush-hush-hush",
    });
    expect(code).toBe(EXIT.failed);
    for (const text of [comment, JSON.stringify(view)])
      for (const word of ["ops-db.internal", "hush-hush-hush", "123456789012", "ops@example.com"])
        expect(text).not.toContain(word);
    expect(view.trouble?.said).toEqual([
      "error: could not read [address] with [secret] as arn:aws:iam::[account]:role/x for [e-mail]",
    ]);
  });

  it.each([
    [
      "no pulumi on PATH",
      () => preview({ PATH: folder() }),
      ["There is no pulumi to preview with: PATH holds no pulumi", "Install the Pulumi CLI"],
    ],
    [
      "a stage that is none",
      () => preview({ PATH: folder() }, { stage: "stageX" }),
      [
        "<!-- cutover:ops-view/stageX -->",
        "is no stage of ops-view",
        "Known stages: baseline, stageA, stageB",
      ],
    ],
    [
      "a folder that is not there",
      () => preview({ PATH: folder() }, { folder: join(folder(), "rollout-x") }),
      ["<!-- cutover:rollout-x/stageB -->", "The project's folder cannot be read"],
    ],
    [
      "config with several problems, all told",
      () => {
        const dir = folder();
        for (const name of ["baseline", "stageA", "stageB"]) {
          const text = readFileSync(join(OPS_VIEW, `Pulumi.${name}.yaml`), "utf8");
          writeFileSync(join(dir, `Pulumi.${name}.yaml`), text.replace("attempt: 1", "attempt: none"));
        }
        return preview({ PATH: folder() }, { folder: dir });
      },
      [
        "<!-- cutover:ops-view/stageB -->",
        "The rollout's config has 2 problems",
        "Pulumi.stageA.yaml:6 cutover:stage.attempt",
        "Pulumi.stageB.yaml:6 cutover:stage.attempt",
      ],
    ],
  ])("%s: failed, with a comment that says what to do", async (_, run, says) => {
    const { code, comment } = await run();
    expect(code).toBe(EXIT.failed);
    for (const words of says) expect(comment.replaceAll("\\", "")).toContain(words);
  });

  it("says so where the comment cannot be written", async () => {
    const { env } = fakePulumi({ report });
    const markdown = join(folder(), "no", "such", "folder.md");
    await expect(preview(env, { markdown })).rejects.toThrow(UserError);
  });

  it("prints the comment where no file is named, and a summary where one is", async () => {
    const { env } = fakePulumi({ events: [created], report });
    const lines: string[] = [];
    const print = (line: string) => lines.push(line);
    const base = { stage: "stageB", folder: OPS_VIEW, env, print, say: () => {} };
    await previewCommand(base);
    expect(lines[0]).toMatch(/^<!-- cutover:ops-view\/stageB -->\n/);
    const markdown = join(folder(), "comment.md");
    await previewCommand({ ...base, markdown });
    expect(lines.slice(1)).toEqual([
      "✅ ops-view stageB: may be promoted, 9 of 9 gates pass",
      `The comment is in ${markdown}`,
    ]);
    expect(readFileSync(markdown, "utf8").trimEnd()).toBe(lines[0]);
  });
});
