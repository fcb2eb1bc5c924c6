import { expect, it, test } from "vitest";
import { type Gate, gate as schema } from "../../../src/gates/gate";
import { gateHash } from "../../../src/gates/hash";
import { soakGate, sqlGate } from "../../support/build";

const gate = sqlGate("A3", { values: ["ws-ops", 1], expect: { gt: 0, lt: 9 }, remedy: "Load them" });

it("is 16 hex digits", () => {
  expect(gateHash(gate)).toMatch(/^[0-9a-f]{16}$/);
});

it("does not depend on the order of keys", () => {
  const { id, phase, stage, definition } = gate;
  const reversed = Object.fromEntries(Object.entries(definition).reverse());
  expect(gateHash({ definition: reversed, stage, phase, id } as Gate)).toBe(gateHash(gate));
});

it("survives the way through the engine: JSON, and the schema that the policies read it with", () => {
  const optional = { ...soakGate("B2"), definition: { ...soakGate("B2").definition, remedy: undefined } };
  for (const one of [gate, soakGate("B2"), optional]) {
    const arrived = schema.parse(JSON.parse(JSON.stringify(one))) as Gate;
    expect(gateHash(arrived)).toBe(gateHash(one));
  }
});

test.each<[string, Gate]>([
  ["id", { ...gate, id: "A4" }],
  ["phase", { ...gate, phase: "exit" }],
  ["stage", { ...gate, stage: "stageB" }],
  ["query", sqlGate("A3", { ...gate.definition, query: "select 1" } as never)],
  ["bound", sqlGate("A3", { ...gate.definition, expect: { gt: 1, lt: 9 } } as never)],
  ["operator", sqlGate("A3", { ...gate.definition, expect: { gte: 0, lt: 9 } } as never)],
  ["order of values", sqlGate("A3", { ...gate.definition, values: [1, "ws-ops"] } as never)],
  ["type of a value", sqlGate("A3", { ...gate.definition, values: ["ws-ops", "1"] } as never)],
  ["timeout", sqlGate("A3", { ...gate.definition, timeout: "6s" } as never)],
  ["source", { ...gate, definition: soakGate("A3").definition }],
])("changes with the gate's %s", (_, other) => {
  expect(gateHash(other)).not.toBe(gateHash(gate));
});

test.each<[string, Partial<Gate>]>([
  ["how long a soak is", { soaks: ["1h"] }],
  ["another soak beside the first", { soaks: ["24h", "1 business cycle"] }],
  ["the calendar", { calendar: { zone: "UTC", days: ["mon"], open: "09:00", close: "17:00" } }],
  ["the flags that servers must report", { flags: { READ: true } }],
  ["the alarms that must be quiet", { alarms: { XA1: "ops-view-stageA-XA1" } }],
  ["the snapshot that must exist", { snapshot: { id: "a", kind: "instance", of: "b" } }],
])("changes with %s", (_, spec) => {
  expect(gateHash(soakGate("B2", {}, spec))).not.toBe(gateHash(soakGate("B2")));
});
