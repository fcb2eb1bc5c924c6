import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runbookCommand } from "../../../cli/runbook/run";

const FOLDER = join(__dirname, "..", "..", "..");

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "runbook-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test("is printed, or written to a file, the same", () => {
  let printed = "";
  const print = (text: string) => {
    printed += text;
  };
  expect(runbookCommand({ stage: "stageA", folder: FOLDER, print })).toBe(0);
  const output = join(folder(), "a.md");
  expect(runbookCommand({ stage: "stageA", folder: FOLDER, output })).toBe(0);
  expect(readFileSync(output, "utf8")).toBe(printed);
  expect(printed).toContain("drop column custody_status");
});

test("of no stage is refused, with the stage that may have been meant", () => {
  expect(() => runbookCommand({ stage: "StageA", folder: FOLDER })).toThrow(/Did you mean stageA\?/);
});

test("with a script that is not there is refused: a runbook without it fails whoever needs it", () => {
  const made = folder();
  for (const stack of ["baseline", "stageA", "stageB"])
    writeFileSync(join(made, `Pulumi.${stack}.yaml`), readFileSync(join(FOLDER, `Pulumi.${stack}.yaml`)));
  expect(() => runbookCommand({ stage: "stageA", folder: made })).toThrow(
    /Pulumi\.baseline\.yaml:\d+ cutover:rollout\.rollback\.R4\.sql: names rollouts\/ops-view\/rollback-012-013\.sql, which is not there/,
  );
});
