import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { loadRollout } from "../../config/files";
import { documentSchema } from "../../model/document";
import { predecessorOf, type Rollout, type Stage } from "../../model/rollout";
import { READ, WRITE } from "../support/build";

/** The stack files of this very repository, against what the cutover plan asks for (its own words for each row). */

const rollout: Rollout = loadRollout(join(__dirname, "..", ".."));
const [baseline, stageA, stageB] = rollout.stages as unknown as [Stage, Stage, Stage];

type Section = "entry" | "exit" | "abort";
const stages = { stageA, stageB };

/** Rows that are enforced: stage, section, and what they demand. */
const rows: [id: string, stage: keyof typeof stages, section: Section, demand: object][] = [
  ["A1", "stageA", "entry", { source: "sql", expect: { eq: 2 } }],
  ["A3", "stageA", "entry", { source: "sql", expect: { gt: 0 }, values: ["{workspace}"] }],
  ["A4", "stageA", "entry", { source: "sql", expect: { gte: 1 }, values: ["{workspace}"] }],
  ["B2", "stageB", "entry", { source: "soak", atLeast: "24h" }],
  ["XA1", "stageA", "abort", { threshold: { gt: 0 }, metric: { statistic: "Sum" } }],
  ["XA2", "stageA", "abort", { threshold: { gt: 0 } }],
  ["XA3", "stageA", "abort", { threshold: { gt: 0 } }],
  ["XA4", "stageA", "abort", { threshold: { gt: 2_000 }, metric: { statistic: "p95" } }],
  ["XB1", "stageB", "abort", { threshold: { gt: 0 }, metric: { statistic: "Sum" } }],
  ["XB2", "stageB", "abort", { threshold: { gt: 0.1 }, metric: { statistic: "Average" } }],
  ["XB3", "stageB", "abort", { threshold: { gt: 0 } }],
  ["XB4", "stageB", "abort", { threshold: { gt: 0 } }],
];

/** Every row of the plan, by where it may stand. A row under another id is a typo, or one that nobody asked for. */
const known: Record<string, Record<Section, RegExp>> = {
  baseline: { entry: /^$/, exit: /^$/, abort: /^$/ },
  stageA: { entry: /^A[134]$/, exit: /^E[1-5]$/, abort: /^XA[1-4]$/ },
  stageB: { entry: /^B[1-4]$/, exit: /^F[1-5]$/, abort: /^XB[1-4]$/ },
};

test("the stages are those of the plan, in its order", () => {
  expect(rollout.name).toBe("ops-view");
  expect(rollout.stages.map((stage) => stage.name)).toEqual(["baseline", "stageA", "stageB"]);
  expect(rollout.stages.map((stage) => predecessorOf(rollout, stage)?.name)).toEqual([
    undefined,
    "baseline",
    "stageA",
  ]);
});

test("the flags are those of the plan, stage by stage", () => {
  expect([baseline, stageA, stageB].map((stage) => stage.flags)).toEqual([
    { [READ]: false, [WRITE]: false },
    { [READ]: true, [WRITE]: false },
    { [READ]: true, [WRITE]: true },
  ]);
  expect(rollout.flags[WRITE]).toMatchObject({ requires: [READ], writes: true, off: false });
  expect(rollout.flags[READ]).toMatchObject({ requires: [], writes: false, off: false });
});

test("the soaks are those of the plan", () => {
  expect([stageA.soak, stageB.soak]).toEqual(["24h", "48h"]);
});

describe("the row", () => {
  test.each(rows)("%s is declared in %s's %s, as the plan has it", (id, stage, section, demand) => {
    expect(stages[stage][section]).toHaveProperty(id);
    expect((stages[stage][section] as Record<string, unknown>)[id]).toMatchObject(demand);
  });

  test.each(
    rollout.stages.flatMap((stage) =>
      (["entry", "exit", "abort"] as const).flatMap((section) =>
        Object.entries(stage[section]).map(([id, row]) => [id, stage.name, section, row] as const),
      ),
    ),
  )(
    "%s of %s's %s is one of the plan's, and says what on-call or a reader needs",
    (id, stage, section, row) => {
      expect(id).toMatch(known[stage]?.[section] ?? /^$/);
      expect(row.title.length).toBeGreaterThan(5);
    },
  );

  it("XA*, XB* state what silence means, and tell on-call what to do", () => {
    for (const stage of [stageA, stageB])
      for (const [id, alarm] of Object.entries(stage.abort)) {
        expect(["breaching", "notBreaching"], id).toContain(alarm.missingData);
        expect(alarm.runbook, id).toMatch(/\w+ \w+/);
      }
  });
});

test("B4: the stage that lets users' data be written takes a snapshot first", () => {
  expect(stageB.snapshot).toEqual({ instance: "ops-db" });
  expect(stageA.snapshot).toBeUndefined();
});

test("every table that a query reads is granted to the gate role, and none besides", () => {
  const queries = rollout.stages.flatMap((stage) =>
    Object.values({ ...stage.entry, ...stage.exit }).flatMap((gate) =>
      gate.source === "sql" ? [gate.query] : [],
    ),
  );
  const read = new Set(
    queries.flatMap((query) => [...query.matchAll(/\b(?:from|join)\s+([a-z_]+)/gi)].map((match) => match[1])),
  );
  const granted = new Set(rollout.database?.reads);
  for (const table of read) if (!table?.startsWith("cutover")) expect(granted).toContain(table);
});

test("someone is on call, and both audiences of the plan's messages are subscribed", () => {
  for (const topic of ["onCall", "ops", "stakeholders"] as const)
    expect(rollout.topics[topic]).not.toEqual([]);
});

test("AppConfig's validator is small enough for AppConfig", () => {
  expect(documentSchema(rollout.flags).length).toBeLessThan(32 * 1_024);
});
