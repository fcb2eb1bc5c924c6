import { describe, expect, it, test } from "vitest";
import { fillIn, placeholders, predecessorOf, stageNamed } from "../../model/rollout";
import { baseline, rollout, stageA, stageB } from "../support/build";

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

test("stages are found by name, and know their predecessor", () => {
  const of = rollout();
  expect(stageNamed(of, "stageB")).toBe(stageB);
  expect(stageNamed(of, "stagez")).toBeUndefined();
  expect(predecessorOf(of, stageB)).toBe(stageA);
  expect(predecessorOf(of, baseline)).toBeUndefined();
});
