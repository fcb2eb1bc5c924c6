import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, test } from "vitest";
import { baseAt } from "../../../cli/preview/base";
import { loadRollout } from "../../../src/rollout/load";
import { weakenings } from "../../../src/rollout/strength/compare";
import { definitionsOf } from "../../../src/rollout/strength/definitions";
import { OPS_VIEW } from "./facts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cutover-base-"));
  git("init", "-q", "-b", "main");
  writeFileSync(join(folder, "README.md"), "nothing yet");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args], {
    cwd: folder,
    encoding: "utf8",
  }).trim();

function commit(): string {
  git("add", "-A");
  git("commit", "-qm", "state");
  return git("rev-parse", "HEAD");
}

const RENAMED = "rollouts/renamed";

/** The rollout in a folder of the repository, which is in the base of the branch. */
function inBase(path: string): string {
  cpSync(OPS_VIEW, join(folder, path), { recursive: true });
  return commit();
}

function edit(path: string, from: string | RegExp, to: string): void {
  const file = join(folder, path);
  writeFileSync(file, readFileSync(file, "utf8").replace(from, to));
}

/** What is weaker in a folder than in the base; or why that cannot be known. */
async function weakerThan(base: string, path: string, name = "ops-view"): Promise<unknown> {
  const own = join(folder, path);
  const found = await baseAt(base, { name, folder: own });
  if (!found || "unusable" in found) return found?.unusable;
  return weakenings(found.definitions, definitionsOf(loadRollout(own))).map((one) => one.says);
}

const SHORTER = ["the soak of stageA is 1 h, was 24 h"];

test("what the rollout was held to where the branch left its base", async () => {
  const empty = commit();
  const base = inBase(".");
  expect(await baseAt(empty, { name: "ops-view", folder })).toBeUndefined();
  edit("Pulumi.stageA.yaml", "soak: 24h", "soak: 1h");
  expect(await baseAt(base, { name: "ops-view", folder })).toEqual({
    definitions: definitionsOf(loadRollout(OPS_VIEW)),
  });
  expect(await weakerThan(base, ".")).toEqual(SHORTER);
});

describe("a folder that moves is found", () => {
  const move = () => {
    mkdirSync(join(folder, "rollouts"), { recursive: true });
    git("mv", "here", RENAMED);
    edit(`${RENAMED}/Pulumi.stageA.yaml`, "soak: 24h", "soak: 1h");
  };

  it.each([
    ["before it is committed", () => {}],
    ["once it is committed", commit],
  ])("%s", async (_, then) => {
    const base = inBase("here");
    move();
    then();
    expect(await weakerThan(base, RENAMED)).toEqual(SHORTER);
  });

  it("where the rollout is renamed with it", async () => {
    const base = inBase("here");
    move();
    edit(`${RENAMED}/Pulumi.baseline.yaml`, "name: ops-view", "name: ops-look");
    expect(await weakerThan(base, RENAMED, "ops-look")).toEqual([
      "the rollout is called ops-look, was ops-view: another rollout, with flags and alarms of its own",
      ...SHORTER,
    ]);
  });

  it("where git sees none of it, by the rollout's name", async () => {
    const base = inBase("here");
    rmSync(join(folder, "here"), { recursive: true });
    cpSync(OPS_VIEW, join(folder, RENAMED), { recursive: true });
    edit(`${RENAMED}/Pulumi.stageA.yaml`, "soak: 24h", "soak: 1h");
    expect(await weakerThan(base, RENAMED)).toEqual(SHORTER);
    expect(existsSync(join(folder, "here"))).toBe(false);
  });

  it("and where nobody can say which one it was, that is said", async () => {
    const base = inBase("here");
    rmSync(join(folder, "here"), { recursive: true });
    cpSync(OPS_VIEW, join(folder, RENAMED), { recursive: true });
    edit(`${RENAMED}/Pulumi.baseline.yaml`, "name: ops-view", "name: ops-look");
    expect(await weakerThan(base, RENAMED, "ops-look")).toBe(
      `the base has no rollout in ${RENAMED}, and here may be what it was called there`,
    );
  });
});

test("a rollout that is new beside others is compared with none of them", async () => {
  const base = inBase("here");
  cpSync(join(folder, "here"), join(folder, "there"), { recursive: true });
  edit("there/Pulumi.baseline.yaml", "name: ops-view", "name: ops-look");
  expect(await baseAt(base, { name: "ops-look", folder: join(folder, "there") })).toBeUndefined();
});

test.each([
  ["no YAML", "config: {cutover:stage: [", /^the stack files of here cannot be used .*Pulumi\.stageA\.yaml/],
  [
    "what is refused today",
    "config: { cutover:stage: { flags: 1 } }",
    /cannot be used .*Pulumi\.stageA\.yaml/,
  ],
])("a base that cannot be used is said: %s", async (_, text, said) => {
  cpSync(OPS_VIEW, join(folder, "here"), { recursive: true });
  writeFileSync(join(folder, "here", "Pulumi.stageA.yaml"), text);
  const base = commit();
  cpSync(OPS_VIEW, join(folder, "here"), { recursive: true });
  expect(await weakerThan(base, "here")).toMatch(said);
});

test.each(["main", "--output=/tmp/x", "0000000000"])(
  "a base that git does not know is said: %s",
  async (at) => {
    commit();
    await expect(baseAt(at, { name: "ops-view", folder })).rejects.toThrow(/base|hash/);
  },
);
