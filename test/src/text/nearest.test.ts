import { expect, test } from "vitest";
import { nearest } from "../../../src/text/nearest";

const STAGES = ["baseline", "stageA", "stageB"];

test.each<[string, string[]]>([
  ["stagA", ["stageA"]],
  ["stageC", ["stageA", "stageB"]],
  ["Baseline", ["baseline"]],
  ["production", []],
  ["x", []],
  ["", []],
])("who types %j may have meant %j", (word, expected) => {
  expect(nearest(word, STAGES)).toEqual(expected);
});

test("where nothing is known, nothing was meant", () => {
  expect(nearest("stageA", [])).toEqual([]);
});
