import { describe, expect, it, test } from "vitest";
import { fillIn, placeholders } from "../../../src/gates/placeholders";
import {
  floorOf,
  phaseBefore,
  predecessorOf,
  type Rollout,
  type Stage,
  stageNamed,
} from "../../../src/rollout/rollout";
import {
  baseline,
  booleanFlag,
  flags,
  opsFlags,
  READ as READS,
  rollout,
  stage,
  stageA,
  stageB,
  WRITE,
} from "../../support/build";

describe("fillIn", () => {
  const parameters = { workspace: "ws-ops", limit: 10, zero: 0, strict: false, empty: "" };
  test.each<[string | number | boolean, string | number | boolean]>([
    ["{workspace}", "ws-ops"],
    ["{limit}", 10],
    ["{zero}", 0],
    ["{strict}", false],
    ["{empty}", ""],
    ["{workspace}-{limit}", "ws-ops-10"],
    ["{unknown}", "{unknown}"],
    ["{toString}", "{toString}"],
    ["{constructor} of {limit}", "{constructor} of 10"],
    ["{ workspace }", "{ workspace }"],
    ["no placeholder", "no placeholder"],
    ["", ""],
    [7, 7],
    [true, true],
  ])("%j becomes %j", (value, expected) => {
    expect(fillIn(value, parameters)).toBe(expected);
  });

  it("does not fill in what a parameter itself holds", () => {
    expect(fillIn("{a}{b}", { a: "{b}", b: "x" })).toBe("{b}x");
  });
});

test("placeholders are the names between braces, in order", () => {
  expect(placeholders("{a} and {b1}, {a}, { c }, {}, {1d}")).toEqual(["a", "b1", "a"]);
});

describe("an abort of a stage", () => {
  const OFF = flags(false, false);
  const READ = flags(true, false);
  // Rollout, stage, row; the nearest one that says anything decides.
  test.each([
    [undefined, undefined, undefined, READ],
    ["predecessor", undefined, undefined, READ],
    ["off", undefined, undefined, OFF],
    ["off", "predecessor", undefined, READ],
    ["predecessor", "off", undefined, OFF],
    ["off", undefined, "predecessor", READ],
    [undefined, undefined, "off", OFF],
    ["off", "off", "predecessor", READ],
    ["predecessor", "predecessor", "off", OFF],
  ] as const)("to %s, %s, %s leads to the right flags", (ofRollout, ofStage, to, expected) => {
    expect(floorOf(rollout({ abortTo: ofRollout }), { ...stageB, abortTo: ofStage }, { to })).toEqual(
      expected,
    );
  });

  const MORE = "OPS_VIEW_MORE";
  const stageC = stage("stageC", { predecessor: "stageB", flags: { ...flags(true, true), [MORE]: true } });
  const three = rollout({
    flags: { ...opsFlags, [MORE]: booleanFlag() },
    stages: [baseline, stageA, stageB, stageC].map((one) => ({
      ...one,
      flags: { [MORE]: false, ...one.flags },
    })) as unknown as Rollout["stages"],
  });
  // Of stageB's row, while stageB or stageC is live.
  test.each<
    [row: { to?: string; flags?: string[] }, live: Stage, read: boolean, write: boolean, more: boolean]
  >([
    [{ to: "previous" }, stageB, true, false, false],
    [{ to: "previous" }, stageC, true, true, false],
    [{ to: "predecessor" }, stageC, true, false, false],
    [{ to: "baseline" }, stageC, false, false, false],
    [{ to: "off" }, stageC, false, false, false],
    [{ flags: [WRITE] }, stageC, true, false, true],
    [{ to: "off", flags: [READS, WRITE] }, stageC, false, false, true],
    [{ to: "stageA", flags: [MORE] }, stageC, true, true, false],
  ])("by a row that says %j while $1.name is live leaves what it says", (row, live, read, write, more) => {
    const floor = floorOf(three, stageB, row, live);
    expect(floor).toEqual({ ...flags(read, write), [MORE]: more });
  });

  test.each(["predecessor", "off", undefined] as const)("the first one leads to off (%s)", (abortTo) => {
    expect(floorOf(rollout({ abortTo }), baseline)).toEqual(OFF);
  });
});

test("stages are found by name, and know their predecessor", () => {
  const of = rollout();
  expect(stageNamed(of, "stageB")).toBe(stageB);
  expect(stageNamed(of, "stagez")).toBeUndefined();
  expect(predecessorOf(of, stageB)).toBe(stageA);
  expect(predecessorOf(of, baseline)).toBeUndefined();
});

describe("one phase below a stage that only contracts", () => {
  const of = (name: string, read: boolean, write: boolean, predecessor?: string) =>
    stage(name, { flags: flags(read, write), ...(predecessor ? { predecessor } : {}) });
  const first = of("first", false, false);
  const reads = of("reads", true, false, "first");
  const fills = of("fills", true, true, "reads");
  const over = of("over", true, false, "fills");
  const line = rollout({ stages: [first, reads, fills, over] });
  test.each<[string, Stage, Stage, string]>([
    ["is what the lowest stage with the same of its flags rests on", over, reads, "reads over first"],
    ["is not below the stage that the row's own rests on", over, fills, "fills over reads"],
    ["of a row of its own, is the stage before it", over, over, "over over fills"],
    ["of any other stage, is the stage before it", fills, reads, "fills over reads"],
  ])("%s", (_, live, owner, expected) => {
    const below = phaseBefore(line, live, owner);
    expect(`${(below?.above ?? live).name} over ${below?.to.name}`).toBe(expected);
  });
  it("is none in the first stage", () => {
    expect(phaseBefore(line, first, first)).toBeUndefined();
  });
});
