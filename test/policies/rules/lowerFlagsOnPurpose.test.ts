import { expect, test } from "vitest";
import { lowerFlagsOnPurpose as rule } from "../../../policies/rules/lowerFlagsOnPurpose";
import { lowering, refused } from "../fixture";
import { stageViolations } from "../judge";
import { behavesAsStageRule } from "../stageRuleCases";

behavesAsStageRule(rule, {
  needs: ["stage"],
  wrong: { stage: 1, promotion: "lower", "promotion.plan.kind": "down", "promotion.plan.changes": null },
  reads: ["stage", "promotion", "promotion.plan.kind"],
  fails: lowering(),
});

test.each([
  ["no", undefined],
  ["an empty", ""],
  ["a blank", " \n\t"],
])("%s reason", (_, reason) => {
  const [message, ...others] = stageViolations(rule, lowering(reason));
  expect(message).toContain("stageA would lower flags (WRITE: true → false) without a reason");
  expect(message).toContain("Add lower: { reason: … } to cutover:stage");
  expect(message).toContain("cutover abort");
  expect(others).toEqual([]);
});

test("a written reason", () => {
  expect(stageViolations(rule, lowering("READ answers with errors"))).toEqual([]);
});

test("a reason of a wrong type", () => {
  const plan = { ...(lowering()["promotion.plan"] as object), reason: true };
  expect(stageViolations(rule, { ...lowering(), "promotion.plan": plan }).join()).toContain(
    "cannot be judged, so it is not promoted (promotion.plan.reason",
  );
});

test("plans that lower nothing need none", () => {
  expect(stageViolations(rule, refused("is out of order"))).toEqual([]);
  expect(stageViolations(rule, { promotion: undefined })).toEqual([]);
});

test("a recorded lower, where nothing is promoted", () => {
  expect(stageViolations(rule, lowering(), { ignoreChanges: ["promotion"] })).toEqual([]);
});
