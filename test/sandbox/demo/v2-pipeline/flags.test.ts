import { describe, expect, test } from "vitest";
import { parseDocument } from "../../../../kit/node/src/document";
import { DECLARED } from "../../../../sandbox/demo/v2-pipeline/flags";

const parse = (text: string) => parseDocument(DECLARED, text, true);

const document = (percent: unknown, deprecated: unknown = false, removed: unknown = false, more = {}) =>
  JSON.stringify({ V2_ROLLOUT_PERCENT: percent, V1_DEPRECATED: deprecated, V1_REMOVED: removed, ...more });

describe("a flag document", () => {
  test.each([
    [0, false, false],
    [0.5, false, false],
    [50, false, false],
    [100, true, false],
    [100, true, true],
  ])("of %d %%, deprecated %s, removed %s is taken", (percent, deprecated, removed) => {
    expect(parse(document(percent, deprecated, removed, { other: 1 }))).toEqual({
      ok: true,
      values: { V2_ROLLOUT_PERCENT: percent, V1_DEPRECATED: deprecated, V1_REMOVED: removed },
      missing: [],
    });
  });

  test("tells the token of a drill", () => {
    expect(parse(document(0, false, false, { _cutover: { drill: "abc" } }))).toMatchObject({ drill: "abc" });
  });

  test.each([
    [document(99, true), "V1_DEPRECATED requires V2_ROLLOUT_PERCENT at 100"],
    [document(100, false, true), "V1_REMOVED requires V1_DEPRECATED"],
    [document(50, true, true), "V1_DEPRECATED requires"],
    [document(101), "V2_ROLLOUT_PERCENT"],
    [document("50"), "V2_ROLLOUT_PERCENT"],
    [document(50, "false"), "V1_DEPRECATED"],
    [JSON.stringify({ V2_ROLLOUT_PERCENT: 50 }), "V1_DEPRECATED"],
    ["secret words", "no JSON object"],
  ])("%s is refused as a whole", (text, said) => {
    expect(parse(text)).toEqual({ ok: false, problem: expect.stringContaining(said) });
    expect(parse(text)).toEqual({ ok: false, problem: expect.not.stringContaining("secret words") });
  });
});
