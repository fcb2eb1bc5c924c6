import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  allOff,
  brokenRequirements,
  changes,
  direction,
  type FlagSpec,
  type FlagSpecs,
  type Flags,
  type FlagValue,
  farther,
  fits,
  isFlagValue,
  lowerTo,
  nearer,
  rank,
  requiredFlag,
  requiredValue,
  sameFlags,
  showChange,
  showFlags,
} from "../../../src/flags/flags";
import { brokenFlagsFor, flagSpecs, flagsFor } from "../../support/arbitrary";
import { booleanFlag, flags, opsFlags, percentageFlag, READ, statesFlag, WRITE } from "../../support/build";

/** Reads as the empty document does: a flag that is missing, or holds what it cannot hold, is off. */
function effective(specs: FlagSpecs, document: Flags, flag: string): FlagValue {
  const spec = specs[flag] as FlagSpec;
  const value = Object.hasOwn(document, flag) ? document[flag] : undefined;
  return fits(spec, value) ? value : spec.off;
}

/** The flags of the second rollout: v1 may only go once everyone is on v2. */
const pipeline: FlagSpecs = {
  V2_ROLLOUT_PERCENT: percentageFlag(),
  V1_DEPRECATED: booleanFlag({ requires: [{ flag: "V2_ROLLOUT_PERCENT", atLeast: 100 }] }),
  V1_REMOVED: booleanFlag({ requires: ["V1_DEPRECATED"] }),
};

function v2(percent: number, deprecated: boolean, removed: boolean): Flags {
  return { V2_ROLLOUT_PERCENT: percent, V1_DEPRECATED: deprecated, V1_REMOVED: removed };
}

/** Both its other states lie away from off. */
const MIDDLE = statesFlag({ off: "shadow" });

describe("what is nearer to off, and what is farther", () => {
  test.each<[FlagSpec, FlagValue, FlagValue, FlagValue, FlagValue]>([
    [statesFlag(), "off", "shadow", "off", "shadow"],
    [statesFlag(), "enforce", "shadow", "shadow", "enforce"],
    [statesFlag({ off: "enforce" }), "off", "shadow", "shadow", "off"],
    [MIDDLE, "shadow", "enforce", "shadow", "enforce"],
    // Neither side leads to the other. What has to stay is said second.
    [MIDDLE, "off", "enforce", "shadow", "enforce"],
    [MIDDLE, "enforce", "off", "shadow", "off"],
    [statesFlag(), "strict", "enforce", "off", "enforce"],
    [percentageFlag(), 0.5, 5, 0.5, 5],
    [percentageFlag({ off: 100 }), 99.9, 99.5, 99.9, 99.5],
    [booleanFlag(), true, false, false, true],
  ])("%o: %o and %o", (spec, a, b, near, far) => {
    expect(nearer(spec, a, b)).toBe(near);
    expect(farther(spec, a, b)).toBe(far);
  });
});

test.each<[unknown, boolean]>([
  [true, true],
  [0.5, true],
  ["shadow", true],
  ["read-only_2.b", true],
  ["a".repeat(32), true],
  ["a".repeat(33), false],
  ["true", false],
  ["null", false],
  ["2nd", false],
  ["two words", false],
  ["", false],
  [null, false],
  [{}, false],
])("%o is what some flag may have: %s", (value, expected) => {
  expect(isFlagValue(value)).toBe(expected);
});

describe("rank", () => {
  test.each<[string, FlagSpec, FlagValue, number]>([
    ["a boolean that is off", booleanFlag(), false, 0],
    ["a boolean that is on", booleanFlag(), true, 1],
    ["an inverted boolean at its off value", booleanFlag({ off: true }), true, 0],
    ["an inverted boolean that is on", booleanFlag({ off: true }), false, 1],
    ["a percentage at 0", percentageFlag(), 0, 0],
    ["a percentage at 37", percentageFlag(), 37, 37],
    ["a percentage at 100", percentageFlag(), 100, 100],
    ["an inverted percentage at 100", percentageFlag({ off: 100 }), 100, 0],
    ["an inverted percentage at 30", percentageFlag({ off: 100 }), 30, 70],
    ["an inverted percentage at 99.9", percentageFlag({ off: 100 }), 99.9, 0.1],
    ["half a percent", percentageFlag(), 0.5, 0.5],
    ["the state that is off", statesFlag(), "off", 0],
    ["the last state", statesFlag(), "enforce", 2],
    ["the first state, where off is the second", statesFlag({ off: "shadow" }), "off", 1],
    ["the last state, where off is the second", statesFlag({ off: "shadow" }), "enforce", 1],
    ["no state of its own", statesFlag(), "strict", Number.NaN],
  ])("of %s is its distance from off", (_, spec, value, expected) => {
    expect(rank(spec, value)).toBe(expected);
  });
});

describe("fits", () => {
  const boolean = booleanFlag();
  const percentage = percentageFlag();
  test.each<[FlagSpec, unknown, boolean]>([
    [boolean, true, true],
    [boolean, false, true],
    [boolean, 0, false],
    [boolean, 1, false],
    [boolean, "true", false],
    [boolean, null, false],
    [boolean, undefined, false],
    [percentage, 0, true],
    [percentage, 100, true],
    [percentage, 50, true],
    [percentage, 50.5, true],
    [percentage, 0.001, true],
    [percentage, 99.999, true],
    [percentage, 50.5555, false],
    [percentage, 0.0005, false],
    [percentage, -1, false],
    [percentage, 101, false],
    [percentage, Number.NaN, false],
    [percentage, Infinity, false],
    [percentage, "50", false],
    [percentage, true, false],
    [statesFlag(), "off", true],
    [statesFlag(), "enforce", true],
    [statesFlag(), "Enforce", false],
    [statesFlag(), "toString", false],
    [statesFlag(), false, false],
    [statesFlag(), 1, false],
  ])("%o takes %o: %s", (spec, value, expected) => {
    expect(fits(spec, value)).toBe(expected);
  });
});

describe("changes", () => {
  const percent: FlagSpecs = { V2: percentageFlag() };
  test.each<[string, FlagSpecs, Flags, Flags, string]>([
    ["no change", opsFlags, flags(true, false), flags(true, false), "none"],
    ["one flag on", opsFlags, flags(false, false), flags(true, false), "raise"],
    ["both on", opsFlags, flags(false, false), flags(true, true), "raise"],
    ["one flag off", opsFlags, flags(true, true), flags(true, false), "lower"],
    ["one on and one off", opsFlags, flags(false, true), flags(true, false), "mixed"],
    ["a missing flag that goes on", opsFlags, {}, flags(true, false), "raise"],
    ["a missing flag that stays off", opsFlags, {}, flags(false, false), "none"],
    ["a flag that the new document lacks", opsFlags, flags(true, false), {}, "lower"],
    ["a percentage up", percent, { V2: 10 }, { V2: 50 }, "raise"],
    ["a percentage down", percent, { V2: 50 }, { V2: 10 }, "lower"],
    [
      "an inverted flag off its off value",
      { X: booleanFlag({ off: true }) },
      { X: true },
      { X: false },
      "raise",
    ],
    ["an inverted percentage down", { X: percentageFlag({ off: 100 }) }, { X: 100 }, { X: 40 }, "raise"],
    // Someone wrote a number into a boolean flag: whatever that means, leaving it is not a lowering.
    [
      "a value that the flag cannot hold",
      opsFlags,
      { [READ]: 50, [WRITE]: false },
      flags(true, false),
      "raise",
    ],
    ["half a percent more", percent, { V2: 0.5 }, { V2: 1 }, "raise"],
    ["a state further on", { R: statesFlag() }, { R: "shadow" }, { R: "enforce" }, "raise"],
    ["a state back", { R: statesFlag() }, { R: "enforce" }, { R: "shadow" }, "lower"],
    ["from one side of off to the other", { R: MIDDLE }, { R: "off" }, { R: "enforce" }, "raise"],
    ["and back from there", { R: MIDDLE }, { R: "enforce" }, { R: "off" }, "raise"],
    ["from a side to off between them", { R: MIDDLE }, { R: "enforce" }, { R: "shadow" }, "lower"],
    ["an undeclared flag only", opsFlags, { other: true }, { other: false }, "none"],
  ])("%s", (_, specs, from, to, expected) => {
    expect(direction(changes(specs, from, to))).toBe(expected);
  });

  it("lists what differs in the order of declaration, with both values", () => {
    expect(changes(opsFlags, flags(false, false), flags(true, true))).toEqual([
      { flag: READ, from: false, to: true, direction: "raise" },
      { flag: WRITE, from: false, to: true, direction: "raise" },
    ]);
  });

  it("goes the other way when the documents are exchanged, but that both ways across off are up", () => {
    const opposite = { raise: "lower", lower: "raise", none: "none", mixed: "mixed" } as const;
    const isAcross = (spec: FlagSpec, a: FlagValue, b: FlagValue) =>
      a !== spec.off && b !== spec.off && nearer(spec, a, b) === spec.off;
    fc.assert(
      fc.property(
        flagSpecs.chain((specs) => fc.tuple(fc.constant(specs), flagsFor(specs), flagsFor(specs))),
        ([specs, a, b]) => {
          const across = ({ flag, from, to }: { flag: string; from: FlagValue; to: FlagValue }) =>
            isAcross(specs[flag] as FlagSpec, from, to);
          const [up, down] = [changes(specs, a, b), changes(specs, b, a)];
          expect(direction(down.filter((one) => !across(one)))).toBe(
            opposite[direction(up.filter((one) => !across(one)))],
          );
          for (const one of [...up, ...down]) if (across(one)) expect(one.direction).toBe("raise");
        },
      ),
    );
  });

  it("is empty exactly when every declared flag has the same value", () => {
    fc.assert(
      fc.property(
        flagSpecs.chain((specs) => fc.tuple(fc.constant(specs), flagsFor(specs), flagsFor(specs))),
        ([specs, a, b]) => {
          const same = Object.keys(specs).every((flag) => a[flag] === b[flag]);
          expect(sameFlags(specs, a, b)).toBe(same);
        },
      ),
    );
  });
});

describe("brokenRequirements", () => {
  const chain: FlagSpecs = {
    A: booleanFlag(),
    B: percentageFlag({ requires: ["A"] }),
    C: booleanFlag({ requires: ["A", "B"] }),
  };
  const needsAll = (now: string) =>
    `V1_DEPRECATED is on but requires V2_ROLLOUT_PERCENT at 100 %, which is at ${now}`;
  test.each<[string, FlagSpecs, Flags, string[]]>([
    ["all off", opsFlags, flags(false, false), []],
    ["read alone", opsFlags, flags(true, false), []],
    ["both", opsFlags, flags(true, true), []],
    [
      "write without read",
      opsFlags,
      flags(false, true),
      [`${WRITE} is on but requires ${READ}, which is off`],
    ],
    [
      "write, with read left out",
      opsFlags,
      { [WRITE]: true },
      [`${WRITE} is on but requires ${READ}, which is off`],
    ],
    [
      "a percentage of 1 % counts as on",
      chain,
      { A: false, B: 1, C: false },
      ["B is on but requires A, which is off"],
    ],
    [
      "a required percentage at 0 % is off",
      chain,
      { A: true, B: 0, C: true },
      ["C is on but requires B, which is off"],
    ],
    [
      "several at once",
      chain,
      { A: false, B: 0, C: true },
      ["C is on but requires A, which is off", "C is on but requires B, which is off"],
    ],
    [
      "a requirement that nobody declared",
      { A: booleanFlag({ requires: ["toString"] }) },
      { A: true },
      ["A is on but requires toString, which is off"],
    ],
    ["v1 removed, deprecated, and all users on v2", pipeline, v2(100, true, true), []],
    ["v1 deprecated while half of the users are on v2", pipeline, v2(50, true, false), [needsAll("50 %")]],
    ["one user short", pipeline, v2(99, true, false), [needsAll("99 %")]],
    [
      "v1 removed while half of the users are on v2",
      pipeline,
      v2(50, false, true),
      ["V1_REMOVED is on but requires V1_DEPRECATED, which is off"],
    ],
    [
      "v1 deprecated, and nobody knows how many are on v2",
      pipeline,
      { V1_DEPRECATED: true },
      [needsAll("0 %")],
    ],
    [
      "a share of an inverted percentage",
      { OLD: percentageFlag({ off: 100 }), NEW: booleanFlag({ requires: [{ flag: "OLD", atLeast: 60 }] }) },
      { OLD: 41, NEW: true },
      ["NEW is on but requires OLD at 40 %, which is at 41 %"],
    ],
    [
      "a state that is not reached",
      { R: statesFlag(), BAN: booleanFlag({ requires: [{ flag: "R", atLeast: "enforce" }] }) },
      { R: "shadow", BAN: true },
      ["BAN is on but requires R at enforce, which is at shadow"],
    ],
    [
      "a state beyond the one that is required",
      { R: statesFlag(), BAN: booleanFlag({ requires: [{ flag: "R", atLeast: "shadow" }] }) },
      { R: "enforce", BAN: true },
      [],
    ],
    [
      "a state on the other side of off",
      { R: MIDDLE, BAN: booleanFlag({ requires: [{ flag: "R", atLeast: "off" }] }) },
      { R: "enforce", BAN: true },
      ["BAN is on but requires R at off, which is at enforce"],
    ],
    ["half a percent is on", chain, { A: true, B: 0.5, C: true }, []],
    [
      "a share of a flag that nobody declared",
      { A: booleanFlag({ requires: [{ flag: "toString", atLeast: 1 }] }) },
      { A: true },
      ["A is on but requires toString, which is off"],
    ],
  ])("%s", (_, specs, document, expected) => {
    expect(brokenRequirements(specs, document)).toEqual(expected);
  });
});

describe("lowerTo", () => {
  test.each<[string, Flags, Flags, Flags]>([
    ["write goes off, read stays", flags(true, true), flags(true, false), flags(true, false)],
    ["both go off", flags(true, true), flags(false, false), flags(false, false)],
    ["what is off already stays off", flags(false, false), flags(true, false), flags(false, false)],
    ["write goes with the read that it requires", flags(true, true), flags(false, true), flags(false, false)],
    [
      "a document that someone broke comes out sound",
      flags(false, true),
      flags(true, true),
      flags(false, false),
    ],
    ["an empty document is all off", {}, flags(true, true), flags(false, false)],
    ["a floor that lacks a flag means off", flags(true, true), {}, flags(false, false)],
    [
      "text is no flag value: off",
      { [READ]: "true" as never, [WRITE]: true },
      flags(true, true),
      flags(false, false),
    ],
  ])("%s", (_, live, floor, expected) => {
    expect(lowerTo(opsFlags, live, floor)).toEqual(expected);
  });

  it("keeps a flag only where the share that it requires is left", () => {
    const live = v2(100, true, true);
    expect(lowerTo(pipeline, live, v2(100, true, false))).toEqual(v2(100, true, false));
    expect(lowerTo(pipeline, live, v2(99, true, true))).toEqual(v2(99, false, false));
    expect(lowerTo(pipeline, live, v2(0, false, false))).toEqual(v2(0, false, false));
  });

  it("takes a floor that holds what the flag cannot hold for off", () => {
    const specs = { V2: percentageFlag() };
    for (const floor of [Number.NaN, Infinity, -1, 101, true, "50" as never])
      expect(lowerTo(specs, { V2: 50 }, { V2: floor })).toEqual({ V2: 0 });
  });

  const cases = flagSpecs.chain((specs) =>
    fc.record({
      specs: fc.constant(specs),
      live: fc.oneof(flagsFor(specs), brokenFlagsFor(specs)),
      floor: fc.oneof(flagsFor(specs), brokenFlagsFor(specs)),
      other: flagsFor(specs),
    }),
  );
  const law = (check: (one: { specs: FlagSpecs; live: Flags; floor: Flags; other: Flags }) => void) =>
    fc.assert(fc.property(cases, check), { numRuns: 250 });

  it("never raises a flag, whatever is live", () => {
    law(({ specs, live, floor }) => {
      const lowered = lowerTo(specs, live, floor);
      for (const [flag, spec] of Object.entries(specs))
        expect(rank(spec, lowered[flag] as FlagValue)).toBeLessThanOrEqual(
          rank(spec, effective(specs, live, flag)),
        );
    });
  });

  it("never leaves a flag above the floor", () => {
    law(({ specs, live, floor }) => {
      const lowered = lowerTo(specs, live, floor);
      for (const [flag, spec] of Object.entries(specs))
        expect(rank(spec, lowered[flag] as FlagValue)).toBeLessThanOrEqual(
          rank(spec, effective(specs, floor, flag)),
        );
    });
  });

  it("always gives a document that AppConfig accepts: whole, of the right types, requirements met", () => {
    law(({ specs, live, floor }) => {
      const lowered = lowerTo(specs, live, floor);
      expect(Object.keys(lowered).sort()).toEqual(Object.keys(specs).sort());
      for (const [flag, spec] of Object.entries(specs)) expect(fits(spec, lowered[flag])).toBe(true);
      expect(brokenRequirements(specs, lowered)).toEqual([]);
    });
  });

  it("changes nothing the second time", () => {
    law(({ specs, live, floor }) => {
      const once = lowerTo(specs, live, floor);
      expect(lowerTo(specs, once, floor)).toEqual(once);
    });
  });

  it("ends in the same place whichever of two floors comes first", () => {
    law(({ specs, live, floor, other }) => {
      expect(lowerTo(specs, lowerTo(specs, live, floor), other)).toEqual(
        lowerTo(specs, lowerTo(specs, live, other), floor),
      );
    });
  });

  it("leaves a sound document alone that is at or below the floor", () => {
    law(({ specs, other }) => {
      const sound = lowerTo(specs, other, other);
      expect(lowerTo(specs, sound, sound)).toEqual(sound);
      expect(lowerTo(specs, sound, other)).toEqual(sound);
    });
  });

  it("turns off no more than the floor and the requirements ask for", () => {
    law(({ specs, other, floor }) => {
      const lowered = lowerTo(specs, other, floor);
      for (const [flag, spec] of Object.entries(specs)) {
        const least = nearer(spec, effective(specs, other, flag), effective(specs, floor, flag));
        const unmet = spec.requires.some((needed) => {
          const required = specs[requiredFlag(needed)] as FlagSpec;
          const now = lowered[requiredFlag(needed)] as FlagValue;
          const wanted = requiredValue(required, needed);
          return (
            rank(required, now) === 0 || (wanted !== undefined && nearer(required, wanted, now) !== wanted)
          );
        });
        // A zero below nothing is a zero.
        expect(lowered[flag] === (unmet ? spec.off : least), flag).toBe(true);
      }
    });
  });

  it("goes to off from one side to a floor on the other", () => {
    expect(lowerTo({ R: MIDDLE }, { R: "enforce" }, { R: "off" })).toEqual({ R: "shadow" });
    expect(lowerTo({ R: MIDDLE }, { R: "enforce" }, { R: "enforce" })).toEqual({ R: "enforce" });
  });

  it("ends also where flags require each other in a circle", () => {
    const circle = { A: booleanFlag({ requires: ["B"] }), B: booleanFlag({ requires: ["A"] }) };
    expect(lowerTo(circle, { A: true, B: true }, { A: true, B: false })).toEqual({ A: false, B: false });
    expect(lowerTo(circle, { A: true, B: true }, { A: true, B: true })).toEqual({ A: true, B: true });
  });
});

test("allOff holds every declared flag at its own off value", () => {
  const specs = {
    A: booleanFlag(),
    B: booleanFlag({ off: true }),
    C: percentageFlag(),
    D: percentageFlag({ off: 100 }),
  };
  expect(allOff(specs)).toEqual({ A: false, B: true, C: 0, D: 100 });
});

test("flags and changes read as a person writes them", () => {
  expect(showFlags({ READ: true, V2: 10 })).toBe("READ true, V2 10 %");
  expect(showFlags({ R: "shadow", V2: 0.5 })).toBe("R shadow, V2 0.5 %");
  expect(showChange({ flag: "V2", from: 0, to: 10, direction: "raise" })).toBe("V2: 0 → 10");
  expect(showChange({ flag: "R", from: "off", to: "shadow", direction: "raise" })).toBe("R: off → shadow");
});
