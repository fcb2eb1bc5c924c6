import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { concerned, findStack, rolloutFolders } from "../../../../cli/preview/github/stacks";
import { UserError } from "../../../../src/text/problem";
import { OPS_VIEW } from "../facts";

const ROOT = join(__dirname, "..", "..", "..", "..");
const here = rolloutFolders(ROOT);
const names = (files: readonly string[]) =>
  concerned(files, here).map(({ rollout, stack }) => `${rollout}/${stack}`);
const OPS = ["ops-view/baseline", "ops-view/stageA", "ops-view/stageB"];
const PIPELINE = ["baseline", "percent10", "percent50", "percent100", "deprecate-v1", "remove-v1"].map(
  (stack) => `v2-pipeline/${stack}`,
);

describe("the rollouts of a repository", () => {
  it("are the one at the top and those in their own folders, stacks in the order of their promotion", () => {
    expect(here.map(({ folder }) => folder)).toEqual([".", "rollouts/v2-pipeline"]);
    expect(here.flatMap(({ stacks }) => stacks.map(({ rollout, stack }) => `${rollout}/${stack}`))).toEqual([
      ...OPS,
      ...PIPELINE,
    ]);
    expect(here[0]?.stacks[2]).toEqual({
      rollout: "ops-view",
      folder: ".",
      stack: "stageB",
      name: "ops-view-stageB",
      marker: "<!-- cutover:ops-view/stageB -->",
    });
  });

  it("are found also where their config is broken", () => {
    const root = mkdtempSync(join(tmpdir(), "cutover-"));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    const folder = join(root, "rollouts", "x");
    mkdirSync(folder, { recursive: true });
    cpSync(OPS_VIEW, folder, { recursive: true });
    writeFileSync(join(folder, "Pulumi.yaml"), "name: x\n");
    writeFileSync(join(folder, "Pulumi.stageB.yaml"), "config: [");
    mkdirSync(join(root, "rollouts", "no-project"));
    const [only, ...others] = rolloutFolders(root);
    expect(others).toEqual([]);
    expect(only?.stacks.map(({ rollout, stack }) => `${rollout}/${stack}`)).toEqual(OPS);
  });
});

describe("the stacks that a change concerns", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["a stack by its file, and its successor by its exit gates", ["Pulumi.stageA.yaml"], OPS.slice(1)],
    ["the last stack alone", ["Pulumi.stageB.yaml"], OPS.slice(2)],
    ["a whole rollout by its first stack", ["Pulumi.baseline.yaml"], OPS],
    ["a whole rollout by its project", ["rollouts/v2-pipeline/Pulumi.yaml"], PIPELINE],
    [
      "a stack of a rollout in its own folder, not its namesake",
      ["rollouts/v2-pipeline/Pulumi.percent50.yaml"],
      ["v2-pipeline/percent50", "v2-pipeline/percent100"],
    ],
    [
      "stacks of both, each once",
      ["Pulumi.stageB.yaml", "Pulumi.stageA.yaml", "rollouts/v2-pipeline/Pulumi.remove-v1.yaml"],
      [...OPS.slice(1), "v2-pipeline/remove-v1"],
    ],
    ["all by the program", ["src/gates/judge.ts"], [...OPS, ...PIPELINE]],
    ["all by what the program is built on", ["package-lock.json"], [...OPS, ...PIPELINE]],
    [
      "none by tests and words",
      ["README.md", "test/src/gates/judge.test.ts", "docs/x.md", "cli/main.ts"],
      [],
    ],
    ["none by a file that is gone", ["Pulumi.stageZ.yaml"], []],
    ["none by a file elsewhere that is called like one", ["test/fixtures/Pulumi.stageA.yaml"], []],
    ["none by nothing", [], []],
  ])("%s", (_, files, expected) => {
    expect(names(files)).toEqual(expected);
  });

  it("is found by its name, or told with all that there are", () => {
    expect(findStack(here, "v2-pipeline", "percent10").folder).toBe("rollouts/v2-pipeline");
    expect(() => findStack(here, "ops-view", "percent10")).toThrow(UserError);
    expect(() => findStack(here, "ops-view", "percent10")).toThrow("ops-view: baseline, stageA, stageB");
  });
});

describe("the script", () => {
  const script = (...args: string[]) =>
    execFileSync(
      process.execPath,
      ["--import", "tsx", join(ROOT, "cli", "preview", "github", "changed-stacks.ts"), ...args],
      {
        cwd: ROOT,
        encoding: "utf8",
        stdio: "pipe",
      },
    );

  it("prints a matrix that GitHub reads on one line", () => {
    const [line, ...more] = script("--all").trimEnd().split("\n");
    expect(JSON.parse(line ?? "")).toHaveLength(OPS.length + PIPELINE.length);
    expect(more).toEqual([]);
  });

  it("compares with a commit by its hash, and takes nothing else for one", () => {
    expect(() => script("--output=x")).toThrow(/must be given by its hash/);
  });
});
