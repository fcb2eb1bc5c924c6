import { expect, test } from "vitest";
import { missingAttempts } from "../../../cli/rehearse/attempts";
import type { ReportEvidence } from "../../../cli/report/data";

const gate = { row: "H0", outcome: "pass" as const, said: "true" };
const record = (attempt: number, gates = [gate]) => ({ attempt, measured: "then", gates, smoke: [] });
const evidence = (records: ReportEvidence["records"]) => [{ stage: "percent10", records }];

test.each<[string, ReportEvidence[], string | undefined]>([
  ["both are shown", evidence({ known: true, value: [record(1), record(2)] }), undefined],
  ["the first is gone", evidence({ known: true, value: [record(2)] }), "it shows no gate of attempt 1"],
  [
    "neither says what it was promoted on",
    evidence({ known: true, value: [record(1, []), record(2, [])] }),
    "it shows no gate of attempt 1 and 2",
  ],
  ["the stack was not read", evidence({ known: false, why: "there is no pulumi" }), "there is no pulumi"],
  ["another stage's alone", [], "it knows no record of percent10"],
])("a rehearsal sees whether a report tells of both attempts: %s", (_, given, problem) => {
  expect(missingAttempts({ evidence: given }, "percent10", [1, 2])).toBe(problem);
});
