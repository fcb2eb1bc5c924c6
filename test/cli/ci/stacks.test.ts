import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type StacksOptions, stacksCommand } from "../../../cli/ci/run";
import { concerned, findStack, rolloutFolders, type StackJob } from "../../../cli/ci/stacks";
import { UserError } from "../../../src/text/problem";
import { OPS_VIEW } from "../preview/facts";

const ROOT = join(__dirname, "..", "..", "..");
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
    ["a whole rollout by its own checks", ["rollouts/v2-pipeline/checks.ts"], PIPELINE],
    ["a whole rollout by code further down", ["rollouts/v2-pipeline/lib/util.ts"], PIPELINE],
    ["a whole rollout by what its code reads", ["rollouts/v2-pipeline/lib/late.sql"], PIPELINE],
    ["none by words beside them", ["rollouts/v2-pipeline/README.md"], []],
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

  it.each<[string, readonly string[], boolean]>([
    ["a lock file", ["package-lock.json"], true],
    ["a lock file further down", ["infra/pnpm-lock.yaml"], true],
    ["sources of the app", ["src/gates/judge.ts", "components/button.ts"], false],
  ])("that run an installed package: %s", (_, files, all) => {
    expect(concerned(files, here, "package")).toEqual(all ? here.flatMap(({ stacks }) => stacks) : []);
  });

  it("are found by name, or told with all that there are", () => {
    expect(findStack(here, "v2-pipeline", "percent10").map(({ folder }) => folder)).toEqual([
      "rollouts/v2-pipeline",
    ]);
    expect(findStack(here, "ops-view").map(({ stack }) => `ops-view/${stack}`)).toEqual(OPS);
    expect(() => findStack(here, "ops-view", "percent10")).toThrow(UserError);
    expect(() => findStack(here, "ops-view", "percent10")).toThrow("ops-view: baseline, stageA, stageB");
    expect(() => findStack([], "ops-view")).toThrow("ops-view: is not in this repository. There is none");
    const twin = here.map((one) => ({
      ...one,
      stacks: one.stacks.map((stack) => ({ ...stack, folder: "other" })),
    }));
    expect(() => findStack([...here, ...twin], "ops-view")).toThrow("is in . and in other");
  });
});

describe("the command", () => {
  const stacks = (options: Partial<StacksOptions> = {}) => {
    const lines: string[] = [];
    expect(stacksCommand({ folder: join(ROOT, "src"), print: (line) => lines.push(line), ...options })).toBe(
      0,
    );
    return lines;
  };

  it("prints a matrix that GitHub reads on one line, from any folder of the repository", () => {
    const [line, ...more] = stacks();
    expect(JSON.parse(line ?? "")).toHaveLength(OPS.length + PIPELINE.length);
    expect(more).toEqual([]);
    expect(JSON.parse(stacks({ rollout: "ops-view", stage: "stageB" })[0] ?? "")).toMatchObject([
      { folder: ".", stack: "stageB" },
    ]);
  });

  it("compares with a commit by its hash, and takes nothing else for one", () => {
    expect(stacks({ since: git(ROOT, "rev-parse", "HEAD") })).toEqual(["[]"]);
    expect(() => stacks({ since: "--output=x" })).toThrow(/must be given by its hash/);
    expect(() => stacks({ since: "0".repeat(40) })).toThrow(/--since 0{40}: git says: .*fetch-depth: 0/);
    expect(() => stacks({ stage: "stageA" })).toThrow("--rollout: is missing");
  });

  it("finds what commits changed in a repository of somebody's own, wherever its rollouts are", () => {
    const root = repository({ "infra/cutovers/search": "search", "deep/er/still/further/move": "move" });
    writeFileSync(join(root, "Pulumi.yaml"), "name: another-kind\n");
    writeFileSync(join(root, "Pulumi.prod.yaml"), "config: { app:replicas: 3 }\n");
    const base = git(root, "rev-parse", "HEAD");
    const names = (options: Partial<StacksOptions>) =>
      JSON.parse(stacks({ folder: root, ...options })[0] ?? "").map(
        (one: StackJob) => `${one.folder} ${one.stack}`,
      );
    const search = ["baseline", "stageA", "stageB"].map((stack) => `infra/cutovers/search ${stack}`);
    const move = search.map((one) => one.replace("infra/cutovers/search", "deep/er/still/further/move"));
    expect(names({})).toEqual([...move, ...search].slice(3));
    writeFileSync(join(root, "infra", "cutovers", "search", "checks.ts"), "");
    git(root, "add", "-A");
    git(root, "commit", "-qm", "checks");
    expect(names({ since: base })).toEqual(search);
  });
});

/** A repository with rollouts in folders, by their names. */
function repository(rollouts: Readonly<Record<string, string>>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "cutover-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, name] of Object.entries(rollouts)) {
    const folder = join(root, path);
    mkdirSync(folder, { recursive: true });
    cpSync(OPS_VIEW, folder, { recursive: true });
    const file = join(folder, "Pulumi.baseline.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("name: ops-view", `name: ${name}`));
    writeFileSync(join(folder, "Pulumi.yaml"), `name: ${name}\n`);
  }
  git(root, "init", "-q");
  git(root, "add", "-A");
  git(root, "commit", "-qm", "rollouts");
  return root;
}

function git(folder: string, ...args: string[]): string {
  const who = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...who, ...args], { cwd: folder, encoding: "utf8" }).trim();
}
