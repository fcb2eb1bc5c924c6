import { describe, expect, it, test } from "vitest";
import { kindOf } from "../../../../src/gates/gate";
import { judge } from "../../../../src/gates/judge";
import { compareFields, type Orders } from "../../../../src/gates/strength";
import { gateOf, observe } from "../../../support/build";

const zone = { zone: "Europe/Berlin", days: ["mon" as const], open: "09:00", close: "17:30" };
const FREEZE = { from: "2026-12-18T12:00:00+01:00", until: "2027-01-04T08:00:00+01:00", reason: "Year end" };
const definition = {
  source: "calendar",
  windows: [{ days: ["mon", "fri"], from: "09:00", to: "12:00" }],
  freezes: [FREEZE],
} as const;
const gate = gateOf("W1", definition, { hours: zone });
const at = (now: string, measured = now, of = gate) =>
  judge(of, observe(of, { kind: "hour", now: measured }), {
    now: Date.parse(now),
    timeScale: 1_440,
    attempt: 1,
  });

// 2026-11-20 is a Friday.
test.each<[string, string, string, Partial<ReturnType<typeof at>>]>([
  [
    "holds within a window, whatever the pace of time",
    "2026-11-20T10:59:59.999Z",
    "2026-11-20T10:59:59.999Z",
    { outcome: "pass", observed: "2026-11-20 10:59:59Z is within them" },
  ],
  [
    "does not hold once the window is over, though it was open when it was measured",
    "2026-11-20T11:00:00Z",
    "2026-11-20T10:59:00Z",
    {
      outcome: "fail",
      observed: "2026-11-20 11:00:00Z is outside of its windows",
      earliest: "2026-11-23T08:00:00.000Z",
    },
  ],
  [
    "does not hold where it was measured before the window, though it has begun since",
    "2026-11-20T08:00:00Z",
    "2026-11-20T07:59:59Z",
    { outcome: "fail", earliest: "2026-11-20T08:00:00.000Z" },
  ],
  [
    "says which freeze it is in, and when it is over",
    "2026-12-21T09:00:00Z",
    "2026-12-21T09:00:00Z",
    {
      outcome: "fail",
      observed: "2026-12-21 09:00:00Z is in a freeze: Year end",
      remedy: "Wait until it is time",
      earliest: "2027-01-04T08:00:00.000Z",
    },
  ],
])("a gate on the calendar %s", (_, now, measured, verdict) => {
  expect(at(now, measured)).toMatchObject(verdict);
});

it("is inconclusive where nobody knows the time, or no time comes", () => {
  expect(at("soon", "2026-11-20T10:00:00Z")).toMatchObject({ outcome: "inconclusive" });
  const never = gateOf("W1", definition);
  expect(at("2026-11-20T10:00:00Z", undefined, never)).toMatchObject({
    outcome: "inconclusive",
    observed: expect.stringContaining("no time comes within a year"),
  });
});

it("says what it demands", () => {
  expect(at("2026-11-20T10:00:00Z").required).toBe(
    "mon, fri 09:00 to 12:00 in Europe/Berlin; not from 2026-12-18 11:00:00Z until 2027-01-04 07:00:00Z (Year end)",
  );
});

describe("what is asked less of counts as weaker", () => {
  const until = (until: string) => ({ ...FREEZE, until });
  const from = (from: string) => ({ ...FREEZE, from });
  const shifted = { ...from("2026-12-19T12:00:00+01:00"), until: "2027-01-05T08:00:00+01:00" };
  const window = (...days: string[]) => ({ windows: [{ days, from: "09:00", to: "12:00" }] });
  test.each<[string, object, string | undefined]>([
    ["nothing", {}, undefined],
    ["no windows", { windows: undefined }, "weaker"],
    ["other windows", window("mon"), "incomparable"],
    ["the same days in another order", window("fri", "mon"), undefined],
    ["one freeze more", { freezes: [FREEZE, shifted] }, "stronger"],
    ["no freezes", { freezes: undefined }, "weaker"],
    ["another freeze", { freezes: [shifted] }, "incomparable"],
    ["one that ends later", { freezes: [until("2027-01-05T08:00:00+01:00")] }, "stronger"],
    ["one that begins earlier", { freezes: [from("2026-12-18T11:59:59+01:00")] }, "stronger"],
    ["one that ends earlier", { freezes: [until("2027-01-04T07:59:59+01:00")] }, "weaker"],
    ["another reason", { freezes: [{ ...FREEZE, reason: "Stocktaking" }] }, undefined],
    ["the same moments elsewhere", { freezes: [from("2026-12-18T11:00:00Z")] }, undefined],
    [
      "the same in two parts",
      { freezes: [from("2026-12-24T00:00:00Z"), until("2026-12-24T00:00:00Z")] },
      undefined,
    ],
    [
      "two parts with a gap",
      { freezes: [from("2026-12-24T00:00:01Z"), until("2026-12-24T00:00:00Z")] },
      "weaker",
    ],
    ["what is no time", { freezes: [until("soon")] }, "incomparable"],
  ])("%s: %j", (_, change, strength) => {
    const now = { ...definition, ...change };
    const changes = compareFields(
      definition,
      now,
      kindOf(gate.definition).strength as Orders<object> as never,
    );
    expect(changes.map((one) => one.strength)).toEqual(strength === undefined ? [] : [strength]);
  });
});
