import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { oldDrill } from "../../../../cli/rehearse/derived/levers/time";
import { rowsOf } from "../../../../cli/rehearse/derived/rehearsedRows";
import { PROGRAM, SandboxProject } from "../../../../cli/sandbox/project";
import { loadRollout } from "../../../../src/rollout/load";

it("a drill is too old as long as it is so written, where the gate is defined, and of no other gate", async () => {
  const source = join(PROGRAM, "rollouts", "v2-pipeline");
  const rollout = loadRollout(source);
  const folder = mkdtempSync(join(tmpdir(), "drill-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const project = new SandboxProject(folder, source);
  await project.write(
    rollout.stages.map(({ name }) => name),
    () => ({}),
  );
  const lever = oldDrill(rollout, project);
  const rows = rowsOf(rollout).filter((row) => lever.can(row));
  expect(rows.map(({ key }) => key)).toEqual([
    "percent50.A1",
    "percent100.A1",
    "deprecate-v1.A1",
    "remove-v1.A1",
  ]);
  const ageOf = () => {
    const gate = loadRollout(folder).stages.find(({ name }) => name === "percent100")?.entry.A1;
    return gate && "maxAge" in gate ? gate.maxAge : undefined;
  };
  const before = ageOf();
  for (const row of rows) {
    await lever.pull(row);
    expect(ageOf()).toBe("1s");
    await lever.release();
    expect(ageOf()).toBe(before);
  }
});
