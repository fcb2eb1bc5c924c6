import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { definitionsAt } from "../../../cli/preview/base";
import { loadRollout } from "../../../src/rollout/load";
import { weakenings } from "../../../src/rollout/strength/compare";
import { definitionsOf } from "../../../src/rollout/strength/definitions";
import { OPS_VIEW } from "./facts";

const folder = mkdtempSync(join(tmpdir(), "cutover-base-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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

test("what the rollout was held to where the branch left its base", async () => {
  git("init", "-q", "-b", "main");
  writeFileSync(join(folder, "README.md"), "nothing yet");
  const empty = commit();
  expect(await definitionsAt(empty, folder)).toBeUndefined();

  cpSync(OPS_VIEW, folder, { recursive: true });
  const base = commit();
  const file = join(folder, "Pulumi.stageA.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replace("soak: 24h", "soak: 1h"));
  const was = await definitionsAt(base, folder);
  expect(was).toEqual(definitionsOf(loadRollout(OPS_VIEW)));
  expect(was && weakenings(was, definitionsOf(loadRollout(folder))).map((one) => one.says)).toEqual([
    "the soak of stageA is 1 h, was 24 h",
  ]);

  writeFileSync(file, "not: [yaml");
  expect(await definitionsAt(commit(), folder)).toBeUndefined();
});

test.each(["main", "--output=/tmp/x", "0000000000"])(
  "a base that git does not know is said: %s",
  async (at) => {
    await expect(definitionsAt(at, folder)).rejects.toThrow(/base|hash/);
  },
);
