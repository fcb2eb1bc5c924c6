import { expect, test } from "vitest";
import { counted } from "../../../src/text/counted";

test.each([
  [0, "0 flags"],
  [1, "1 flag"],
  [2, "2 flags"],
  [1n, "1 flag"],
])("%s flags are told as %s", (number, words) => {
  expect(counted(number, "flag")).toBe(words);
});

test("a plural of its own is given with it", () => {
  expect([0, 1, 2].map((number) => counted(number, "entry", "entries"))).toEqual([
    "0 entries",
    "1 entry",
    "2 entries",
  ]);
});
