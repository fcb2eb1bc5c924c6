import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { type Checked, checkViewOf, showChecked } from "../../../cli/check/run";
import { checkView } from "../../../cli/check/schema";
import type { Verdict } from "../../../src/gates/judge";
import { placeAt } from "../../../src/text/command";
import { proof } from "../../support/build";

const NOW = Date.parse("2026-11-21T12:00:00.000Z");
const place = placeAt("ops-view", "/srv/ops", "/srv/ops", "eu-central-1");
const verdict = (gate: string, outcome: Verdict["outcome"], changes: Partial<Verdict> = {}): Verdict => ({
  ...{ gate, outcome, title: `What ${gate} wants`, observed: "3", required: "= 0", remedy: "Mend it" },
  ...changes,
});

const checked: Checked = {
  rollout: "ops-view",
  stage: "stageB",
  verdicts: [
    verdict("F5", "not-run"),
    verdict("F1", "inconclusive", { observed: "0 samples", earliest: "2026-11-22T12:00:00.000Z" }),
    verdict("F2", "pass"),
  ],
  proofs: [proof("F5", "no-probe"), proof("F1", "unproven"), proof("F2", "unproven")],
  passes: false,
};

test("as JSON: each gate, how it came out, and how it did on what is bad", () => {
  const view = checkViewOf(checked, place, NOW);
  expect(checkView.parse(JSON.parse(JSON.stringify(view)))).toEqual(view);
  expect(view).toMatchObject({
    rollout: "ops-view",
    stage: "stageB",
    at: "2026-11-21T12:00:00.000Z",
    passes: false,
  });
  expect(view.gates.map(({ id, outcome, tried }) => [id, outcome, tried?.outcome])).toEqual([
    ["F5", "not-run", "no-probe"],
    ["F1", "inconclusive", "unproven"],
    ["F2", "pass", "unproven"],
  ]);
  expect(view.gates[1]).toMatchObject({ observed: "0 samples", earliest: "2026-11-22T12:00:00.000Z" });
});

test("for people: a table, what is to do about those that pass, and the outcome", () => {
  const [table = "", ...rest] = showChecked(checked, place);
  expect([...table.matchAll(/\bF\d\b/g)].map(([id]) => id)).toEqual(
    expect.arrayContaining(["F5", "F1", "F2"]),
  );
  expect(rest.map(stripVTControlCharacters)).toEqual([
    "Add prove: to F2, with what must fail.",
    "stageB: not every exit gate that only looks passes.",
  ]);
});

test("a stage without exit gates says so, and is left as it is", () => {
  const none = { ...checked, verdicts: [], proofs: [], passes: true };
  expect(showChecked(none, place)).toEqual(["stageB has no exit gates."]);
  expect(checkViewOf(none, place, NOW)).toMatchObject({ passes: true, gates: [] });
});
