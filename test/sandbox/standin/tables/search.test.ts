import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { search } from "../../../../sandbox/standin/tables/search";

/** From a number to those beside it. */
const near = (goal: number, budget = 500) =>
  search({
    start: 0,
    moves: (at) => [at + 1, at - 1, at * 2],
    distance: async (at) => Math.abs(goal - at),
    budget,
    patience: () => budget,
  });

describe("a search", () => {
  it("finds what can be reached", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -100, max: 100 }), async (goal) => {
        expect(await near(goal)).toEqual({ state: goal, distance: 0 });
      }),
    );
  });

  it("gives the nearest that it came by where there is none", async () => {
    const looked: number[] = [];
    const found = await search({
      start: 3,
      moves: (at) => (at > 0 ? [at - 1] : []),
      distance: async (at) => {
        looked.push(at);
        return at + 1;
      },
      budget: 100,
      patience: () => 100,
    });
    expect(found).toEqual({ state: 0, distance: 1 });
    expect(looked).toEqual([3, 2, 1, 0]);
  });

  it.each([
    ["its budget", 7, 100, 7],
    ["its patience", 100, 4, 5],
  ])("ends with %s", async (_name, budget, patience, looks) => {
    let looked = 0;
    await search({
      start: 0,
      moves: (at) => [at + 1],
      distance: async () => {
        looked++;
        return 1;
      },
      budget,
      patience: () => patience,
    });
    expect(looked).toBe(looks);
  });

  it("looks at no state twice", async () => {
    const looked: number[] = [];
    await search({
      start: 0,
      moves: (at) => [(at + 1) % 5, (at + 2) % 5],
      distance: async (at) => {
        looked.push(at);
        return 1;
      },
      budget: 100,
      patience: () => 100,
    });
    expect(looked.sort()).toEqual([0, 1, 2, 3, 4]);
  });
});
