import { expect, it } from "vitest";
import { verdictIn } from "../../../../cli/rehearse/derived/ending";

const BORDERED = `┌──────┬──────────────┬──────┐
│ gate │ verdict      │ what │
├──────┼──────────────┼──────┤
│ F5   │ NOT-RUN      │ F1 │ PASS │
│ \u001b[1mF1\u001b[22m   │ \u001b[33mINCONCLUSIVE\u001b[39m │ No server error
│      │              │   observed  F2 │
│ F4s  │ FAIL         │ Nobody knows │
└──────┴──────────────┴──────┘`;

it.each([
  ["F5", "NOT-RUN"],
  ["F1", "INCONCLUSIVE"],
  ["F4s", "FAIL"],
  ["F4", undefined],
  ["F2", undefined],
])("the verdict of %s is %s", (gate, verdict) => {
  expect(verdictIn(BORDERED, gate)).toBe(verdict);
});

it("a table without a border is read, too", () => {
  expect(verdictIn(" gate │ verdict\n X1   │ PASS    │ all is well\n", "X1")).toBe("PASS");
});
