import { describe, expect, it } from "vitest";
import { freezes } from "../../../cli/rehearse/derived/levers/prove";
import { type Row, rowsOf } from "../../../cli/rehearse/derived/rehearsedRows";
import { atAnyHour } from "../../../cli/sandbox/anyHour";
import { gateDefinition } from "../../../src/gates/gate";
import { judge } from "../../../src/gates/judge";
import { gateOf, observe, rollout, stageB } from "../../support/build";

const definition = {
  source: "calendar",
  windows: [{ days: ["mon", "fri"], from: "09:00", to: "12:00" }],
  freezes: [{ from: "2026-12-18T12:00:00Z", until: "2027-01-04T08:00:00Z", reason: "Year end" }],
} as const;
/** How a gate comes out at a moment. */
const at = (now: string, gate: ReturnType<typeof gateOf>) =>
  judge(gate, observe(gate, { kind: "hour", now }), { now: Date.parse(now), timeScale: 1_440, attempt: 1 });

describe("a gate that goes by the hour, in a sandbox,", () => {
  const entry = { W1: gateDefinition.parse({ title: "It is time", ...definition }) };
  const of = rollout({ stages: [{ ...stageB, entry }] as never });
  const remembering = () => {
    const edits: [id: string, key: string, value: unknown][] = [];
    const editGate = async ({ id }: { id: string }, key: string, value: unknown) => {
      edits.push([id, key, value]);
      return `was ${key}`;
    };
    return { edits, project: { editGate } };
  };

  it("holds at any time, so that nobody waits for Monday", async () => {
    const { edits, project } = remembering();
    await atAnyHour(of, project);
    const any = Object.fromEntries(edits.map(([, key, value]) => [key, value]));
    expect(any).toMatchObject({ windows: undefined });
    const always = gateOf("W1", { source: "calendar", ...any });
    expect(at("2026-11-21T03:00:00Z", always).outcome).toBe("pass");
  });

  it("is seen to hold a promotion back by a freeze that has begun, and which is taken away again", async () => {
    const { edits, project } = remembering();
    const lever = freezes(of, project);
    const row = rowsOf(of).find(({ id }) => id === "W1") as Row;
    expect(lever.can(row)).toBe(true);
    await lever.pull(row);
    const [pulled] = edits.splice(0);
    expect(pulled?.slice(0, 2)).toEqual(["W1", "freezes"]);
    const frozen = gateOf("W1", { source: "calendar", freezes: pulled?.[2] as object[] });
    expect(at(new Date().toISOString(), frozen)).toMatchObject({ outcome: "fail" });
    await lever.release();
    expect(edits).toEqual([["W1", "freezes", "was freezes"]]);
  });
});
