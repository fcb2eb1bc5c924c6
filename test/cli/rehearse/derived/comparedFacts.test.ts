import { describe, expect, test } from "vitest";
import {
  countedIn,
  type Differing,
  differencesSeen,
  waysOf,
} from "../../../../cli/rehearse/derived/comparedFacts";
import { COUNTS } from "../../../../src/rollout/config/reconcile";

const FOUND: Differing[] = [
  { key: "a", way: "missing" },
  { key: "b", way: "different" },
  { key: "c", way: "different" },
];
const SAID = { missing: 1, extra: 0, different: 2, samples: { missing: ["a"], different: ["c", "b"] } };

test("what both see is no difference, and is told by name", () => {
  expect(differencesSeen(SAID, FOUND, COUNTS)).toBeUndefined();
  expect(waysOf(FOUND)).toBe("missing a, different b, different c");
  expect([countedIn(SAID, COUNTS), countedIn(SAID, ["missing"]), countedIn(undefined, COUNTS)]).toEqual([
    3, 1, 0,
  ]);
});

describe("is told", () => {
  test.each<[string, Parameters<typeof differencesSeen>, string]>([
    ["a probe that says nothing", [undefined, FOUND, COUNTS], "the probe says nothing of it"],
    [
      "a row that the probe has not found",
      [{ ...SAID, missing: 0 }, FOUND, COUNTS],
      "the probe counts 0 missing, and by hand there are 1",
    ],
    [
      "a row that nobody planted",
      [{ ...SAID, extra: 1 }, FOUND, COUNTS],
      "the probe counts 1 extra, and by hand there are 0",
    ],
    [
      "a row by another name",
      [{ ...SAID, samples: { missing: ["b"], different: ["b"] } }, FOUND, COUNTS],
      "the probe names as missing what nobody finds by hand: b",
    ],
    [
      "a row without a name",
      [{ ...SAID, samples: { missing: ["a"] } }, FOUND, COUNTS],
      "the probe names no row that is different",
    ],
  ])("%s", (_, given, told) => {
    expect(differencesSeen(...given)).toBe(told);
  });

  test("nothing of what does not count", () => {
    expect(differencesSeen({ ...SAID, extra: 9 }, FOUND, ["missing", "different"])).toBeUndefined();
  });
});
