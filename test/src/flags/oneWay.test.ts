import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { documentSchema } from "../../../src/flags/document";
import { changes, type FlagSpecs, type Flags, lowerTo } from "../../../src/flags/flags";
import { furthest, keptAbove, keptFlags, keptWords } from "../../../src/flags/oneWay";
import { specsOfSchema } from "../../../src/flags/specs";

const specs: FlagSpecs = {
  PERCENT: { kind: "percentage", off: 0, requires: [], writes: false },
  DEPRECATED: {
    kind: "boolean",
    off: false,
    requires: [{ flag: "PERCENT", atLeast: 100 }],
    writes: false,
  },
  REMOVED: { kind: "boolean", off: false, requires: ["DEPRECATED"], writes: false, oneWay: true },
  BANNER: { kind: "boolean", off: false, requires: [], writes: false },
};
const OFF: Flags = { PERCENT: 0, DEPRECATED: false, REMOVED: false, BANNER: false };
const GONE: Flags = { PERCENT: 100, DEPRECATED: true, REMOVED: true, BANNER: true };

describe("a one-way flag", () => {
  test.each<[string, (Flags | undefined)[], Flags]>([
    [
      "that is on keeps itself and all that it requires, and nothing else",
      [GONE],
      { ...GONE, BANNER: false },
    ],
    ["that is off keeps nothing", [{ ...GONE, REMOVED: false }], OFF],
    [
      "that only some servers have keeps nothing: what it takes away is there",
      [GONE, { ...GONE, REMOVED: false }],
      OFF,
    ],
    ["keeps nothing where nothing is served", [], OFF],
    ["keeps nothing where a document cannot be read", [GONE, undefined], OFF],
    ["of a document that lacks it is off", [{ PERCENT: 100 }], OFF],
    [
      "keeps the least that is served",
      [GONE, { ...GONE, PERCENT: 90 }],
      { PERCENT: 90, DEPRECATED: true, REMOVED: true, BANNER: false },
    ],
  ])("%s", (_, served, kept) => {
    expect(keptFlags(specs, served)).toEqual(kept);
  });

  it("says what stays and why, where the floor is further down", () => {
    const kept = keptFlags(specs, [GONE]);
    const words =
      "REMOVED is on and one-way, what it took away is gone: PERCENT 100 %, DEPRECATED true, REMOVED true stay";
    expect(keptWords(specs, kept)).toBe(words);
    expect(keptAbove(specs, kept, OFF, GONE)).toBe(words);
    expect(keptAbove(specs, kept, GONE, GONE)).toBeUndefined();
    expect(keptWords(specs, keptFlags(specs, [OFF]))).toBeUndefined();
  });

  it("is known to break-glass by the store's own schema", () => {
    expect(specsOfSchema(documentSchema(specs))).toEqual(specs);
  });
});

const anySpecs = fc
  .array(
    fc.record({
      kind: fc.constantFrom<"boolean" | "percentage">("boolean", "percentage"),
      inverted: fc.boolean(),
      oneWay: fc.boolean(),
      requires: fc.nat(5),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map(
    (list): FlagSpecs =>
      Object.fromEntries(
        list.map(({ kind, inverted, oneWay, requires }, index) => [
          `F${index}`,
          {
            kind,
            off: kind === "boolean" ? inverted : inverted ? 100 : 0,
            // Of an earlier one only: nothing requires itself.
            requires: requires < index ? [`F${requires}`] : [],
            writes: false,
            oneWay,
          },
        ]),
      ),
  );
const flagsOf = (list: FlagSpecs) =>
  fc.record(
    Object.fromEntries(
      Object.entries(list).map(([flag, { kind }]) => [
        flag,
        kind === "boolean" ? fc.boolean() : fc.integer({ min: 0, max: 100 }),
      ]),
    ),
  ) as fc.Arbitrary<Flags>;
const given = anySpecs.chain((list) =>
  fc.tuple(fc.constant(list), fc.array(flagsOf(list), { minLength: 1, maxLength: 3 }), flagsOf(list)),
);
const raises = (list: FlagSpecs, from: Flags, to: Flags) =>
  changes(list, from, to).filter(({ direction }) => direction === "raise");

test("whatever is served, what is kept raises nothing for any server", () => {
  fc.assert(
    fc.property(given, ([list, served]) => {
      const kept = keptFlags(list, served);
      for (const flags of served) expect(raises(list, flags, kept)).toEqual([]);
    }),
  );
});

test("a floor that is bound is at most further up by what is kept, and never leads off a one-way flag", () => {
  fc.assert(
    fc.property(given, ([list, served, floor]) => {
      const [live = {}] = served;
      const sound = lowerTo(list, live, live);
      const kept = keptFlags(list, [sound]);
      const to = lowerTo(list, sound, furthest(list, floor, kept));
      expect(raises(list, sound, to)).toEqual([]);
      expect(raises(list, to, kept)).toEqual([]);
    }),
  );
});
