import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { buildProgram } from "../../../cli/program";
import { chosen, rehearse } from "../../../cli/rehearse/run";
import { PROGRAM } from "../../../cli/sandbox/project";

const PIPELINE = join(PROGRAM, "rollouts", "v2-pipeline");

test.each([
  [{ cwd: PROGRAM }, [PROGRAM]],
  [{ cwd: PIPELINE }, [PIPELINE]],
  [{ rollout: "v2-pipeline" }, [PIPELINE]],
  [{ all: true }, [PROGRAM, PIPELINE]],
])("%j rehearses %j", (options, folders) => {
  expect(chosen(options)).toEqual(folders);
});

test("a name that leads nowhere is refused", () => {
  expect(() => chosen({ rollout: "v3-pipeline" })).toThrow("The stack files of v3-pipeline were not found");
});

test.each([
  [["--all", "--rollout", "ops-view"], "option '--all' cannot be used with option '--rollout <name>'"],
  [["-C", ".", "--all"], "option '--all' cannot be used with option '-C, --cwd <folder>'"],
  [["--all", "--keep"], "option '--all' cannot be used with option '--keep'"],
  [
    ["-C", ".", "--rollout", "a"],
    "option '--rollout <name>' cannot be used with option '-C, --cwd <folder>'",
  ],
  [["--rows", "--quick"], "option '--quick' cannot be used with option '--rows'"],
])("%j cannot be meant", async (typed, said) => {
  const program = buildProgram(() => {});
  const command = program.commands.find((one) => one.name() === "rehearse");
  command?.configureOutput({ writeErr: () => {} }).exitOverride();
  await expect(program.parseAsync(["node", "cutover", "rehearse", ...typed])).rejects.toThrow(said);
});

test("a folder without stack files is no rollout, and no sandbox is opened for it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "empty-"));
  try {
    await expect(rehearse({ cwd: folder })).rejects.toThrow(/stack file/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
