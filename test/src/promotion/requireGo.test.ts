import { describe, expect, test, vi } from "vitest";
import type { Promotion } from "../../../src/promotion/request";
import { requireGo } from "../../../src/promotion/requireGo";
import { WEAKER } from "../../cli/preview/facts";
import { compliantStage, NOW } from "../../policies/fixture";

vi.useFakeTimers({ now: NOW, toFake: ["Date"] });

const sound = compliantStage().promotion;
const restart = {
  ...sound,
  plan: { kind: "restart", from: sound.plan.to, to: sound.plan.to, liveDeployment: 3 },
};

describe.each(["admission", "flip"] as const)("at the %s", (moment) => {
  test.each<[string, Promotion]>([
    ["a raise", sound],
    ["the same flags anew", restart as Promotion],
  ])("%s is refused where it is held to less than before, without a reason for each", (_, promotion) => {
    expect(() => requireGo(promotion, moment)).not.toThrow();
    const refused = () => requireGo({ ...promotion, strength: WEAKER }, moment);
    expect(refused).toThrow(/XB1: XB1 no longer rolls back: weaker than at the last flip/);
    expect(refused).toThrow(/SB3 is gone/);
    expect(refused).not.toThrow(/the soak of stageA/);
  });

  test("gates and weakenings are told at once", () => {
    const promotion = {
      ...sound,
      strength: WEAKER,
      timeScale: 1,
      evidence: { ...sound.evidence, observations: [] },
    };
    expect(() => requireGo(promotion as Promotion, moment)).toThrow(
      /0 of 2 gates pass[\s\S]*XB1 no longer rolls back/,
    );
  });

  test("a lower never is", () => {
    const lower = { ...sound.plan, kind: "lower" as const, changes: [], reason: "READ answers with errors" };
    expect(requireGo({ ...sound, plan: lower, strength: WEAKER }, moment)).toEqual([]);
  });
});
