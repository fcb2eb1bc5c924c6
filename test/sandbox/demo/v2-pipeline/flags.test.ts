import { describe, expect, test } from "vitest";
import { parseFlagDocument } from "../../../../sandbox/demo/v2-pipeline/flags";

const document = (percent: unknown, deprecated: unknown = false, removed: unknown = false, more = {}) =>
  JSON.stringify({ V2_ROLLOUT_PERCENT: percent, V1_DEPRECATED: deprecated, V1_REMOVED: removed, ...more });

describe("a flag document", () => {
  test.each([
    [0, false, false],
    [50, false, false],
    [100, true, false],
    [100, true, true],
  ])("of %i %%, deprecated %s, removed %s is taken", (percent, deprecated, removed) => {
    expect(parseFlagDocument(document(percent, deprecated, removed, { other: 1 }), "7")).toEqual({
      flags: { V2_ROLLOUT_PERCENT: percent, V1_DEPRECATED: deprecated, V1_REMOVED: removed },
      version: "7",
    });
  });

  test("tells the token of a drill", () => {
    expect(parseFlagDocument(document(0, false, false, { _cutover: { drill: "abc" } }), "7").drill).toBe(
      "abc",
    );
  });

  test.each([
    [document(99, true), "V1_DEPRECATED requires V2_ROLLOUT_PERCENT at 100"],
    [document(100, false, true), "V1_REMOVED requires V1_DEPRECATED"],
    [document(50, true, true), "V1_DEPRECATED requires"],
    [document(101), "V2_ROLLOUT_PERCENT"],
    [document(0.5), "V2_ROLLOUT_PERCENT"],
    [document("50"), "V2_ROLLOUT_PERCENT"],
    [document(50, "false"), "V1_DEPRECATED"],
    [JSON.stringify({ V2_ROLLOUT_PERCENT: 50 }), "V1_DEPRECATED"],
    ["secret words", "flag document 7"],
  ])("%s is refused as a whole", (text, said) => {
    expect(() => parseFlagDocument(text, "7")).toThrow(said);
    expect(() => parseFlagDocument(text, "7")).not.toThrow("secret words");
  });
});
