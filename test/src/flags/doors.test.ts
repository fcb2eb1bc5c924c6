import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  documentSchema,
  doorsOfSchema,
  drillDocument,
  flagDocument,
  marksIn,
  parseDocument,
} from "../../../src/flags/document";
import {
  boundBy,
  boundOf,
  type Door,
  furthest,
  keptAbove,
  keptWords,
  type Marks,
} from "../../../src/flags/doors";
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
const MARKS: Marks = { "remove-v1": { floor: FLOOR, because: "v1 is gone" } };
const kept = (settled: Flags | undefined, ...others: (Flags | undefined)[]) =>
  boundBy(specs, [DOOR], { settled: { flags: settled, doors: {} }, all: [settled, ...others] }).kept;

describe("a door", () => {
  test.each<[string, Flags | undefined, (Flags | undefined)[], Flags]>([
    ["keeps its floor once its flags are served, and nothing else", GONE, [], FLOOR],
    ["keeps nothing before", { ...GONE, REMOVED: false }, [], OFF],
    ["keeps nothing while it is under way", { ...GONE, REMOVED: false }, [GONE], OFF],
    [
      "keeps no more than what any server is given once it is behind",
      GONE,
      [{ ...GONE, REMOVED: false }],
      { ...FLOOR, REMOVED: false },
    ],
    ["keeps its floor beside what nobody can read", GONE, [undefined], FLOOR],
    ["keeps nothing where nothing can be read", undefined, [], OFF],
    ["is not behind a document that lacks its flags", { PERCENT: 100 }, [], OFF],
  ])("%s", (_, settled, others, expected) => {
    expect(kept(settled, ...others)).toEqual(expected);
  });

  const contract: Door = {
    ...DOOR,
    floor: { PERCENT: 100 },
    flags: { ...OFF, PERCENT: 100 },
    contracts: ["BANNER"],
  };
  test.each<[string, Flags, Flags]>([
    ["what it takes down is up still", { ...OFF, PERCENT: 100, BANNER: true }, OFF],
    ["it is down", { ...OFF, PERCENT: 100 }, { ...OFF, PERCENT: 100 }],
    ["it is down, and more went up since", { ...GONE, BANNER: false }, { ...OFF, PERCENT: 100 }],
  ])("that contracts is behind a document where %s", (_, settled, expected) => {
    const given = { settled: { flags: settled, doors: {} }, all: [settled] };
    expect(boundBy(specs, [contract], given).kept).toEqual(expected);
    const [read] = doorsOfSchema(documentSchema(specs, [contract]));
    expect(read).toEqual(contract);
  });

  const low = { ...OFF, PERCENT: 100 };
  const LOW: Marks = { "remove-v1": { floor: low, because: "v1 is gone" } };
  it.each<[string, readonly Door[], Marks, Flags]>([
    ["a door that is known, by its name", [DOOR], MARKS, low],
    [
      "one by a former name of its stage",
      [{ ...DOOR, formerly: ["drop-v1"] }],
      { "drop-v1": MARKS["remove-v1"] as Marks[string] },
      low,
    ],
    ["one that nobody knows, by what the document says of it", [], LOW, low],
    ["one of which config says less, by the document", [{ ...DOOR, floor: OFF }], LOW, low],
    ["one of which config says more, by config", [DOOR], { "remove-v1": { ...DOOR, floor: OFF } }, low],
  ])("a document is behind %s, whatever its flags", (_, doors, marks, expected) => {
    // Nothing that is kept is above what servers have.
    const bound = boundOf(specs, doors, { flags: low, doors: marks });
    expect(bound.kept).toEqual(expected);
    expect(Object.keys(bound.behind)).toEqual(["remove-v1"]);
  });

  it("keeps the floor of a document of which nothing else can be read", () => {
    expect(boundOf(specs, [], { doors: MARKS }).kept).toEqual(FLOOR);
  });

  it("of several, the highest floor of each flag stays", () => {
    const first: Door = { ...DOOR, stage: "first", floor: { ...OFF, BANNER: true }, flags: GONE };
    expect(boundOf(specs, [first, DOOR], { flags: GONE, doors: {} }).kept).toEqual(GONE);
  });

  it("frozen, keeps the least that any server has, as a sound set of flags", () => {
    const all = [{ ...GONE, DEPRECATED: false }, GONE];
    const frozen = boundBy(specs, [DOOR], { settled: { flags: GONE, doors: {} }, all }, true);
    expect(frozen.kept).toEqual({ ...GONE, DEPRECATED: false, REMOVED: false });
  });

  it("says what stays and why, where the floor is further down", () => {
    const words =
      "there is no way back from remove-v1 (v1 is gone): PERCENT 100 %, DEPRECATED true, REMOVED true stay";
    expect(keptWords(specs, { behind: MARKS, kept: FLOOR })).toBe(words);
    expect(keptAbove(specs, { behind: MARKS, kept: FLOOR }, OFF, GONE)).toBe(words);
    expect(keptAbove(specs, { behind: MARKS, kept: FLOOR }, GONE, GONE)).toBeUndefined();
    expect(keptAbove(specs, { behind: MARKS, kept: FLOOR }, GONE, GONE, DOOR)).toBe(words);
    expect(keptAbove(specs, { behind: MARKS, kept: OFF }, GONE, OFF, DOOR)).toBeUndefined();
    expect(keptWords(specs, { behind: {}, kept: OFF })).toBeUndefined();
  });

  it("is known to break-glass by the store's own schema, and to nobody by another", () => {
    expect(doorsOfSchema(documentSchema(specs, [DOOR]))).toEqual([DOOR]);
    for (const other of [documentSchema(specs), undefined, "no JSON", '{"description":"No way back: ["}'])
      expect(doorsOfSchema(other)).toEqual([]);
    const strange = documentSchema(specs, [{ stage: "of a newer version" } as never, DOOR]);
    expect(doorsOfSchema(strange)).toEqual([DOOR]);
  });

  it("is carried by the document, also by that of a drill", () => {
    const text = flagDocument(GONE, MARKS);
    for (const document of [text, drillDocument(text, "token")])
      expect(parseDocument(specs, document)).toMatchObject({
        flags: GONE,
        undeclared: [],
        doors: MARKS,
      });
    for (const none of [flagDocument(GONE), '{"_cutover":{"doors":"x"}}', '{"_cutover":{"doors":["a"]}}'])
      expect(parseDocument(specs, none)).toMatchObject({ doors: {} });
    expect(marksIn('{"PERCENT":"all","_cutover":{"doors":{"a":{"floor":{},"because":"b"},"c":1}}}')).toEqual({
      a: { floor: {}, because: "b" },
    });
    for (const none of [undefined, "no JSON", "[]"]) expect(marksIn(none)).toBeUndefined();
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
    fc.property(given, fc.boolean(), ([list, served, doors], freeze) => {
      const known = behindAll(list, doors);
      const marks = Object.fromEntries(known.map(({ stage, ...door }) => [stage, door]));
      const settled = { flags: served[0], doors: marks };
      const { kept } = boundBy(list, known, { settled, all: served }, freeze);
      for (const flags of served) expect(raises(list, flags, kept)).toEqual([]);
      expect(sound(list, kept)).toEqual(kept);
    }),
  );
});

test("a floor that is bound is at most further up by what is kept, and never leads below a door's", () => {
  fc.assert(
    fc.property(given, ([list, served, doors, floor]) => {
      const live = sound(list, served[0] ?? {});
      const { kept } = boundOf(list, behindAll(list, doors), { flags: live, doors: {} });
      const to = lowerTo(list, live, furthest(list, floor, kept));
      expect(raises(list, live, to)).toEqual([]);
      expect(raises(list, to, kept)).toEqual([]);
    }),
  );
});
