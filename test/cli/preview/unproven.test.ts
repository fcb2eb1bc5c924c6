import { expect, test } from "vitest";
import { unprovenLines, unprovenOf } from "../../../cli/preview/unproven";
import { proof } from "../../support/build";

test("a gate without a known-bad probe is named, and one that lets it pass or could not be tried says what it saw", () => {
  const proofs = [
    proof("F1", "proven", "3"),
    proof("F2", "unproven"),
    proof("B2", "no-probe", "a gate of source soak takes no probe"),
    proof("F3", "broken", "0; required = 0"),
    proof("F4", "unknown", "refused: permission denied"),
    proof("SA4", "unproven"),
  ];
  expect(unprovenLines(unprovenOf(proofs))).toEqual([
    "",
    "- ⛔ `F3` lets pass what is known to be bad: 0; required = 0",
    "- ❓ `F4` could not be tried on what is bad: refused: permission denied",
    "- ❓ Never seen to fail, for want of a `prove`: `F2`, `SA4`",
  ]);
});

test("nothing is said where each was seen to fail, or none was tried", () => {
  expect(unprovenOf([proof("F1", "proven"), proof("B2", "no-probe")])).toBeUndefined();
  expect(unprovenLines(unprovenOf(undefined))).toEqual([]);
});
