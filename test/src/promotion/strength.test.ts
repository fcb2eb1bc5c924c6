import { describe, expect, test, vi } from "vitest";
import { showRecord } from "../../../src/promotion/record";
import { heldToOf } from "../../../src/promotion/strength";
import type { Definitions } from "../../../src/rollout/strength/definitions";
import {
  type Comparison,
  type HeldTo,
  heldTo,
  judgeStrength,
  unexplained,
} from "../../../src/rollout/strength/judge";
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
    expect((await heldToOf({ ...WEAKER, before: {}, weakened: {} }, whose)).weakened).toEqual([]);
    expect(whose).not.toHaveBeenCalled();
  });

  /** Flips of one stage, one after the other: the definitions, and the reasons that stand in its file. */
  async function flips(...list: (readonly [now: Definitions, weakened?: Comparison["weakened"]])[]) {
    let held: HeldTo | undefined;
    let open: string[] = [];
    for (const [now, weakened = {}] of list) {
      const strength: Comparison = {
        now,
        before: { lastFlip: held?.definitions },
        weakened,
        accepted: held?.weakened ?? [],
        unrecorded: false,
      };
      open = unexplained(judgeStrength(strength)).map(({ says }) => says);
      held = await heldToOf(strength, async () => ARN);
    }
    return open;
  }

  const [was, now] = [WEAKER.before.lastFlip as Definitions, WEAKER.now];
  const shorter = structuredClone(was);
  for (const { name, rest } of shorter.stages) if (name === "stageA") rest.soak = "12h";
  const R = { "stageA.soak": { reason: "Support asked for a shorter soak" } };
  const other = { "stageA.soak": { reason: "An hour says it all, see OPS-14" } };
  const SOAK = /^the soak of stageA is/;

  test.each<[string, (readonly [Definitions, Comparison["weakened"]?])[], number]>([
    ["eased further at once", [[was], [shorter, R], [now, R]], 1],
    [
      "eased further after a flip at which nothing is weaker",
      [[was], [shorter, R], [shorter, R], [now, R]],
      1,
    ],
    ["eased further after several", [[was], [shorter, R], [shorter, R], [shorter, R], [now, R]], 1],
    ["undone, and eased again", [[was], [shorter, R], [was, R], [shorter, R]], 1],
    ["written before anything was weaker", [[was], [was, R], [shorter, R]], 1],
    ["eased further, with another reason", [[was], [shorter, R], [shorter, R], [now, other]], 0],
    ["given for it", [[was], [shorter, R]], 0],
  ])("counts a reason for what it was written for: %s", async (_, list, count) => {
    expect((await flips(...list)).filter((says) => SOAK.test(says))).toHaveLength(count);
  });

  test("names who gave a reason at the flip that it was given for", async () => {
    const strength = { ...WEAKER, now: was, before: { lastFlip: was }, weakened: R };
    const accepted = [{ key: "stageA.soak", says: "It was so", reason: R["stageA.soak"].reason, by: "ada" }];
    const whose = vi.fn(async () => ARN);
    expect((await heldToOf({ ...strength, accepted }, whose)).weakened).toEqual(accepted);
    expect(whose).not.toHaveBeenCalled();
  });

  test("is what was written down before, where something is weaker and nobody said why", async () => {
    // Flags may be lowered then, and an interrupted flip adopted: neither may make the weaker the measure.
    const accepted = [{ key: "B1", says: "B1 is gone", reason: "Part of A2 now", by: ARN }];
    const made = await heldToOf({ ...WEAKER, weakened: {}, accepted }, async () => ARN);
    expect(made).toEqual({ definitions: WEAKER.before.lastFlip, weakened: accepted });
  });
});
