import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { chosen, rehearse } from "../../../cli/rehearse/run";
import { PROGRAM } from "../../../cli/sandbox/project";

const PIPELINE = join(PROGRAM, "rollouts", "v2-pipeline");

test.each([
  [{ cwd: PROGRAM }, [PROGRAM]],
  [{ cwd: PROGRAM, keep: true, quick: true }, [PROGRAM]],
  [{ cwd: PIPELINE, rows: true }, [PIPELINE]],
  [{ rollout: "v2-pipeline" }, [PIPELINE]],
  [{ rollout: "v2-pipeline", keep: true }, [PIPELINE]],
  [{ all: true }, [PROGRAM, PIPELINE]],
  [{ all: true, quick: true }, [PROGRAM, PIPELINE]],
])("%j rehearses %j", (options, folders) => {
  expect(chosen(options)).toEqual(folders);
});

test.each([
  [{ rollout: "v3-pipeline" }, "The stack files of v3-pipeline were not found"],
  [{ rollout: "ops-view", all: true }, "--all and --rollout ask for different things"],
  [{ cwd: ".", all: true }, "-C names a rollout, and so does --all"],
  [{ cwd: ".", rollout: "ops-view" }, "-C names a rollout, and so does --rollout"],
  [{ quick: true, rows: true }, "--quick and --rows ask for different things"],
  [{ all: true, keep: true }, "--keep leaves one sandbox"],
])("%j is refused", (options, said) => {
  expect(() => chosen(options)).toThrow(said);
});

test("a folder without stack files is no rollout, and no sandbox is opened for it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "empty-"));
  try {
    await expect(rehearse({ cwd: folder })).rejects.toThrow(/stack file/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
