import { describe, expect, it, test } from "vitest";
import type { SqlGate } from "../../gates/definition";
import { fillIn, gatesFor, placeholders, predecessorOf, type Stage, stageNamed } from "../../model/rollout";
import { baseline, rollout, sqlGate, stageA, stageB } from "../support/build";

const sql = sqlGate("A3", { values: ["{workspace}", "limit {limit}", 5, true, "{unknown}"] })
  .definition as SqlGate;
const soak = (atLeast?: string) => ({
  source: "soak" as const,
  title: "Soaked",
  ...(atLeast ? { atLeast } : {}),
});

function withStages(...stages: [Stage, ...Stage[]]) {
  return rollout({ stages, parameters: { workspace: "ws-ops", limit: 10, strict: false } });
}

describe("gatesFor", () => {
  it("holds a stage to its own entry, then to its predecessor's exit, and to nothing else", () => {
    const of = withStages(
      { ...baseline, exit: { H0: sql } },
      { ...stageA, entry: { A1: sql, A3: sql }, exit: { E1: sql } },
      { ...stageB, entry: { B2: soak() }, exit: { F1: sql } },
    );
    const listed = (stage: Stage) => gatesFor(of, stage).map((gate) => [gate.id, gate.phase, gate.stage]);
    const [first, second, third] = of.stages;
    expect(listed(first)).toEqual([]);
    expect(listed(second as Stage)).toEqual([
      ["A1", "entry", "stageA"],
      ["A3", "entry", "stageA"],
      ["H0", "exit", "baseline"],
    ]);
    expect(listed(third as Stage)).toEqual([
      ["B2", "entry", "stageB"],
      ["E1", "exit", "stageA"],
    ]);
  });

  it("fills in the rollout's parameters, and leaves the query as it is", () => {
    const query = "select count(*) from patches where workspace_id = '{workspace}'";
    const of = withStages(baseline, { ...stageA, entry: { A3: { ...sql, query } } });
    expect(gatesFor(of, of.stages[1] as Stage)[0]?.definition).toMatchObject({
      query,
      values: ["ws-ops", "limit 10", 5, true, "{unknown}"],
    });
  });

  test.each([
    ["the predecessor's where the gate names none", undefined, "24h", "24h"],
    ["the predecessor's where the gate's is shorter", "1h", "24h", "24h"],
    ["the gate's where it is longer", "2d", "24h", "2d"],
    ["the same length in other units", "1440m", "24h", "1440m"],
    ["the gate's where the predecessor has none", "24h", undefined, "24h"],
  ])("soaks for the longer of both: %s", (_, atLeast, own, expected) => {
    const of = withStages(baseline, { ...stageA, soak: own }, { ...stageB, entry: { B2: soak(atLeast) } });
    expect(gatesFor(of, of.stages[2] as Stage)[0]?.definition).toMatchObject({ atLeast: expected });
  });

  it("leaves the declared stage as it was", () => {
    const entry = { A3: sql };
    const before = structuredClone(entry);
    const of = withStages(baseline, { ...stageA, entry });
    gatesFor(of, of.stages[1] as Stage);
    expect(entry).toEqual(before);
  });
});

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
