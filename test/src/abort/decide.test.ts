import { describe, expect, test } from "vitest";
import { decide, isAbove } from "../../../src/abort/decide";
import { parseDocument } from "../../../src/flags/document";
import type { FlagSpecs, Flags } from "../../../src/flags/flags";

const specs: FlagSpecs = {
  READ: { kind: "boolean", off: false, requires: [], writes: false },
  WRITE: { kind: "boolean", off: false, requires: ["READ"], writes: true },
  SHARE: { kind: "percentage", off: 0, requires: [], writes: false },
};
const flags = (READ: boolean, WRITE: boolean, SHARE = 0): Flags => ({ READ, WRITE, SHARE });
const served = (...documents: (Flags | string)[]) =>
  documents.map((one) => parseDocument(specs, typeof one === "string" ? one : JSON.stringify(one)));
const decided = (floor: Flags, ...documents: (Flags | string)[]) =>
  decide({ specs, floor, served: served(...documents) });

describe("an abort of stage B", () => {
  const floor = flags(true, false);

  test("turns off what stands above the floor, and leaves the rest", () => {
    expect(decided(floor, flags(true, true))).toEqual({
      kind: "deploy",
      before: flags(true, true),
      flags: flags(true, false),
      changes: [{ flag: "WRITE", from: true, to: false, direction: "lower" }],
      why: "flags are above the floor",
    });
  });

  test("does nothing when only the baseline is live: the floor is no target", () => {
    expect(decided(floor, flags(false, false))).toMatchObject({
      kind: "nothing",
      before: flags(false, false),
    });
  });

  test("does nothing at the floor, nor before the first deployment", () => {
    expect(decided(floor, floor).kind).toBe("nothing");
    expect(decided(floor)).toEqual({
      kind: "nothing",
      before: undefined,
      why: "no flags were ever deployed",
    });
  });

  test("covers the document that a deployment under way is bringing", () => {
    expect(decided(floor, flags(true, false), flags(true, true))).toMatchObject({
      flags: flags(true, false),
    });
  });

  test("covers the document that a deployment under way is taking away", () => {
    expect(decided(floor, flags(true, true), flags(false, false))).toMatchObject({
      before: flags(true, true),
      flags: flags(false, false),
    });
  });

  test("leaves two documents alone that are both at or below the floor", () => {
    expect(decided(floor, flags(true, false), flags(false, false)).kind).toBe("nothing");
  });

  test("mends write without read, also where no flag is above the floor", () => {
    expect(decided(flags(true, true), flags(false, true))).toMatchObject({
      kind: "deploy",
      flags: flags(false, false),
    });
  });
});

test.each(["", "{", "[]", "null", '{"READ":"yes"}', '{"SHARE":1.2345}', '{"SHARE":101}'])(
  "everything goes off where the live document is %j: nothing else surely raises nothing",
  (text) => {
    expect(decided(flags(true, false), text)).toMatchObject({
      kind: "deploy",
      before: undefined,
      flags: flags(false, false),
      changes: [],
    });
  },
);

test("a document that cannot be read outweighs one that can", () => {
  expect(decided(flags(true, false), flags(true, true), "{")).toMatchObject({
    before: flags(true, true),
    flags: flags(false, false),
  });
});

test("a flag that is off at true goes to true", () => {
  const inverted: FlagSpecs = { OLD: { kind: "boolean", off: true, requires: [], writes: false } };
  expect(isAbove(inverted, { OLD: false }, { OLD: true })).toBe(true);
  expect(isAbove(inverted, { OLD: true }, { OLD: false })).toBe(false);
  const document = parseDocument(inverted, '{"OLD":false}');
  expect(decide({ specs: inverted, floor: { OLD: true }, served: [document] })).toMatchObject({
    flags: { OLD: true },
  });
});
