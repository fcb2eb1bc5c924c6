import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { documentSchema } from "../../../src/flags/document";
import { loadRollout } from "../../../src/rollout/load";
import { predecessorOf, type Rollout, type Stage } from "../../../src/rollout/rollout";
import { READ, WRITE } from "../../support/build";

/** The stack files of this very repository, against what the cutover plan asks for (its own words for each row). */

const rollout: Rollout = loadRollout(join(__dirname, "..", "..", ".."));
const [baseline, stageA, stageB] = rollout.stages as unknown as [Stage, Stage, Stage];

type Section = "entry" | "smoke" | "exit" | "abort";
const SECTIONS = ["entry", "smoke", "exit", "abort"] as const;
const stages = { stageA, stageB };

const BASE = "/api/v2.5/workspaces/{workspace}";
/** An analyst's RFI, on its way to a verifier. */
const HANDED_OVER = [
  {
    method: "POST",
    path: `${BASE}/rfis`,
    as: "analyst",
    body: { question: "Stage B smoke?", target_record_id: "rec_smoke_b" },
  },
  {
    method: "PATCH",
    path: "/api/v2.5/rfis/{rfi}",
    as: "analyst",
    body: { custody_status: "awaiting_verifier", version: "{version}" },
  },
];

/** Every row of the plan: its stage, its section, and what it demands. */
const rows: [id: string, stage: keyof typeof stages, section: Section, demand: object][] = [
  ["A1", "stageA", "entry", { source: "sql", expect: { eq: 2 } }],
  ["A2", "stageA", "smoke", { source: "convergence" }],
  ["A3", "stageA", "entry", { source: "sql", expect: { gt: 0 }, values: ["{workspace}"] }],
  ["A4", "stageA", "entry", { source: "sql", expect: { gte: 1 }, values: ["{workspace}"] }],
  [
    "SA1",
    "stageA",
    "smoke",
    {
      source: "requests",
      steps: [
        { path: `${BASE}/operations/queue`, as: "admin", value: "data.counts.total", expect: { gt: 0 } },
      ],
    },
  ],
  [
    "SA2",
    "stageA",
    "smoke",
    { source: "requests", steps: [{ path: `${BASE}/patches`, as: "analyst", expect: { eq: true } }] },
  ],
  ["SA3", "stageA", "smoke", { source: "metric", statistic: "Sum", window: "5m", expect: { eq: 0 } }],
  [
    "SA4",
    "stageA",
    "smoke",
    {
      source: "requests",
      steps: [
        { path: `${BASE}/operations/queue` },
        { path: `${BASE}/operations/queue`, value: "data.counts.total", within: "500ms" },
      ],
    },
  ],
  ["E1", "stageA", "exit", { source: "metric", statistic: "Sum", window: "24h", expect: { eq: 0 } }],
  [
    "E2",
    "stageA",
    "exit",
    { source: "requests", steps: [{ path: `${BASE}/operations/queue`, as: "admin", expect: { eq: true } }] },
  ],
  [
    "E3",
    "stageA",
    "exit",
    {
      source: "requests",
      steps: ["analyst", "verifier", "admin"].map((as) => ({ path: `${BASE}/patches`, as })),
    },
  ],
  ["E4", "stageA", "exit", { source: "signOff" }],
  ["E5", "stageA", "exit", { source: "metric", statistic: "p95", window: "soak", expect: { lt: 500 } }],
  ["XA1", "stageA", "abort", { action: "rollback", threshold: { gt: 0 }, metric: { statistic: "Sum" } }],
  [
    "XA2",
    "stageA",
    "abort",
    { action: "rollback", threshold: { gt: 0 }, metric: { name: "QueueEmptyForAdmin" } },
  ],
  ["XA3", "stageA", "abort", { action: "page", threshold: { gt: 0 } }],
  ["XA4", "stageA", "abort", { action: "rollback", threshold: { gt: 2_000 }, metric: { statistic: "p95" } }],
  ["B1", "stageB", "entry", { source: "exit" }],
  ["B2", "stageB", "entry", { source: "soak", atLeast: "24h" }],
  ["B3", "stageB", "entry", { source: expect.stringMatching(/^(http|signOff)$/) }],
  ["B4", "stageB", "entry", { source: "snapshot" }],
  [
    "SB1",
    "stageB",
    "smoke",
    {
      source: "requests",
      writes: true,
      steps: [
        {
          method: "POST",
          path: `${BASE}/patches`,
          as: "analyst",
          body: { record_id: "rec_smoke_b", field_key: "title", intent: "stage B smoke" },
        },
        {
          method: "PATCH",
          path: "/api/v2.5/patches/{patch}",
          as: "analyst",
          body: { status: "Submitted", version: "{version}" },
        },
      ],
    },
  ],
  ["SB2", "stageB", "smoke", { source: "requests", writes: true, steps: HANDED_OVER }],
  [
    "SB3",
    "stageB",
    "smoke",
    {
      source: "requests",
      writes: true,
      steps: [
        ...HANDED_OVER,
        {
          method: "PATCH",
          path: "/api/v2.5/rfis/{rfi}",
          as: "verifier",
          body: { custody_status: "resolved", version: 1 },
          status: 409,
        },
      ],
    },
  ],
  [
    "SB4",
    "stageB",
    "smoke",
    { source: "sql", query: expect.stringContaining("10 minutes"), expect: { gt: 0 } },
  ],
  ["F1", "stageB", "exit", { source: "metric", statistic: "Sum", window: "48h", expect: { eq: 0 } }],
  ["F2", "stageB", "exit", { source: "metric", statistic: "Average", window: "soak", expect: { lt: 0.05 } }],
  ["F3", "stageB", "exit", { source: "sql", expect: { eq: 0 } }],
  ["F4", "stageB", "exit", { source: "sql", query: expect.stringContaining("48 hours"), expect: { eq: 0 } }],
  ["F5", "stageB", "exit", { source: "requests", writes: true }],
  ["XB1", "stageB", "abort", { action: "rollback", threshold: { gt: 0 }, metric: { statistic: "Sum" } }],
  [
    "XB2",
    "stageB",
    "abort",
    { action: "rollback", threshold: { gt: 0.1 }, metric: { statistic: "Average" } },
  ],
  ["XB3", "stageB", "abort", { action: "rollback", threshold: { gt: 0 } }],
  ["XB4", "stageB", "abort", { action: "page", threshold: { gt: 0 } }],
];

/** Beside the plan's own: quiet alarms, the drill, convergence of stage B, the person's half of F4, and quiet hours. */
const beside = ["XA", "B5", "SB0", "F4s", "XA4q", "XB2q"];

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

  it("under every other id is known to be none of the plan's", () => {
    const declared = rollout.stages.flatMap((stage) =>
      SECTIONS.flatMap((section) => Object.keys(stage[section])),
    );
    expect(declared.sort()).toEqual([...rows.map(([id]) => id), ...beside].sort());
  });

  it("that stands for errors counts nothing without traffic", () => {
    // Right after the flip, at a quiet hour, our own requests are all that there is.
    for (const stage of [stageA, stageB])
      for (const [id, gate] of Object.entries({ ...stage.smoke, ...stage.exit }))
        if (gate.source === "metric")
          expect(gate.minSamples, id).toBeGreaterThanOrEqual(id === "SA3" ? 1 : 10);
  });

  it("that demands nothing to be found can fail, and says how to see that", () => {
    for (const stage of [stageA, stageB])
      for (const [id, gate] of Object.entries({ ...stage.entry, ...stage.smoke, ...stage.exit }))
        if ((gate.source === "sql" || gate.source === "metric") && gate.expect.eq === 0)
          expect(gate.prove, id).toBeDefined();
  });

  it("XA4, XB2 say nothing over a handful of requests, and look at what a rollback in 2 min allows", () => {
    for (const alarm of [stageA.abort.XA4, stageB.abort.XB2])
      expect(alarm).toMatchObject({ minSamples: 20, metric: { period: "30s" } });
  });

  it("XA4q, XB2q are the same over ten minutes, in which two requests a minute are enough", () => {
    for (const [quick, quiet] of [
      [stageA.abort.XA4, stageA.abort.XA4q],
      [stageB.abort.XB2, stageB.abort.XB2q],
    ]) {
      const { title, runbook, metric, ...same } = quick ?? {};
      expect(quiet).toMatchObject({ ...same, metric: { ...metric, period: "10m" } });
      expect([quiet?.title, quiet?.runbook]).toEqual(
        [title, runbook].map(() =>
          expect.stringMatching(/over ten minutes, the same for quiet hours|over ten minutes: the same/i),
        ),
      );
    }
  });

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
  // Its own endpoint: no words tie the snapshot to the database that the gates read.
  expect(rollout.database?.host).toMatch(/^ops-db\.[a-z0-9]+\.eu-central-1\.rds\.amazonaws\.com$/);
});

test("every table that a query reads is granted to the gate role", () => {
  const queries = rollout.stages.flatMap((stage) =>
    Object.values({ ...stage.entry, ...stage.smoke, ...stage.exit }).flatMap((gate) =>
      gate.source === "sql" ? [gate.query, gate.prove?.query ?? ""] : [],
    ),
  );
  const read = new Set(
    queries.flatMap((query) => [...query.matchAll(/\b(?:from|join)\s+([a-z_]+)/gi)].map((match) => match[1])),
  );
  expect(read.size).toBeGreaterThan(3);
  for (const table of read) expect(rollout.database?.reads).toContain(table);
});

test("someone is on call, and both audiences of the plan's messages are subscribed", () => {
  for (const topic of ["onCall", "ops", "stakeholders"] as const)
    expect(rollout.topics[topic]).not.toEqual([]);
});

test("AppConfig's validator is small enough for AppConfig", () => {
  expect(documentSchema(rollout.flags).length).toBeLessThan(32 * 1_024);
});
