import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { changedSince } from "./git";

/** A repository with one commit on `main`, and a branch that left it. */
function repository() {
  const folder = mkdtempSync(join(tmpdir(), "changed-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, stdio: "ignore" });
  const write = (path: string, text = path) => writeFileSync(join(folder, path), text);
  const commit = () => {
    git("add", "--all");
    git("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "commit", "--no-verify", "-m", "one");
  };
  git("init", "--initial-branch=main");
  for (const path of ["kept.ts", "edited.ts", "moved.ts", "gone.ts"]) write(path);
  commit();
  git("checkout", "-b", "topic");
  return { folder, git, write, commit };
}

it("finds what a branch and its working tree have changed, and nothing that the other one has", () => {
  const { folder, git, write, commit } = repository();
  write("committed.ts");
  renameSync(join(folder, "moved.ts"), join(folder, "there.ts"));
  commit();
  git("checkout", "main");
  write("theirs.ts");
  commit();
  git("checkout", "topic");
  write("edited.ts", "otherwise");
  rmSync(join(folder, "gone.ts"));
  mkdirSync(join(folder, "a folder"));
  write("a folder/new.ts");
  expect(changedSince(folder, "main")).toEqual([
    "a folder/new.ts",
    "committed.ts",
    "edited.ts",
    "gone.ts",
    "moved.ts",
    "there.ts",
  ]);
});

it("says what it was asked where git cannot tell", () => {
  const { folder } = repository();
  expect(() => changedSince(folder, "nowhere")).toThrow(/what has changed since nowhere: fatal/);
});
