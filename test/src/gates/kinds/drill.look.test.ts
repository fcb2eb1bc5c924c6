import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { Ledger, LedgerEntry } from "../../../../src/flags/ledger";
import { gateDefinition } from "../../../../src/gates/gate";
import { gateHash } from "../../../../src/gates/hash";
import { type JudgeContext, judge, type Outcome } from "../../../../src/gates/judge";
import { look } from "../../../../src/gates/kinds/drill.look";
import { type Seen, seen as seenSchema } from "../../../../src/gates/observation";
import { gatesFor } from "../../../../src/promotion/resolve";
import {
  ago,
  baseline,
  entry,
  flags,
  gateOf,
  ledger,
  NOW,
  note,
  observe,
  rollout,
  stage,
  stageA,
} from "../../../support/build";

const SECOND = 1_000;
const DAY = 86_400_000;
const gate = gateOf("D1", { source: "drill" }, { drill: { rollout: "ops-view", stage: "stageA" } });
const context: JudgeContext = { now: NOW, timeScale: 1, attempt: 1 };

const drilled = (deployment: number, spec: Partial<LedgerEntry> = {}, of: Parameters<typeof note>[0] = {}) =>
  entry(deployment, {
    note: note({
      kind: "drill",
      stage: "stageA",
      token: "t",
      breachAt: `2026-11-0${deployment}T11:59:50.000Z`,
      ...of,
    }),
    ...spec,
  });
const of = (...history: LedgerEntry[]): Ledger => ledger(flags(true, false), history);

describe("what is observed", () => {
  it("is the newest drill of the live stage that reached its end", () => {
    const found = look(gate, { ledger: of(entry(2), drilled(3), drilled(4)) });
    expect(found).toEqual({
      kind: "drill",
      rollout: "ops-view",
      stage: "stageA",
      deployment: 4,
      breachAt: "2026-11-04T11:59:50.000Z",
      completedAt: "2026-11-04T12:00:00.000Z",
    });
    expect(seenSchema.parse(found)).toEqual(found);
  });

  it.each<[string, Ledger]>([
    ["before any drill", of(entry(2))],
    ["of another stage", of(drilled(3, {}, { stage: "stageB" }))],
    ["of another rollout", of(drilled(3, {}, { rollout: "v2-pipeline" }))],
    ["under way", of(entry(2), drilled(3, { state: "under-way", completedAt: undefined }))],
    ["that was taken back", of(entry(2), drilled(3, { state: "rolled-back" }))],
    ["that was none: a promotion", of(entry(3, { note: note({ stage: "stageA" }) }))],
    ["that was none: an abort", of(entry(3, { note: note({ kind: "abort", stage: "stageA" }) }))],
    ["where nothing is live", { history: [], newest: 0 }],
  ])("is no data: %s", (_, known) => {
    const seen = look(gate, { ledger: known });
    expect(seen).toMatchObject({ kind: "failure", failure: "no-data" });
    const verdict = judge(gate, observe(gate, seen), context);
    expect(verdict).toMatchObject({ outcome: "inconclusive", remedy: expect.any(String) });
    expect(verdict.observed).toContain("npm run cutover -- drill --rollout ops-view -s stageA");
  });
});

type Drill = Extract<Seen, { kind: "drill" }>;
const good: Drill = {
  kind: "drill",
  rollout: "ops-view",
  stage: "stageA",
  deployment: 4,
  breachAt: ago(DAY + 12 * SECOND),
  completedAt: ago(DAY),
};
const took = (ms: number, age = DAY): Partial<Drill> => ({ completedAt: ago(age), breachAt: ago(age + ms) });

test.each<[string, Partial<Drill>, Outcome, string | RegExp]>([
  ["fast and young", {}, "pass", "12 s, 1 d ago"],
  ["just as old as it may be", took(12 * SECOND, 30 * DAY), "pass", "12 s, 30 d ago"],
  ["older", took(12 * SECOND, 30 * DAY + 1), "fail", /12 s, 30 d/],
  ["just fast enough", took(120 * SECOND - 1), "pass", /, 1 d ago/],
  ["not fast enough", took(120 * SECOND), "fail", "2 m, 1 d ago"],
  ["by clocks that differ a little", took(-2 * SECOND, -2 * SECOND), "pass", "0 ms, 0 ms ago"],
  ["that ended before it began", took(-6 * SECOND), "inconclusive", /not known when it began/],
  ["that ends in the future", took(SECOND, -DAY), "inconclusive", /not known when it was completed/],
  ["that does not say when it began", { breachAt: undefined }, "inconclusive", /not known when it began/],
  ["that does not say when it ended", { completedAt: undefined }, "inconclusive", /not known when it was/],
  ["that began at no time", { breachAt: "soon" }, "inconclusive", /not known when it began/],
  ["of another stage", { stage: "stageB" }, "fail", "deployment 4 was a drill of ops-view stageB"],
  ["of another rollout", { rollout: "other" }, "fail", "deployment 4 was a drill of other stageA"],
])("a drill %s", (_, changes, outcome, observed) => {
  const verdict = judge(gate, observe(gate, { ...good, ...changes }), context);
  expect(verdict.outcome).toBe(outcome);
  if (typeof observed === "string") expect(verdict.observed).toBe(observed);
  else expect(verdict.observed).toMatch(observed);
  expect(verdict.required).toBe("a drill of the abort path in < 120s, ≤ 30d ago");
  expect(verdict.remedy === "").toBe(outcome === "pass");
});

test.each<[string, string | undefined, string | undefined, string, number]>([
  ["what the row promises", undefined, "2m", "2m (R1)", 120],
  ["a row's shorter time, whatever the gate says", "10m", "90s", "90s (R1)", 90],
  ["the gate's own, where it is shorter", "60s", "2m", "60s", 60],
  ["the gate's own, where no row says a time", "60s", undefined, "60s", 60],
  ["two minutes, where nobody says one", undefined, undefined, "120s", 120],
])("a drill is held to %s", (_, within, promised, shown, seconds) => {
  const row = promised === undefined ? {} : { promised: { row: "R1", within: promised } };
  const held = gateOf(
    "D1",
    { source: "drill", ...(within === undefined ? {} : { within }) },
    { drill: { rollout: "ops-view", stage: "stageA", ...row } },
  );
  const at = (ms: number) => judge(held, observe(held, { ...good, ...took(ms) }), context);
  expect(at(seconds * SECOND - 1).outcome).toBe("pass");
  expect(at(seconds * SECOND)).toMatchObject({
    outcome: "fail",
    required: `a drill of the abort path in < ${shown}, ≤ 30d ago`,
  });
});

test("time that passes faster makes no drill older or slower: both are what they really were", () => {
  const fast = { ...context, timeScale: 3_600 };
  expect(judge(gate, observe(gate, good), fast).outcome).toBe("pass");
});

test("what is not a drill's, or of a gate that does not know its stage, is no pass", () => {
  const foreign: Seen = { kind: "snapshot", id: "s", of: "db", status: "available", createdAt: ago(0) };
  expect(judge(gate, observe(gate, foreign), context).outcome).toBe("inconclusive");
  expect(judge(gate, undefined, context).outcome).toBe("not-run");
  const lost = gateOf("D1", { source: "drill" });
  expect(judge(lost, observe(lost, good), context).outcome).toBe("inconclusive");
});

test("passes exactly where the ledger shows a young, fast drill of the stage", () => {
  const offsets = fc.oneof(
    fc.constantFrom(0, 1, SECOND, 119 * SECOND, 120 * SECOND, DAY, 30 * DAY, 31 * DAY),
    fc.integer({ min: -10 * SECOND, max: 150 * SECOND }),
  );
  const counted = { pass: 0, block: 0 };
  fc.assert(
    fc.property(
      fc.record({ age: offsets, took: offsets, stage: fc.constantFrom("stageA", "stageA", "stageB") }),
      ({ age, took: ms, stage: name }) => {
        const verdict = judge(gate, observe(gate, { ...good, ...took(ms, age), stage: name }), context);
        const expected =
          name === "stageA" &&
          age >= -5 * SECOND &&
          age <= 30 * DAY &&
          ms >= -5 * SECOND &&
          ms < 120 * SECOND;
        expect(verdict.outcome === "pass").toBe(expected);
        counted[expected ? "pass" : "block"]++;
      },
    ),
    { numRuns: 2_000 },
  );
  expect(Math.min(counted.pass, counted.block)).toBeGreaterThan(100);
});

test("config needs no more than the source; a promotion's gate names the stage that is live", () => {
  const definition = gateDefinition.parse({ source: "drill", title: "The abort path was drilled" });
  expect(definition).toMatchObject({ maxAge: "30d" });
  const stageB = stage("stageB", { predecessor: "stageA", entry: { D1: definition } });
  const rollback = { R1: { title: "Reads off", to: "predecessor" as const, within: "2m" } };
  const guarded = { ...stageA, abort: { XA1: {} as never }, rollback };
  const [resolved] = gatesFor(rollout({ stages: [baseline, guarded, stageB] }), stageB);
  expect(resolved).toMatchObject({
    id: "D1",
    drill: { rollout: "ops-view", stage: "stageA", promised: { row: "R1", within: "2m" } },
  });
  const other = { ...resolved, drill: { rollout: "ops-view", stage: "stageB" } } as typeof gate;
  expect(gateHash(other)).not.toBe(gateHash(resolved as typeof gate));
});
