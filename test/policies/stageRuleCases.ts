import type { ResourceValidationPolicy } from "@pulumi/policy";
import { describe, expect, test } from "vitest";
import { stageResource, stageViolations, UNKNOWN, UnknownValueError, violations } from "./judge";

/** What a rule about stages has to be told. */
export interface StageRuleCases {
  /** Inputs without which it cannot judge. */
  readonly needs: readonly string[];
  /** Inputs of a wrong type, each by itself. */
  readonly wrong: Readonly<Record<string, unknown>>;
  /** Inputs whose value it reads: unknown ones must stop it. */
  readonly reads: readonly string[];
  /** Changes that it does not let pass; what it says then is for the rule's own tests. */
  readonly fails: Readonly<Record<string, unknown>>;
}

/** What every rule about stages has in common: it judges stages only, and never what it cannot read. */
export function behavesAsStageRule(rule: ResourceValidationPolicy, cases: StageRuleCases): void {
  describe("like every rule about stages", () => {
    test("lets the compliant stage pass", () => {
      expect(stageViolations(rule)).toEqual([]);
    });

    test("does not let the other one pass", () => {
      expect(stageViolations(rule, cases.fails)).not.toEqual([]);
    });

    test("ignores resources of other types", () => {
      const other = { ...stageResource(cases.fails), type: "other:index:Stage" };
      expect(violations(rule, other)).toEqual([]);
      expect(violations(rule, { ...other, props: {} })).toEqual([]);
    });

    test.each(cases.needs)("cannot judge without %s", (path) => {
      expectCannotJudge(stageViolations(rule, { [path]: undefined }), path);
    });

    test.each(Object.entries(cases.wrong))("cannot judge %s of a wrong type", (path, value) => {
      expectCannotJudge(stageViolations(rule, { [path]: value }), path);
    });

    test.each(cases.reads)("does not pass while %s is unknown", (path) => {
      expect(() => stageViolations(rule, { [path]: UNKNOWN })).toThrow(UnknownValueError);
    });

    test("cannot judge a stage without inputs", () => {
      const [message, ...others] = violations(rule, { ...stageResource(), props: {} });
      expect(message).toContain("cannot be judged");
      expect(others).toEqual([]);
    });
  });
}

/** One message: which stage, where, that it is not promoted, what to do. */
function expectCannotJudge(messages: string[], path: string): void {
  expect(messages).toHaveLength(1);
  expect(messages[0]).toMatch(/^The stage stageB cannot be judged, so it is not promoted \(/);
  expect(messages[0]).toContain(path);
  expect(messages[0]).toContain("Declare it through the Stage component");
}
