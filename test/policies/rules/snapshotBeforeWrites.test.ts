import { expect, test } from "vitest";
import { snapshotBeforeWrites as rule } from "../../../policies/rules/snapshotBeforeWrites";
import { lowering } from "../fixture";
import { stageViolations } from "../judge";
import { behavesAsStageRule } from "../stageRuleCases";

behavesAsStageRule(rule, {
  needs: ["stage", "flags", "flagSpecs", "flagSpecs.WRITE.writes", "predecessor"],
  wrong: {
    "flagSpecs.WRITE.writes": "true",
    predecessor: [],
    snapshot: "ops-db",
    "snapshot.instance": "",
  },
  reads: [
    "flags.WRITE",
    "flagSpecs.WRITE.writes",
    "predecessor.flags.WRITE",
    "snapshot",
    "snapshot.instance",
  ],
  fails: { snapshot: undefined },
});

test.each([
  ["no snapshot", undefined],
  ["a snapshot of nothing", {}],
])("writes with %s", (_, snapshot) => {
  const [message, ...others] = stageViolations(rule, { snapshot });
  expect(message).toContain("stageB raises WRITE, which lets data be written, without a snapshot");
  expect(message).toContain("Add snapshot: { instance: … } or { cluster: … } to cutover:stage");
  expect(others).toEqual([]);
});

test("a cluster's snapshot will do", () => {
  expect(stageViolations(rule, { snapshot: { cluster: "ops-cluster" } })).toEqual([]);
});

test("a gate that shows that the data can be had back will do, be it of whatever kind", () => {
  expect(stageViolations(rule, { snapshot: undefined, dataKeptBy: ["B7"] })).toEqual([]);
  expect(stageViolations(rule, { snapshot: undefined, dataKeptBy: [] })).toHaveLength(1);
});

test("a percentage of writes needs one at every step", () => {
  const share = {
    "flagSpecs.WRITE": { kind: "percentage", off: 0, requires: [], writes: true },
    "predecessor.flags.WRITE": 10,
    "promotion.plan.from.WRITE": 10,
    snapshot: undefined,
  };
  expect(stageViolations(rule, { ...share, "flags.WRITE": 50 })).toHaveLength(1);
  expect(stageViolations(rule, { ...share, "flags.WRITE": 10 })).toEqual([]);
  expect(stageViolations(rule, { ...share, "flags.WRITE": 5 })).toEqual([]);
});

test.each([
  ["raises no flag that writes", { "flagSpecs.WRITE.writes": false }],
  ["follows one that wrote already", { "predecessor.flags.WRITE": true, "promotion.plan.from.WRITE": true }],
])("a stage that %s needs none", (_, changes) => {
  expect(stageViolations(rule, { ...changes, snapshot: undefined })).toEqual([]);
});

test("a lower is not blocked for the want of one", () => {
  const down = { ...lowering("stage C misbehaves"), flags: { READ: true, WRITE: true }, snapshot: undefined };
  expect(stageViolations(rule, down)).toEqual([]);
  expect(stageViolations(rule, down, { ignoreChanges: ["promotion"] })).toHaveLength(1);
});

test("a stage that raises again what a later one had contracted needs one, though its predecessor writes, too", () => {
  const again = { "predecessor.flags.WRITE": true, "promotion.plan.from.WRITE": false };
  expect(stageViolations(rule, { ...again, snapshot: undefined })).toHaveLength(1);
  expect(stageViolations(rule, again)).toEqual([]);
});
