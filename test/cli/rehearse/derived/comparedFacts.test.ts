import { describe, expect, test } from "vitest";
import {
  countedIn,
  type Differing,
  differencesSeen,
  showDiffering,
} from "../../../../cli/rehearse/derived/comparedFacts";
import { COUNTS } from "../../../../src/rollout/config/reconcile";

const FOUND: Differing[] = [
  { key: "a", way: "missing" },
  { key: "b", way: "different" },
  { key: "c", way: "different" },
];
const ALL = { before: FOUND, after: FOUND };
const SAID = { missing: 1, extra: 0, different: 2, samples: { missing: ["a"], different: ["c", "b"] } };

test("what both see is no difference, and is told by name", () => {
  expect(differencesSeen(SAID, ALL, COUNTS)).toBeUndefined();
  expect(showDiffering(FOUND)).toBe("missing a, different b, different c");
  expect([countedIn(SAID, COUNTS), countedIn(SAID, ["missing"]), countedIn(undefined, COUNTS)]).toEqual([
    3, 1, 0,
  ]);
});

test("of many, a few are told by name", () => {
  const many = Array.from({ length: 93 }, (_, index): Differing => ({ key: `k${index}`, way: "missing" }));
  expect(showDiffering(many)).toBe("missing k0, missing k1, missing k2, missing k3, missing k4, and 88 more");
});

describe("is told", () => {
  test.each<[string, Parameters<typeof differencesSeen>, string]>([
    ["a probe that says nothing", [undefined, ALL, COUNTS], "the probe says nothing of it"],
    [
      "a row that the probe has not found",
      [{ ...SAID, missing: 0 }, ALL, COUNTS],
      "the probe counts 0 missing, and by hand there are 1",
    ],
    [
      "a row that nobody planted",
      [{ ...SAID, extra: 1 }, ALL, COUNTS],
      "the probe counts 1 extra, and by hand there are 0",
    ],
    [
      "a row by another name",
      [{ ...SAID, samples: { missing: ["b"], different: ["b"] } }, ALL, COUNTS],
      "the probe names as missing what nobody finds by hand: b",
    ],
    [
      "a row without a name",
      [{ ...SAID, samples: { missing: ["a"] } }, ALL, COUNTS],
      "the probe names no row that is different",
    ],
  ])("%s", (_, given, told) => {
    expect(differencesSeen(...given)).toBe(told);
  });

  test.each<[string, number, string | undefined]>([
    ["as many as before", 3, undefined],
    ["as many as after", 2, undefined],
    ["fewer than stayed", 1, "the probe counts 1 different, and by hand there are 2 to 3"],
    ["more than there ever were", 4, "the probe counts 4 different, and by hand there are 2 to 3"],
  ])("where a row arrives while the probe looks: %s", (_, different, told) => {
    const before: Differing[] = [...FOUND, { key: "late", way: "different" }];
    expect(differencesSeen({ ...SAID, different }, { before, after: FOUND }, COUNTS)).toBe(told);
  });

  test("nothing of what does not count", () => {
    expect(differencesSeen({ ...SAID, extra: 9 }, ALL, ["missing", "different"])).toBeUndefined();
  });
});
