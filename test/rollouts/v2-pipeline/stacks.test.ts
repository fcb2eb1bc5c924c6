import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { parse } from "yaml";
import { documentSchema } from "../../../src/flags/document";
import { brokenRequirements, changes, direction, type Flags, lowerTo } from "../../../src/flags/flags";
import { isSeen } from "../../../src/messages/summary";
import { exitGatesOf, gatesFor, smokeGatesOf } from "../../../src/promotion/resolve";
import { loadRollout } from "../../../src/rollout/load";
import { gatesByCode, missingChecks } from "../../../src/rollout/ownChecks";
import { plan } from "../../../src/rollout/plan";
import { floorOf, predecessorOf, type Rollout, type Stage, stageNamed } from "../../../src/rollout/rollout";
import { entry, ledger, note } from "../../support/build";

/** The stack files of the second rollout, against what the cutover plan asks for (its own words for each row). */

const folder = join(__dirname, "..", "..", "..", "rollouts", "v2-pipeline");
const rollout: Rollout = loadRollout(folder);
const NAMES = ["baseline", "percent10", "percent50", "percent100", "deprecate-v1", "remove-v1"] as const;
type Name = (typeof NAMES)[number];

function stage(name: Name): Stage {
  return stageNamed(rollout, name) as Stage;
}

const flags = (percent: number, deprecated = false, removed = false): Flags => ({
  V2_ROLLOUT_PERCENT: percent,
  V1_DEPRECATED: deprecated,
  V1_REMOVED: removed,
});

test("the stages are those of the plan, in its order, with its flags and holds", () => {
  expect(rollout.name).toBe("v2-pipeline");
  expect(rollout.stages.map((one) => [one.name, one.flags, one.soak])).toEqual([
    ["baseline", flags(0), undefined],
    ["percent10", flags(10), "24h"],
    ["percent50", flags(50), "48h"],
    ["percent100", flags(100), "7d"],
    ["deprecate-v1", flags(100, true), "7d"],
    ["remove-v1", flags(100, true, true), undefined],
  ]);
  expect(rollout.stages.map((one) => predecessorOf(rollout, one)?.name)).toEqual([
    undefined,
    ...NAMES.slice(0, -1),
  ]);
});

describe("the row", () => {
  const G: [string, object][] = [
    [
      "G1",
      {
        source: "sql",
        query: expect.stringContaining("q1_success_rate"),
        expect: { gte: 95 },
        window: "soak",
      },
    ],
    ["G2", { source: "sql", query: expect.stringContaining("q2_stuck_imports"), expect: { eq: 0 } }],
    ["G3", { source: "sql", query: expect.stringContaining("q4_error_patterns"), window: "soak" }],
    ["G4", { source: "signOff" }],
    ["G5", { source: "metric", name: "CpuPercent", window: "soak" }],
    ["G5m", { source: "metric", name: "MemoryPercent", window: "soak" }],
    ["G5c", { source: "metric", expression: "late - early", window: "soak", expect: { lt: 20 } }],
    ["G5g", { source: "metric", expression: "late - early", window: "soak", expect: { lt: 10 } }],
    [
      "S2",
      { source: "sql", query: expect.stringContaining("q6_timeline"), window: "soak", expect: { gt: 0 } },
    ],
  ];
  const held = ["percent10", "percent50", "percent100"] as const;
  test.each(held.flatMap((name) => G.map(([id, demand]) => [name, id, demand] as const)))(
    "%s: %s must hold before the next stage",
    (name, id, demand) => {
      expect(stage(name).exit[id]).toMatchObject(demand);
    },
  );

  test.each<[string, object]>([
    [
      "T1",
      {
        action: "rollback",
        threshold: { gt: 5 },
        probe: { query: expect.stringContaining("ended_imports"), window: "1h" },
      },
    ],
    ["T2", { action: "rollback", threshold: { gt: 10 }, probe: { window: "7d" } }],
    ["T3", { action: "page", remind: { after: "1h", undecided: "rollback" } }],
    ["T4", { action: "rollback", incident: { to: ["ops", "stakeholders"] }, missingData: "breaching" }],
  ])("%s is an alarm of the first stage with users on v2", (id, demand) => {
    expect(stage("percent10").abort[id]).toMatchObject(demand);
  });

  test.each<[Name, "entry" | "smoke" | "exit", string, object]>([
    [
      "baseline",
      "exit",
      "H0",
      {
        source: "requests",
        steps: [{ path: "/health", value: "processors_available", expect: { eq: true } }],
      },
    ],
    ["percent50", "entry", "P50", { source: "soak", atLeast: "24h" }],
    ["percent100", "entry", "P100", { source: "soak", atLeast: "48h" }],
    ["deprecate-v1", "entry", "D1", { source: "soak", atLeast: "7d" }],
    [
      "deprecate-v1",
      "entry",
      "D2",
      { source: "metric", statistic: "Sum", window: "7d", expect: { eq: 0 }, samplesFrom: "ImportRequests" },
    ],
    ["deprecate-v1", "entry", "D3", { source: "check" }],
    [
      "deprecate-v1",
      "smoke",
      "D4",
      {
        source: "requests",
        writes: true,
        steps: [
          {
            method: "POST",
            path: "/process-full",
            body: {},
            headers: { Sunset: { date: "http", at: "{sunset}", ahead: "7d" } },
          },
        ],
      },
    ],
    ["remove-v1", "entry", "X1", { source: "soak", atLeast: "7d" }],
    ["remove-v1", "entry", "X2", { source: "date", after: "{sunset}" }],
    ["remove-v1", "entry", "X3", { source: "metric", expect: { eq: 0 }, samplesFrom: "ImportRequests" }],
    [
      "remove-v1",
      "smoke",
      "X4",
      {
        source: "requests",
        writes: true,
        steps: [{ path: "/process-full", status: [404, 410] }, { path: "/health" }],
      },
    ],
  ])("%s, %s: %s", (name, section, id, demand) => {
    expect(stage(name)[section][id]).toMatchObject(demand);
  });

  it("that can take a raised percentage back right after its flip: servers agree, whether anybody imports or not", () => {
    for (const name of held) expect(smokeGatesOf(rollout, stage(name)).map(({ id }) => id)).toEqual(["S1"]);
  });

  it("of alarms looks at T1 to T4, from whichever stage it is asked", () => {
    for (const name of ["percent50", "percent100", "deprecate-v1", "remove-v1"] as const) {
      const alarms = gatesFor(rollout, stage(name)).find(({ id }) => id === "A0")?.alarms;
      const own = name === "remove-v1" ? ["D5"] : [];
      expect(Object.keys(alarms ?? {}).toSorted(), name).toEqual([...own, "T1", "T2", "T3", "T4"]);
      expect(alarms?.T1).toBe("v2-pipeline-percent10-T1");
    }
  });

  it("that is a check has its code", async () => {
    const checks = gatesByCode(rollout);
    expect(checks.map(({ id }) => id)).toEqual(["D3"]);
    expect(await missingChecks(checks, folder)).toEqual([]);
  });

  it("that reads a value can fail, and says how to see that", () => {
    for (const one of rollout.stages)
      for (const [id, gate] of Object.entries({ ...one.entry, ...one.smoke, ...one.exit }))
        if (gate.source === "sql" || (gate.source === "metric" && gate.expect.eq === 0))
          expect(gate.prove, id).toBeDefined();
  });

  it("of an alarm tells on-call what to do", () => {
    for (const one of rollout.stages)
      for (const [id, alarm] of Object.entries(one.abort)) expect(alarm.runbook, id).toMatch(/\w+ \w+/);
  });
});

test.each<[Name, string, string]>([
  ["percent10", "M10h", "1h"],
  ["percent50", "M50h", "12h"],
  ["percent100", "M100h", "24h"],
  ["deprecate-v1", "MDh", "24h"],
])("%s reports to ops as often as the plan checks it: %s every %s", (name, id, every) => {
  expect(stage(name).messages[id]).toMatchObject({ to: ["ops"], when: { every } });
});

test.each<[Name, string]>([
  ["percent10", "M10q"],
  ["percent50", "M50q"],
  ["percent100", "M100q"],
  ["deprecate-v1", "MDq"],
  ["remove-v1", "MXq"],
])("after the change to %s, Q1 and Q6 are asked and sent (%s)", (name, id) => {
  expect(stage(name).messages[id]).toMatchObject({
    to: ["ops"],
    when: { after: "15m" },
    queries: ["Q1", "Q6"],
  });
});

test.each<[Name, string]>([
  ["percent10", "M10d"],
  ["percent50", "M50d"],
  ["percent100", "M100h"],
  ["deprecate-v1", "MDh"],
])("during %s, Q3 and Q5 are asked and sent every day (%s)", (name, id) => {
  const { when, queries } = stage(name).messages[id] ?? {};
  expect(when).toEqual({ every: "24h" });
  expect(queries).toEqual(expect.arrayContaining(["Q3", "Q5"]));
});

test.each<[Name, string]>([
  ["percent10", "M10h"],
  ["percent50", "M50h"],
  ["percent100", "M100h"],
])("each check of %s carries all of G1 to G5 and S2, measured by a function (%s)", (name, id) => {
  expect(stage(name).messages[id]?.soakSummary).toBe(true);
  const exit = exitGatesOf(rollout, stage(name));
  expect(exit.map((gate) => gate.id)).toEqual(["G1", "G2", "G3", "G4", "G5", "G5m", "G5c", "G5g", "S2"]);
  expect(exit.filter((gate) => !isSeen(gate))).toEqual([]);
});

test.each<[string, RegExp]>([
  ["T1", /cutover query Q4, cutover query Q5/],
  ["T2", /cutover query Q2/],
])("on trouble, the page of %s names what to ask", (id, command) => {
  expect(stage("percent10").abort[id]?.runbook).toMatch(command);
});

test("each promotion is held to its own gates: no id stands for two", () => {
  for (const one of rollout.stages.slice(1)) {
    const ids = gatesFor(rollout, one).map(({ id }) => id);
    expect(new Set(ids).size, one.name).toBe(ids.length);
    expect(ids.length, one.name).toBeGreaterThan(0);
  }
});

test("v1 cannot go while anyone is routed to it, whoever writes the document", () => {
  expect(brokenRequirements(rollout.flags, flags(50, true, true))).toEqual([
    "V1_DEPRECATED is on but requires V2_ROLLOUT_PERCENT at 100 %, which is at 50 %",
  ]);
  expect(brokenRequirements(rollout.flags, flags(100, false, true))).not.toEqual([]);
  expect(documentSchema(rollout.flags)).toContain('"minimum":100');
});

const anyFlags = fc
  .record({ percent: fc.integer({ min: 0, max: 100 }), deprecated: fc.boolean(), removed: fc.boolean() })
  .map(({ percent, deprecated, removed }) => flags(percent, deprecated, removed));

describe("laws", () => {
  it("the percentage rises in the declared steps only, and never past one", () => {
    fc.assert(
      fc.property(anyFlags, fc.constantFrom(...rollout.stages.slice(1)), (live, to) => {
        const before = predecessorOf(rollout, to) as Stage;
        const promoted = NAMES.slice(0, rollout.stages.indexOf(before) + 1);
        const of = ledger(
          live,
          promoted.map((name, at) => entry(at + 1, { note: note({ rollout: "v2-pipeline", stage: name }) })),
        );
        const planned = plan(rollout, to, of);
        const raises = direction(changes(rollout.flags, live, to.flags)) === "raise";
        const inStep = changes(rollout.flags, live, before.flags).length === 0;
        expect(planned.kind === "raise").toBe(raises && inStep);
      }),
    );
  });

  it("it lowers to anything as long as there is a v1: from wherever it stands, a lower is planned", () => {
    fc.assert(
      fc.property(anyFlags, fc.constantFrom(...rollout.stages), (live, to) => {
        const of = ledger(live, [entry(5, { note: note({ rollout: "v2-pipeline", stage: "elsewhere" }) })]);
        const gone =
          live.V1_REMOVED === true && live.V1_DEPRECATED === true && live.V2_ROLLOUT_PERCENT === 100;
        if (direction(changes(rollout.flags, live, to.flags)) === "lower")
          expect(plan(rollout, to, of).kind).toBe(gone ? "refused" : "lower");
      }),
    );
  });

  it("an abort of any stage that moves users leads to 0, with v1 back, from whatever is live", () => {
    const movers = rollout.stages.filter(({ name }) => name !== "deprecate-v1");
    fc.assert(
      fc.property(anyFlags, fc.constantFrom(...movers), (live, of) => {
        for (const row of [{}, ...Object.values(of.abort)])
          expect(lowerTo(rollout.flags, live, floorOf(rollout, of, row))).toEqual(flags(0));
      }),
    );
  });

  it("headers that are not right take nobody off v2: an abort of deprecate-v1 undoes it alone", () => {
    const of = stage("deprecate-v1");
    for (const row of [{}, ...Object.values(of.abort)])
      expect(lowerTo(rollout.flags, flags(100, true), floorOf(rollout, of, row))).toEqual(flags(100));
  });
});

test("the project runs the one program, from its own folder", () => {
  const project = parse(readFileSync(join(folder, "Pulumi.yaml"), "utf8")) as Record<string, unknown>;
  const first = parse(readFileSync(join(folder, "..", "..", "Pulumi.yaml"), "utf8")) as Record<
    string,
    unknown
  >;
  expect(project.name).toBe(rollout.name);
  expect(join(folder, String(project.main))).toBe(join(folder, "..", "..", String(first.main)));
  expect(project.runtime).toEqual(first.runtime);
});

test("someone is on call, and both audiences are subscribed", () => {
  for (const topic of ["onCall", "ops", "stakeholders"] as const)
    expect(rollout.topics[topic]).not.toEqual([]);
});
