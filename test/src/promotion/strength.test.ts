import { describe, expect, test, vi } from "vitest";
import { showRecord } from "../../../src/promotion/record";
import { heldToOf } from "../../../src/promotion/strength";
import { heldTo } from "../../../src/rollout/strength/judge";
import { WEAKER } from "../../cli/preview/facts";

const ARN = "arn:aws:sts::123456789012:assumed-role/promote/ada";

/** The same, with a reason for each of the three. */
const EXPLAINED = {
  ...WEAKER,
  weakened: { ...WEAKER.weakened, SB3: { reason: "No versions any more" }, XB1: { reason: "It flaps" } },
};

describe("what a flip writes down", () => {
  test("is what it is held to, with the reasons that counted, and who gave them", async () => {
    const made = await heldToOf(EXPLAINED, async () => ARN);
    expect(made).toEqual({
      definitions: WEAKER.now,
      weakened: expect.toSatisfy((list) => list.length === 3),
    });
    expect(made.weakened).toContainEqual({
      key: "stageA.soak",
      says: "the soak of stageA is 1 h, was 24 h",
      reason: "Support asked for a shorter soak, see OPS-12",
      by: ARN,
    });
    expect(heldTo.parse(JSON.parse(JSON.stringify(made)))).toEqual(made);
    expect(showRecord({ atFlip: null, settlement: null, heldTo: made }).weakened).toMatchObject({
      "stageA.soak": `the soak of stageA is 1 h, was 24 h: Support asked for a shorter soak, see OPS-12 (${ARN})`,
    });
  });

  test("names nobody where AWS does not say who it is, and asks for nobody without a reason", async () => {
    const [unnamed] = (await heldToOf(EXPLAINED, async () => undefined)).weakened;
    expect(unnamed).not.toHaveProperty("by");
    const whose = vi.fn(async () => ARN);
    expect((await heldToOf({ ...WEAKER, before: {} }, whose)).weakened).toEqual([]);
    expect(whose).not.toHaveBeenCalled();
  });

  test("is what was written down before, where something is weaker and nobody said why", async () => {
    // Flags may be lowered then, and an interrupted flip adopted: neither may make the weaker the measure.
    const accepted = [{ key: "B1", says: "B1 is gone", reason: "Part of A2 now", by: ARN }];
    const made = await heldToOf({ ...WEAKER, weakened: {}, accepted }, async () => ARN);
    expect(made).toEqual({ definitions: WEAKER.before.lastFlip, weakened: accepted });
  });
});
