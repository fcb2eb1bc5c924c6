import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  documentSchema,
  doorsOfSchema,
  drillDocument,
  flagDocument,
  parseDocument,
} from "../../../src/flags/document";
import { type Door, doorsBehind, furthest, keptAbove, keptFlags, keptWords } from "../../../src/flags/doors";
import { changes, type FlagSpecs, type Flags, lowerTo } from "../../../src/flags/flags";

const specs: FlagSpecs = {
  PERCENT: { kind: "percentage", off: 0, requires: [], writes: false },
  DEPRECATED: {
    kind: "boolean",
    off: false,
    requires: [{ flag: "PERCENT", atLeast: 100 }],
    writes: false,
  },
  REMOVED: { kind: "boolean", off: false, requires: ["DEPRECATED"], writes: false },
  BANNER: { kind: "boolean", off: false, requires: [], writes: false },
};
const OFF: Flags = { PERCENT: 0, DEPRECATED: false, REMOVED: false, BANNER: false };
const GONE: Flags = { PERCENT: 100, DEPRECATED: true, REMOVED: true, BANNER: true };

const FLOOR: Flags = { ...GONE, BANNER: false };
const DOOR: Door = { stage: "remove-v1", because: "v1 is gone", floor: FLOOR, flags: FLOOR };
const kept = (...served: (Flags | undefined)[]) => {
  const documents = served.map((flags) => flags && { flags, doors: [] });
  return keptFlags(specs, doorsBehind(specs, [DOOR], documents), documents);
};

describe("a door", () => {
  test.each<[string, (Flags | undefined)[], Flags]>([
    ["keeps its floor once its flags are served, and nothing else", [GONE], FLOOR],
    ["keeps nothing before", [{ ...GONE, REMOVED: false }], OFF],
    ["keeps nothing while only some servers have it", [GONE, { ...GONE, REMOVED: false }], OFF],
    ["keeps nothing where nothing is served", [], OFF],
    ["keeps nothing where a document cannot be read", [GONE, undefined], OFF],
    ["is not behind a document that lacks its flags", [{ PERCENT: 100 }], OFF],
  ])("%s", (_, served, expected) => {
    expect(kept(...served)).toEqual(expected);
  });

  it.each<[string, Partial<Door>, string[], number]>([
    ["by its name", {}, ["remove-v1"], 1],
    ["by a former name of its stage", { formerly: ["drop-v1"] }, ["drop-v1"], 1],
    ["not by another's", {}, ["remove-v0"], 0],
  ])("is known to be behind a document %s, whatever its flags", (_, changed, doors, count) => {
    const low = { ...OFF, PERCENT: 100 };
    const behind = doorsBehind(specs, [{ ...DOOR, ...changed }], [{ flags: low, doors }]);
    expect(behind).toHaveLength(count);
    // Nothing that is kept is above what servers have.
    expect(keptFlags(specs, behind, [{ flags: low, doors }])).toEqual(count === 1 ? low : OFF);
  });

  it("of several, the highest floor of each flag stays", () => {
    const first: Door = { ...DOOR, stage: "first", floor: { ...OFF, BANNER: true }, flags: GONE };
    const served = [{ flags: GONE, doors: [] }];
    expect(keptFlags(specs, doorsBehind(specs, [first, DOOR], served), served)).toEqual(GONE);
  });

  it("says what stays and why, where the floor is further down", () => {
    const words =
      "there is no way back from remove-v1 (v1 is gone): PERCENT 100 %, DEPRECATED true, REMOVED true stay";
    expect(keptWords(specs, { behind: [DOOR], kept: FLOOR })).toBe(words);
    expect(keptAbove(specs, { behind: [DOOR], kept: FLOOR }, OFF, GONE)).toBe(words);
    expect(keptAbove(specs, { behind: [DOOR], kept: FLOOR }, GONE, GONE)).toBeUndefined();
    expect(keptWords(specs, { behind: [], kept: OFF })).toBeUndefined();
  });

  it("is known to break-glass by the store's own schema, and to nobody by another", () => {
    expect(doorsOfSchema(documentSchema(specs, [DOOR]))).toEqual([DOOR]);
    for (const other of [documentSchema(specs), undefined, "no JSON", '{"description":"No way back: ["}'])
      expect(doorsOfSchema(other)).toEqual([]);
  });

  it("is carried by the document, also by that of a drill", () => {
    const text = flagDocument(GONE, ["remove-v1"]);
    for (const document of [text, drillDocument(text, "token")])
      expect(parseDocument(specs, document)).toMatchObject({
        flags: GONE,
        undeclared: [],
        doors: ["remove-v1"],
      });
    expect(parseDocument(specs, flagDocument(GONE))).toMatchObject({ doors: [] });
    expect(parseDocument(specs, '{"_cutover":{"doors":"x"}}')).toMatchObject({ doors: [] });
  });
});

const anySpecs = fc
  .array(
    fc.record({
      kind: fc.constantFrom<"boolean" | "percentage">("boolean", "percentage"),
      inverted: fc.boolean(),
      requires: fc.nat(5),
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map(
    (list): FlagSpecs =>
      Object.fromEntries(
        list.map(({ kind, inverted, requires }, index) => [
          `F${index}`,
          {
            kind,
            off: kind === "boolean" ? inverted : inverted ? 100 : 0,
            // Of an earlier one only: nothing requires itself.
            requires: requires < index ? [`F${requires}`] : [],
            writes: false,
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
const sound = (list: FlagSpecs, flags: Flags) => lowerTo(list, flags, flags);
const given = anySpecs.chain((list) =>
  fc.tuple(
    fc.constant(list),
    fc.array(flagsOf(list), { minLength: 1, maxLength: 3 }),
    fc.array(fc.tuple(flagsOf(list), flagsOf(list)), { minLength: 1, maxLength: 2 }),
    flagsOf(list),
  ),
);
const raises = (list: FlagSpecs, from: Flags, to: Flags) =>
  changes(list, from, to).filter(({ direction }) => direction === "raise");
const behindAll = (list: FlagSpecs, doors: readonly (readonly [Flags, Flags])[]) =>
  doors.map(([floor, flags], index): Door => {
    const own = sound(list, flags);
    return { stage: `s${index}`, because: "gone", flags: own, floor: lowerTo(list, sound(list, floor), own) };
  });

test("whatever is served, what is kept raises nothing for any server", () => {
  fc.assert(
    fc.property(given, ([list, served, doors]) => {
      const documents = served.map((flags) => ({ flags, doors: ["s0", "s1"] }));
      const kept = keptFlags(list, behindAll(list, doors), documents);
      for (const flags of served) expect(raises(list, flags, kept)).toEqual([]);
      expect(sound(list, kept)).toEqual(kept);
    }),
  );
});

test("a floor that is bound is at most further up by what is kept, and never leads below a door's", () => {
  fc.assert(
    fc.property(given, ([list, served, doors, floor]) => {
      const live = sound(list, served[0] ?? {});
      const behind = behindAll(list, doors);
      const kept = keptFlags(list, behind, [{ flags: live, doors: [] }]);
      const to = lowerTo(list, live, furthest(list, floor, kept));
      expect(raises(list, live, to)).toEqual([]);
      expect(raises(list, to, kept)).toEqual([]);
    }),
  );
});
