import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { prove } from "../../../../cli/rehearse/derived/levers/prove";
import { type Row, rowsOf } from "../../../../cli/rehearse/derived/rehearsedRows";
import { PROGRAM, SandboxProject } from "../../../../cli/sandbox/project";
import { loadRollout } from "../../../../src/rollout/load";

const ROLLOUTS = {
  "ops-view": loadRollout(PROGRAM),
  "v2-pipeline": loadRollout(join(PROGRAM, "rollouts", "v2-pipeline")),
};
type Name = keyof typeof ROLLOUTS;

const rowOf = (rollout: (typeof ROLLOUTS)[Name], key: string): Row => {
  const row = rowsOf(rollout).find((one) => one.key === key);
  if (!row) throw new Error(`there is no ${key}`);
  return row;
};

/** A project that remembers what was changed, and says what stood there. */
function remembering() {
  const edits: [key: string, name: string, value: unknown][] = [];
  const now = new Map<string, unknown>();
  return {
    edits,
    project: {
      editGate: async ({ stage, id }: { stage: string; id: string }, name: string, value: unknown) => {
        const key = `${stage}.${id}`;
        edits.push([key, name, value]);
        const before = now.has(`${key}.${name}`) ? now.get(`${key}.${name}`) : `was ${name}`;
        now.set(`${key}.${name}`, value);
        return before;
      },
    },
  };
}

describe("a gate is asked what it names under prove", () => {
  it.each<[Name, string, Record<string, unknown>]>([
    ["ops-view", "stageA.A1", { query: "select count(*) from schema_migrations where version = 'none'" }],
    ["ops-view", "stageA.E1", { name: "ReadRequests" }],
    ["v2-pipeline", "percent10.G5c", { expression: "late + 100 - early" }],
  ])("%s %s: %j", async (name, key, changed) => {
    const rollout = ROLLOUTS[name];
    const { edits, project } = remembering();
    const lever = prove(rollout, project);
    const row = rowOf(rollout, key);
    expect(lever.can(row)).toBe(true);
    await lever.pull(row);
    const pulled = edits.splice(0);
    expect(pulled.every(([of]) => of === key)).toBe(true);
    expect(Object.fromEntries(pulled.map(([, name, value]) => [name, value]))).toMatchObject(changed);
    await lever.release();
    expect(edits).toEqual(pulled.map(([of, name]) => [of, name, `was ${name}`]));
    // Nothing is left to be put back.
    const length = edits.length;
    await lever.release();
    expect(edits).toHaveLength(length);
  });
});

it.each<[Name, string, string]>([
  ["ops-view", "stageA.E4", "a sign-off has none"],
  ["ops-view", "stageA.SA1", "a smoke check is asked once the flags are up"],
  ["ops-view", "stageA.XA1", "an alarm is no gate"],
  ["ops-view", "stageA.C1", "a message is none"],
])("%s %s can not: %s", (name, key) => {
  const rollout = ROLLOUTS[name];
  expect(prove(rollout, remembering().project).can(rowOf(rollout, key))).toBe(false);
});

it.each([
  ["ops-view", PROGRAM],
  ["v2-pipeline", join(PROGRAM, "rollouts", "v2-pipeline")],
] as const)(
  "a stack file of %s with a gate so written loads, and is what it was in the end",
  async (name, source) => {
    const rollout = ROLLOUTS[name];
    const folder = mkdtempSync(join(tmpdir(), "prove-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const project = new SandboxProject(folder, source);
    await project.write(
      rollout.stages.map((stage) => stage.name),
      () => ({}),
    );
    const before = loadRollout(folder);
    const lever = prove(rollout, project);
    const rows = rowsOf(rollout).filter((row) => lever.can(row));
    expect(rows.length).toBeGreaterThan(5);
    for (const row of rows) {
      await lever.pull(row);
      expect(loadRollout(folder), row.key).not.toEqual(before);
      await lever.release();
    }
    expect(loadRollout(folder)).toEqual(before);
  },
);
