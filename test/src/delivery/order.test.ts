import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { before, circleIn, circleInStep, inOrder } from "../../../src/delivery/order";
import { brokenRequirements, changes, type FlagSpecs, type Flags, lowerTo } from "../../../src/flags/flags";

const flag = (...requires: string[]) => ({ kind: "boolean" as const, off: false, requires, writes: false });
const SPECS: FlagSpecs = { READ: flag(), WRITE: flag("READ"), SHARE: flag("WRITE") };
const OFF = { READ: false, WRITE: false, SHARE: false };
const ON = { READ: true, WRITE: true, SHARE: true };

describe("what a platform is given one by one", () => {
  it.each([
    ["goes up with what others require first", OFF, ON, ["READ", "WRITE", "SHARE"]],
    ["comes down with what depends on others first", ON, OFF, ["SHARE", "WRITE", "READ"]],
    ["is what differs alone", { ...OFF, READ: true }, { ...ON, SHARE: false }, ["WRITE"]],
  ])("%s", (_, from, to, order) => {
    expect(inOrder(SPECS, changes(SPECS, from, to))).toEqual(order);
  });

  test("is sound after each one, whatever requires what", () => {
    const names = ["A", "B", "C", "D", "E"];
    const specs = fc
      .tuple(...names.map((_, at) => fc.subarray(names.slice(0, at))))
      .map(
        (requires): FlagSpecs =>
          Object.fromEntries(names.map((name, at) => [name, flag(...(requires[at] ?? []))])),
      );
    const flags = fc.record(Object.fromEntries(names.map((name) => [name, fc.boolean()])));
    fc.assert(
      fc.property(specs, flags, flags, (list, one, other) => {
        const sound = (some: Flags) => lowerTo(list, some, some);
        const [from, to] = [sound(one), sound(other)];
        let now: Flags = from;
        for (const next of inOrder(list, changes(list, from, to))) {
          now = { ...now, [next]: to[next] as boolean };
          expect(brokenRequirements(list, now)).toEqual([]);
        }
        expect(now).toEqual(to);
      }),
    );
  });
});

describe("a delivery waits", () => {
  const carried = { reader: ["READ"], writer: ["WRITE"], both: ["READ", "WRITE"] };
  const up = changes(SPECS, OFF, { ...ON, SHARE: false });
  const down = changes(SPECS, { ...ON, SHARE: false }, OFF);
  it.each([
    ["for those that carry what its flag requires", "writer", up, ["reader", "both"]],
    ["for none where it carries that, too", "both", up, []],
    ["on the way down for those that carry what depends on its flag", "reader", down, ["writer", "both"]],
    ["on the way down for none where nothing requires its flag", "writer", down, []],
    [
      "on the way down, where it carries both, for those that carry what depends on it alone",
      "both",
      down,
      ["writer"],
    ],
  ])("%s", (_, name, change, first) => {
    const own = carried[name as keyof typeof carried];
    expect(
      before(
        SPECS,
        carried,
        name,
        change.filter((one) => own.includes(one.flag)),
      ),
    ).toEqual(first);
  });
});

describe("deliveries in a circle", () => {
  const specs = { ...SPECS, A: flag(), B: flag("A"), C: flag(), D: flag("C") };
  it.each([
    ["are found", { one: ["A", "D"], other: ["B", "C"] }, ["one", "other"]],
    [
      "are none where each carries what it needs",
      { one: ["A", "B", "D", "C"], other: ["A", "B"] },
      undefined,
    ],
    [
      "are found on the way down, too",
      { one: ["READ", "SHARE"], other: ["READ", "WRITE"] },
      ["one", "other"],
    ],
    ["are none in one direction", { one: ["A", "C"], other: ["B", "D"] }, undefined],
  ])("%s", (_, carried, circle) => {
    expect(circleIn(specs, carried)).toEqual(circle);
  });

  it("are found in a step that goes both ways, where neither way has one", () => {
    const change = (flag: string, direction: "raise" | "lower") => ({
      flag,
      from: direction === "lower",
      to: direction === "raise",
      direction,
    });
    const carried = { one: ["A", "C"], other: ["B", "D"] };
    const [up, down] = [[change("B", "raise")], [change("C", "lower"), change("D", "lower")]];
    expect(circleInStep(specs, carried, [...up, ...down])).toEqual(["one", "other"]);
    for (const alone of [up, down]) expect(circleInStep(specs, carried, alone)).toBeUndefined();
  });
});
