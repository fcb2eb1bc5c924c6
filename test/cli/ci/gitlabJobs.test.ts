import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { problemsOf } from "./gitlabSchema";

const FOLDER = join(__dirname, "..", "..", "..", "docs", "how-to");

interface Job {
  readonly extends?: string;
  readonly image?: string;
  readonly rules?: readonly { readonly if: string; readonly when?: string }[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly environment?: { readonly name: string };
  readonly resource_group?: string;
  readonly script?: readonly string[];
  readonly before_script?: readonly string[];
  readonly after_script?: readonly string[];
  readonly trigger?: object;
}
const read = (name: string) =>
  parse(readFileSync(join(FOLDER, name), "utf8")) as Readonly<Record<string, Job>>;
const jobs = read("gitlab-ci.yml");
const notes = read("gitlab-notes.yml");

describe("GitLab's jobs", () => {
  it.each(["gitlab-ci.yml", "gitlab-notes.yml"])(
    "%s has what GitLab's schema takes, and nothing else",
    (name) => {
      expect(problemsOf(read(name))).toEqual([]);
    },
  );

  it.each<[string, string, string, RegExp]>([
    [
      "a keyword that there is not",
      "  resource_group: promote",
      "  resourcegroup: promote",
      /promote.*resourcegroup/,
    ],
    ["a job that is not there", "- job: preview", "- job: previews", /notes needs previews/],
    ["a template that is not there", "extends: .cutover", "extends: .cutovers", /preview extends .cutovers/],
    ["a time that is none", "when: manual", "when: by-hand", /promote.*rules.*when/],
    ["a trigger without a project", "    project: $CUTOVER_NOTES_PROJECT\n", "", /notes.*trigger.*project/],
    ["a token without an audience", "aud: https", "audience: https", /\.cutover.*id_tokens/],
    ["a script beside a trigger", "  trigger:\n", "  script: [x]\n  trigger:\n", /notes.*script/],
  ])("are found wrong with %s", (_, sound, broken, problem) => {
    const text = readFileSync(join(FOLDER, "gitlab-ci.yml"), "utf8");
    expect(text).toContain(sound);
    expect(problemsOf(parse(text.replace(sound, broken))).join("\n")).toMatch(problem);
  });

  it("run the very engine that the sandbox tests with, on a Node that is named", () => {
    const { image } = jobs.default as { image: string };
    const go = readFileSync(join(FOLDER, "..", "..", "sandbox", "engine", "go.mod"), "utf8");
    expect(image).toBe(`pulumi/pulumi-nodejs-22:${/pulumi\/pkg\/v3 v(\S+)/.exec(go)?.[1]}`);
  });

  it.each(
    [...Object.entries(jobs), ...Object.entries(notes)].flatMap(
      ([name, { script, before_script, after_script }]) =>
        [...(before_script ?? []), ...(script ?? []), ...(after_script ?? [])].map(
          (lines) => [name, lines] as const,
        ),
    ),
  )("%s has scripts that a shell reads: %s", (_, script) => {
    const { status, stderr } = spawnSync("bash", ["-n"], { input: script, encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
  });

  it("give the preview nothing of what promotes, and no token that writes", () => {
    const { preview, notes: trigger } = jobs;
    expect(preview?.rules).toEqual([{ if: '$CI_PIPELINE_SOURCE == "merge_request_event"' }]);
    expect(preview?.variables).toEqual({
      AWS_ROLE_ARN: "$AWS_PREVIEW_ROLE_ARN",
      PULUMI_BACKEND_URL: "$PREVIEW_BACKEND_URL",
      PULUMI_CONFIG_PASSPHRASE: "$PREVIEW_CONFIG_PASSPHRASE",
    });
    expect(preview?.script?.join("\n")).not.toMatch(/TOKEN|ci comment/);
    expect(trigger?.script).toBeUndefined();
    expect(readFileSync(join(FOLDER, "gitlab-ci.yml"), "utf8")).not.toContain("GITLAB_TOKEN");
  });

  it("promote by hand, from the protected default branch, one at a time, with an approval", () => {
    const { promote } = jobs;
    const [rule] = promote?.rules ?? [];
    expect(rule?.when).toBe("manual");
    for (const part of ["$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH", '$CI_COMMIT_REF_PROTECTED == "true"'])
      expect(rule?.if).toContain(part);
    expect([promote?.environment?.name, promote?.resource_group]).toEqual([
      "$CUTOVER_ROLLOUT",
      "promote-$CUTOVER_ROLLOUT",
    ]);
    expect(promote?.script?.join("\n")).toContain("cutover in -C");
    expect(promote?.after_script?.join("\n")).toContain('cutover ci state --rollout "$CUTOVER_ROLLOUT"');
    expect(jobs.preview?.script?.join("\n")).toContain(" --copy ");
  });

  it("prove backups at night, with the role that may do that and nothing else", () => {
    const { prove, drift } = jobs;
    expect(prove?.variables).toEqual({ AWS_ROLE_ARN: "$AWS_BACKUP_ROLE_ARN" });
    const [night, other] = [prove, drift].map((job) => job?.rules?.[0]?.if ?? "");
    expect(night).toContain('$CUTOVER_NIGHTLY == "backups"');
    expect(other).toContain('$CUTOVER_NIGHTLY != "backups"');
    for (const when of [night, other]) expect(when).toContain('$CI_COMMIT_REF_PROTECTED == "true"');
    expect(prove?.script?.join("\n")).toContain('cutover prove-backup --rollout "$rollout"');
  });

  it("take the merge request's number from GitLab, and not from the job that ran unreviewed code", () => {
    const script = notes.notes?.script?.join("\n") ?? "";
    expect(script).toContain('CI_MERGE_REQUEST_IID="$number"');
    const number = (ref: string) =>
      spawnSync("sed", ["-n", String.raw`s#^refs/merge-requests/\([0-9][0-9]*\)/.*#\1#p`], {
        input: ref,
        encoding: "utf8",
      }).stdout.trim();
    expect(script).toContain(String.raw`sed -n 's#^refs/merge-requests/\([0-9][0-9]*\)/.*#\1#p'`);
    expect([
      number("refs/merge-requests/7/head"),
      number("main"),
      number("x/refs/merge-requests/7/head"),
    ]).toEqual(["7", "", ""]);
    expect(notes.notes?.rules?.[0]?.if).toContain('$CI_COMMIT_REF_PROTECTED == "true"');
  });
});
