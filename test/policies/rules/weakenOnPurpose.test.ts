import { describe, expect, test } from "vitest";
import { weakenOnPurpose as rule } from "../../../policies/rules/weakenOnPurpose";
import { lowering, refused, restarting } from "../fixture";
import { stageViolations } from "../judge";
import { behavesAsStageRule } from "../stageRuleCases";

const PAGE = { "promotion.strength.now.stages.0.rows.abort.XA1.action": "page" };

behavesAsStageRule(rule, {
  needs: ["stage"],
  wrong: { stage: 1, "promotion.strength.now.version": 2 },
  reads: ["promotion.strength.now.stages.0.rows.abort.XA1.action"],
  fails: PAGE,
});

test("names what is weaker, against what, and what to write", () => {
  const [message, ...others] = stageViolations(rule, PAGE);
  expect(message).toContain("XA1 no longer rolls back");
  expect(message).toContain("the last flip of this stage and the predecessor's promotion");
  expect(message).toContain("weakened: { XA1: { reason: … } }");
  expect(others).toEqual([]);
});

test("a reason lets it pass, and one that was used for something else does not", () => {
  const reason = "A person decides from here on";
  const given = { ...PAGE, "promotion.strength.weakened": { XA1: { reason } } };
  expect(stageViolations(rule, given)).toEqual([]);
  const used = (says: string) => ({
    ...given,
    "promotion.strength.accepted": [{ key: "XA1", says, reason }],
  });
  expect(stageViolations(rule, used("XA1 fires above 5, was above 0"))).toHaveLength(1);
  // Undone in between and eased again: that is another decision.
  expect(stageViolations(rule, used("XA1 no longer rolls back"))).toHaveLength(1);
});

test("the base of a pull request counts", () => {
  const none = {
    "promotion.strength.before.lastFlip": undefined,
    "promotion.strength.before.predecessor": undefined,
  };
  expect(stageViolations(rule, { ...PAGE, ...none })).toEqual([]);
});

describe("what raises nothing", () => {
  test.each([
    ["a lower", lowering("READ answers with errors")],
    ["a refusal", refused("stageA is not live")],
  ])("is not blocked: %s", (_, plan) => {
    expect(stageViolations(rule, { ...PAGE, ...plan })).toEqual([]);
  });

  test("but writes down anew what it is held to, is", () => {
    expect(stageViolations(rule, { ...PAGE, ...restarting() })).toHaveLength(1);
  });
});

test("a raise that does not say what it is held to is not let pass", () => {
  expect(stageViolations(rule, { "promotion.strength": undefined })[0]).toContain(
    "does not say what it is held to",
  );
});
