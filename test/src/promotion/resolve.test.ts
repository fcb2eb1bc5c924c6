import { describe, expect, it, test } from "vitest";
import { type Gate, type GateDefinition, gate as schema } from "../../../src/gates/gate";
import { gateHash } from "../../../src/gates/hash";
import { exitGatesOf, gatesFor, smokeGatesOf } from "../../../src/promotion/resolve";
import type { AbortThreshold } from "../../../src/rollout/config/abortRow";
import type { Stage } from "../../../src/rollout/rollout";
import { definitionsOf } from "../../../src/rollout/strength/definitions";
import { baseline, flags, gateOf, rollout, sqlGate, stageA, stageB } from "../../support/build";

const sql = sqlGate("A3", { values: ["{workspace}", "limit {limit}", 5, true, "{unknown}"] }).definition;
const define = (definition: { source: GateDefinition["source"] } & Record<string, unknown>) =>
  gateOf("X1", definition).definition;
const alarm = { title: "Errors" } as AbortThreshold;

function withStages(...stages: [Stage, ...Stage[]]) {
  return rollout({ stages, parameters: { workspace: "ws-ops", limit: 10, strict: false } });
}

/** The one entry gate of stage B, as its promotion is held to it. */
function resolved(definition: GateDefinition, a: Partial<Stage> = {}, b: Partial<Stage> = {}): Gate {
  const of = withStages(baseline, { ...stageA, ...a }, { ...stageB, ...b, entry: { X1: definition } });
  return gatesFor(of, of.stages[2] as Stage)[0] as Gate;
}

describe("the gates of a promotion", () => {
  const of = withStages(
    { ...baseline, exit: { H0: sql } },
    { ...stageA, entry: { A1: sql, A3: sql }, exit: { E1: sql }, smoke: { SA1: sql } },
    { ...stageB, entry: { B2: define({ source: "soak" }) }, exit: { F1: sql } },
  );
  const [first, second, third] = of.stages as unknown as [Stage, Stage, Stage];
  const listed = (gates: Gate[]) => gates.map((gate) => [gate.id, gate.phase, gate.stage]);

  it("are its own entry, then its predecessor's exit, and nothing else", () => {
    expect(listed(gatesFor(of, first))).toEqual([]);
    expect(listed(gatesFor(of, second))).toEqual([
      ["A1", "entry", "stageA"],
      ["A3", "entry", "stageA"],
      ["H0", "exit", "baseline"],
    ]);
    expect(listed(gatesFor(of, third))).toEqual([
      ["B2", "entry", "stageB"],
      ["E1", "exit", "stageA"],
    ]);
  });

  it("are apart from its smoke checks, and from what must hold to leave it", () => {
    expect(listed(smokeGatesOf(of, second))).toEqual([["SA1", "smoke", "stageA"]]);
    expect(listed(exitGatesOf(of, second))).toEqual([["E1", "exit", "stageA"]]);
  });

  it("are the same for a stage as seen from its successor", () => {
    expect(gatesFor(of, third).filter((gate) => gate.phase === "exit")).toEqual(exitGatesOf(of, second));
  });

  it("are plain data that the policies' schema reads as it is", () => {
    for (const one of [...gatesFor(of, second), ...gatesFor(of, third)])
      expect(schema.parse(JSON.parse(JSON.stringify(one)))).toEqual(one);
  });
});

describe("parameters", () => {
  it("are filled into a query's values, and never into the query", () => {
    const query = "select count(*) from patches where workspace_id = '{workspace}'";
    expect(resolved({ ...sql, query } as GateDefinition).definition).toMatchObject({
      query,
      values: ["ws-ops", "limit 10", 5, true, "{unknown}"],
    });
  });

  it("are filled into a request's path, and into what proves a gate", () => {
    const http = define({
      source: "http",
      request: { path: "/ws/{workspace}/queue?limit={limit}" },
      prove: { request: { path: "/ws/{workspace}/none" } },
    });
    expect(resolved(http).definition).toMatchObject({
      request: { path: "/ws/ws-ops/queue?limit=10" },
      prove: { request: { path: "/ws/ws-ops/none" } },
    });
    const proved = { ...sql, prove: { query: "select $1", values: ["{limit}"] } } as GateDefinition;
    expect(resolved(proved).definition).toMatchObject({ prove: { values: [10] } });
  });

  it("leave the declared stage as it was", () => {
    const before = structuredClone(sql);
    resolved(sql);
    expect(sql).toEqual(before);
  });
});

describe("a soak gate", () => {
  test.each<[string, string | undefined, string | undefined, string[]]>([
    ["the predecessor's where the gate names none", undefined, "24h", ["24h"]],
    ["both where they differ", "1h", "24h", ["24h", "1h"]],
    ["a length of time and business cycles", "1 business cycle", "24h", ["24h", "1 business cycle"]],
    ["one where they are the same", "24h", "24h", ["24h"]],
    ["its own where the predecessor has none", "24h", undefined, ["24h"]],
    ["none where neither says how long", undefined, undefined, []],
  ])("waits for %s", (_, atLeast, own, expected) => {
    const soak = define({ source: "soak", ...(atLeast ? { atLeast } : {}) });
    expect(resolved(soak, { soak: own }).soaks).toEqual(expected);
  });
});

test("an alarms gate knows the alarms of the stage that is live, by row", () => {
  const gate = resolved(
    define({ source: "alarms" }),
    { abort: { XA1: alarm, XA4: alarm } },
    { abort: { XB1: alarm } },
  );
  expect(Object.keys(gate.alarms ?? {})).toEqual(["XA1", "XA4"]);
  for (const [row, name] of Object.entries(gate.alarms ?? {})) {
    expect(name).toContain("stageA");
    expect(name).toContain(row);
  }
});

test("an alarms gate knows the alarms of the stages before the live one, too: they are in force still", () => {
  const of = withStages(
    baseline,
    { ...stageA, abort: { XA1: alarm } },
    { ...stageB, abort: { XB1: alarm } },
    { ...stageB, name: "stageC", predecessor: "stageB", entry: { X1: define({ source: "alarms" }) } },
  );
  expect(gatesFor(of, of.stages[3] as Stage)[0]?.alarms).toEqual({
    XA1: "ops-view-stageA-XA1",
    XB1: "ops-view-stageB-XB1",
  });
});

test("a date is filled in, so that the gate's hash covers it", () => {
  const of = rollout({
    stages: [baseline, stageA, { ...stageB, entry: { D3: define({ source: "date", after: "{sunset}" }) } }],
    parameters: { sunset: "2027-03-01T00:00:00Z" },
  });
  expect(gatesFor(of, of.stages[2] as Stage)[0]?.definition).toMatchObject({ after: "2027-03-01T00:00:00Z" });
});

test("a convergence gate knows the flags of the stage that is live when it is measured", () => {
  const convergence = define({ source: "convergence" });
  expect(resolved(convergence).flags).toEqual(flags(true, false));
  const of = withStages(baseline, { ...stageA, smoke: { A2: convergence } });
  expect(smokeGatesOf(of, of.stages[1] as Stage)[0]?.flags).toEqual(flags(true, false));
});

test("a convergence gate is bound to the list of servers, by its hash too", () => {
  const convergence = define({ source: "convergence" });
  const of = (servers: object) =>
    gatesFor(
      rollout({
        stages: [baseline, stageA, { ...stageB, entry: { A2: convergence } }],
        servers: { urls: ["https://one/"], ecs: [], path: "/flags", at: "data", ...servers },
      }),
      { ...stageB, entry: { A2: convergence } },
    )[0] as Gate;
  const ecs = [{ cluster: "main", service: "app", port: 80, scheme: "http" as const, restart: false }];
  expect(of({ ecs, urls: ["https://one/", "https://two:444/base/"] }).servers).toEqual({
    urls: ["one", "two:444/base"],
    ecs: ["main/app:80"],
    path: "/flags",
    at: "data",
  });
  const inUrls = [{ ...ecs[0], reachedBy: "urls" }];
  expect(of({ ecs: inUrls }).servers).toMatchObject({ urls: ["one"], ecs: [] });
  const hashes = [{}, { urls: [] }, { urls: ["https://two/"] }, { ecs }, { path: "/x" }, { at: "" }].map(
    (servers) => gateHash(of(servers)),
  );
  expect(new Set(hashes).size).toBe(hashes.length);
});

test("an alarms gate leaves out no alarm of a row that several stages have", () => {
  const of = withStages(
    baseline,
    { ...stageA, abort: { T1: alarm } },
    { ...stageB, abort: { T1: alarm } },
    { ...stageB, name: "stageC", predecessor: "stageB", entry: { X1: define({ source: "alarms" }) } },
  );
  expect(gatesFor(of, of.stages[3] as Stage)[0]?.alarms).toEqual({
    T1: "ops-view-stageB-T1",
    "T1 of stageA": "ops-view-stageA-T1",
  });
});

describe("a snapshot gate", () => {
  const snapshot = define({ source: "snapshot" });
  it("knows the snapshot of this stage and attempt, and what it must be of", () => {
    const [first, second] = [1, 2].map((attempt) =>
      resolved(snapshot, {}, { attempt, snapshot: { instance: "ops-db" } }),
    );
    expect(first?.snapshot).toMatchObject({ kind: "instance", of: "ops-db" });
    expect(first?.snapshot?.id).toContain("stageb");
    expect(second?.snapshot?.id).not.toBe(first?.snapshot?.id);
    expect(resolved(snapshot, {}, { snapshot: { cluster: "c1" } }).snapshot).toMatchObject({
      kind: "cluster",
      of: "c1",
    });
  });

  it("knows none where the stage declares none", () => {
    expect(resolved(snapshot).snapshot).toBeUndefined();
  });
});

test("an abort row that was in force at the predecessor's flip still counts for its alarms gate", () => {
  const gate = define({ source: "alarms" });
  const at = (abort: Stage["abort"]) =>
    withStages(baseline, { ...stageA, abort }, { ...stageB, entry: { X1: gate } });
  const [flipped, now] = [at({ XA1: alarm, XA2: alarm }), at({ XA2: alarm })];
  const rows = (recorded?: Parameters<typeof gatesFor>[2]) =>
    Object.keys(gatesFor(now, now.stages[2] as Stage, recorded)[0]?.alarms ?? {});
  expect(rows()).toEqual(["XA2"]);
  expect(rows(definitionsOf(flipped))).toEqual(["XA1", "XA2"]);
});
