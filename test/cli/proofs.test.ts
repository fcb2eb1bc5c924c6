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
    "Nothing bad can be tried on F4s.",
    "Correct F3, or let prove: name what is bad for certain.",
    "See to it that what prove: of F4 names answers, with as many samples as the gate wants.",
    "Add prove: to F2, with what must fail.",
    "1 of 4 were seen to fail on what is bad; 1 let it pass, 1 could not be tried.",
  ]);
});

const all = (outcome: "pass" | "inconclusive") => PROOFS.map(({ gate }) => ({ gate, outcome }));

test("beside something else, only what is not proven is told", () => {
  expect(showUnproven(PROOFS, all("pass"))).toEqual([
    "F3 lets pass what is known to be bad: 0; required = 0.",
    "F4 could not be tried on what is bad: refused: permission denied.",
    "Correct F3, or let prove: name what is bad for certain.",
    "See to it that what prove: of F4 names answers, with as many samples as the gate wants.",
    "Add prove: to F2, with what must fail.",
  ]);
  const proven = [proof("F1", "proven"), proof("F4s", "no-probe")];
  expect(showUnproven(proven, all("pass"))).toEqual([]);
});

test("nobody is sent to write a prove for a gate that does not pass: its verdict says what helps", () => {
  expect(showUnproven(PROOFS, all("inconclusive"))).toEqual([
    "F3 lets pass what is known to be bad: 0; required = 0.",
    "Correct F3, or let prove: name what is bad for certain.",
  ]);
  expect(showUnproven(PROOFS, [])).toHaveLength(2);
});
