import { expect, test } from "vitest";
import { showProofs, showUnproven } from "../../cli/proofs";
import { proof } from "../support/build";

const PROOFS = [
  proof("F1", "proven", "3; required = 0"),
  proof("F2", "unproven"),
  proof("F3", "broken", "0; required = 0"),
  proof("F4", "unknown", "refused: permission denied"),
  proof("F4s", "no-probe", "a gate of source signOff takes no probe"),
];

test("every gate is shown with how it came out, those first that need somebody", () => {
  const [table = "", ...rest] = showProofs(PROOFS);
  expect([...table.matchAll(/\bF\d\b/g)].map(([id]) => id)).toEqual(["F3", "F4", "F2", "F1"]);
  expect(rest).toEqual([
    "Sources that take no probe: F4s.",
    "Add prove: to F2, with what must fail.",
    "1 of 4 were seen to fail on what is bad; 1 let it pass, 1 could not be tried.",
  ]);
});

test("beside something else, only what is not proven is told", () => {
  expect(showUnproven(PROOFS)).toEqual([
    "F3 lets pass what is known to be bad: 0; required = 0.",
    "F4 could not be tried on what is bad: refused: permission denied.",
    "Add prove: to F2, with what must fail.",
  ]);
  expect(showUnproven([proof("F1", "proven"), proof("F4s", "no-probe")])).toEqual([]);
});
